"""What is known about one customer now, computed from the mirror."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from assist.models.mirror import Customer
from assist.services.desk import Desk
from assist.services.figures import Figures
from assist.services.views import Gate
from assist.store.customers import CaseRow, PurchaseRow, list_open_cases, list_purchases, list_wishes
from assist.store.people import list_customer_ids
from crm_adapters.fieldmap import CUSTOM
from crm_adapters.model import OrderStatus
from personas.calendar import Calendar, calendar_facts
from personas.cart import Cart
from personas.facts import FactSet
from personas.history import CustomerFacts, PurchaseFact, compute_facts
from personas.questions import read_answer

NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything the mirror holds on one person, read once per request."""

    customer: Customer
    customer_ids: list[int]
    """The same person in every connection, the customer asked for first."""
    purchases: list[PurchaseRow]
    cases: list[CaseRow]
    now: datetime
    offers: bool | None = None
    """What the person said about being offered things, in any connection; an objection in one counts."""
    settled: Sequence[CaseRow] = ()
    """Only looking back: cases closed by today, of which nobody knows whether they were open then."""


def open_dossier(session: Session, customer: Customer, now: datetime) -> Dossier:
    ids = list_customer_ids(session, customer.id) if customer.person_id else [customer.id]
    purchases, cases = list_purchases(session, ids), list_open_cases(session, ids)
    offers = list_wishes(session, ids) if len(ids) > 1 else [customer.offers]
    return Dossier(customer, ids, purchases, cases, now, offers=join_wishes(offers))


def join_wishes(offers: Iterable[bool | None]) -> bool | None:
    stated = [offer for offer in offers if offer is not None]
    return all(stated) if stated else None


def know(desk: Desk, dossier: Dossier, cart: Cart | None = None) -> FactSet:
    return derive(dossier, desk.figures.current(), cart)


def count_down(facts: FactSet, calendar: Calendar, dossier: Dossier) -> FactSet:
    """With how far off the days of a release's calendar are; none where it has no days."""
    if not calendar:
        return facts
    days = calendar_facts(calendar, dossier.now.date(), dossier.customer.country)
    return facts | FactSet(dict(days))


def derive(dossier: Dossier, figures: Figures, cart: Cart | None = None) -> FactSet:
    customer = dossier.customer
    observed = _observe(dossier, figures, cart)
    return read_answers(customer.answers) | observed if customer.answers else observed


def read_answers(answers: Mapping[str, Any]) -> FactSet:
    """What the customer said; what we see ourselves goes before it."""
    said = {fact: read_answer(fact, str(one.get("value", ""))) for fact, one in answers.items()}
    return FactSet({fact: value for fact, value in said.items() if value is not None})


def _observe(dossier: Dossier, figures: Figures, cart: Cart | None) -> FactSet:
    customer = dossier.customer
    visible = customer.connection_id in figures.with_cases
    lost = figures.lost.get(customer.connection_id, NOTHING)
    return compute_facts(
        [_purchase(row) for row in dossier.purchases],
        CustomerFacts(
            country=None if "customer.country" in lost else customer.country,
            language=None if "customer.language" in lost else customer.language,
            register=None if "customer.register" in lost else customer.register,
            company=None if "customer.company" in lost else customer.company,
            open_complaint=_has_complaint(dossier, visible=visible),
            open_cases=len(dossier.cases) if visible and not dossier.settled else None,
            offers=dossier.offers,
            cart=cart,
            crm=_still_there(customer.custom, lost) if lost else customer.custom,
        ),
        dossier.now,
        breaks=figures.breaks,
        categories=figures.categories,
    )


def _still_there(custom: Mapping[str, Any], lost: Collection[str]) -> dict[str, Any]:
    return {name: value for name, value in custom.items() if f"customer.{CUSTOM}{name}" not in lost}


def _has_complaint(dossier: Dossier, *, visible: bool) -> bool | None:
    """None where the customer's CRM shows no cases: none seen is not none open."""
    if any(case.complaint for case in dossier.cases):
        return True
    return False if visible and not any(case.complaint for case in dossier.settled) else None


def find_gate(dossier: Dossier) -> Gate | None:
    """Why nothing is sold now: trouble that should be helped with first."""
    complaints = [case for case in dossier.cases if case.complaint]
    if complaints:
        days = (dossier.now - complaints[0].opened_at).days
        return Gate("open_complaint", complaints[0].subject, max(days, 0))
    late = find_late_order(dossier.purchases, dossier.now)
    if late and late.promised_at:
        return Gate("late_order", late.number, (dossier.now - late.promised_at).days)
    return None


def find_late_order(purchases: Sequence[PurchaseRow], now: datetime) -> PurchaseRow | None:
    return next((row for row in purchases if is_late(row, now)), None)


def is_late(row: PurchaseRow, now: datetime) -> bool:
    """Open, undelivered, and a whole day past what was promised."""
    if row.status != OrderStatus.OPEN or row.promised_at is None or row.delivered_at:
        return False
    return (now - row.promised_at).days >= 1


def _purchase(row: PurchaseRow) -> PurchaseFact:
    return PurchaseFact(
        sku=row.sku,
        order_ref=str(row.order_id),
        at=row.placed_at,
        status=row.status,
        quantity=row.quantity,
        amount=None if row.unit_price is None else row.unit_price * row.quantity,
        currency=row.currency,
        category=row.category,
        family=row.family,
        tier=row.tier,
        promised_at=row.promised_at,
        delivered_at=row.delivered_at,
    )
