"""Finds the customer of a conversation in the mirror and says who they are."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from assist.models.mirror import Customer
from assist.services import masks
from assist.services.card import Choosing, make_card
from assist.services.desk import Desk
from assist.services.facts import Dossier, open_dossier
from assist.services.views import Card, CustomerChoice
from assist.store import customers as store
from assist.store.persona_choices import find_choice
from assist.store.records import LARGEST_WHOLE, clean
from crm_adapters import phones


@dataclass(frozen=True, slots=True)
class LookUp:
    """What a chat tool or an agent knows about the customer; the surest key that finds somebody wins."""

    email: str | None = None
    phone: str | None = None
    ref: str | None = None
    """The customer's id in a CRM."""
    customer_id: int | None = None
    """Of the mirror: picked from an ambiguous answer, or shown before."""
    language: str = "en"
    """Of the agent who reads the answer."""
    context: str = ""
    """The conversation, for what the agent has said in it; the page's key, which ends in | before it names the
    customer. Empty outside of any."""
    agent_id: int = 0


@dataclass(frozen=True, slots=True)
class _Found:
    matched_on: str
    key: str
    customers: list[Customer]


def look_up(desk: Desk, session: Session, request: LookUp) -> Card:
    """Several customers with the key are all returned for a person to choose from, never merged."""
    if not (request.email or request.phone or request.ref or request.customer_id):
        return Card(state="no_key")
    found = _find(desk, session, request)
    if not found.customers:
        return Card(state="unknown")
    people = _one_each(found.customers)
    if len(people) > 1:
        return Card(state="ambiguous", choices=_choices(session, found, people))
    dossier = open_dossier(session, people[0], desk.clock.now())
    choosing = _choosing(session, request, dossier) if request.context else None
    return make_card(
        desk, session, dossier, matched_on=found.matched_on, language=request.language, choosing=choosing
    )


def _choosing(session: Session, request: LookUp, dossier: Dossier) -> Choosing:
    named = (
        request.context if not request.context.endswith("|") else f"{request.context}{dossier.customer.id}"
    )
    last = find_choice(session, dossier.customer_ids, agent_id=request.agent_id, context=named)
    return Choosing(last if last and last.holds else None)


def _find(desk: Desk, session: Session, request: LookUp) -> _Found:
    if request.customer_id:
        possible = request.customer_id <= LARGEST_WHOLE
        customer = store.find_customer(session, request.customer_id) if possible else None
        return _Found("picked", "", [customer] if customer else [])
    for found in _tries(desk, session, request):
        if found.customers:
            return found
    return _Found("", "", [])


def _tries(desk: Desk, session: Session, request: LookUp) -> Sequence[_Found]:
    tries = []
    if request.ref:
        ref = clean(request.ref).strip()
        tries.append(_Found("ref", ref, store.find_customers_by_ref(session, ref)))
    if request.email:
        email = clean(request.email).strip().lower()
        tries.append(_Found("email", email, store.find_customers(session, "email", email)))
    number = phones.e164(request.phone, country=desk.config.default_country) if request.phone else None
    if number:
        key = phones.match_key(number)
        tries.append(_Found("phone", key, store.find_customers(session, "phone", key)))
    return tries


def _one_each(customers: Sequence[Customer]) -> list[Customer]:
    """One customer per person: the same person in two connections is no question."""
    people: dict[tuple[str, int], Customer] = {}
    for customer in customers:
        who = ("customer", customer.id) if customer.person_id is None else ("person", customer.person_id)
        people.setdefault(who, customer)
    return list(people.values())


def _choices(session: Session, found: _Found, people: Sequence[Customer]) -> tuple[CustomerChoice, ...]:
    ids = [customer.id for customer in people]
    last = store.find_last_orders(session, ids)
    names = store.list_connection_names(session, ids)
    return tuple(
        CustomerChoice(
            id=customer.id,
            name=customer.name,
            company=customer.company,
            country=customer.country,
            connection=names[customer.id],
            last_order_at=last.get(customer.id),
            masked_key=masks.mask(found.key),
        )
        for customer in people
    )
