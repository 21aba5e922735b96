"""What is known about every customer, in one run and a bounded part of memory: now, or as it was at a past moment.

Looking back, orders count that had been placed by then, deliveries that had been made, cases that had been opened, and
fifths are those among the customers of then. What a record says, it says as of today, because the mirror keeps no older
state of it: country, language, form of address, company, consents, fields of the CRM, the status of an order (one
called off or refunded later is left out as if it always had been), and what a product is.
See `personas.fact.Source.rewinds`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from sqlalchemy.orm import Session

from assist.models.mirror import Customer
from assist.services import figures
from assist.services.desk import Desk
from assist.services.facts import Dossier, derive, join_wishes
from assist.store.customers import LONGEST_HISTORY, CaseRow, PurchaseRow
from assist.store.histories import Sibling, list_cases, list_histories, list_siblings, stream_customers
from personas.facts import FactSet


class Known(NamedTuple):
    """One customer; a person who is several customers comes several times."""

    dossier: Dossier
    """As it was at the moment asked about; its customer's record is always today's."""
    person: int
    """The same for all customers of one person."""
    is_first: bool
    """Of the person's customers: for counting persons."""
    facts: FactSet


def all_facts(desk: Desk, session: Session, now: datetime, *, every: int = 1) -> Iterator[Known]:
    """What `know` says of each, in the order of their ids; `every`: of a sample, by that step."""
    measured = desk.figures.current()
    for dossier in _dossiers(session, now, every=every):
        yield _known(dossier, measured)


def past_facts(desk: Desk, session: Session, then: datetime, *, every: int = 1) -> Iterator[Known]:
    """Of everybody who is a customer today: many may not have been one then."""
    breaks = figures.compute_breaks(session, then, placed_by=then)
    measured = replace(desk.figures.current(), breaks=breaks)
    for dossier in _dossiers(session, then, past=True, every=every):
        yield _known(dossier, measured)


def _known(dossier: Dossier, measured: figures.Figures) -> Known:
    is_first = dossier.customer.id == min(dossier.customer_ids)
    return Known(dossier, _person_key(dossier.customer), is_first, derive(dossier, measured))


def _person_key(customer: Customer) -> int:
    """As `list_buyers` and `stream_sold_lines` have it."""
    return -customer.person_id if customer.person_id else customer.id


@dataclass(frozen=True, slots=True)
class _Chunk:
    """The records of some customers, and of whoever else is one person with one of them."""

    siblings: Mapping[int, Sequence[Sibling]]
    histories: Mapping[int | None, Sequence[PurchaseRow]]
    cases: Mapping[int | None, Sequence[tuple[bool, CaseRow]]]


def _dossiers(session: Session, now: datetime, *, past: bool = False, every: int = 1) -> Iterator[Dossier]:
    for customers in stream_customers(session, every=every):
        chunk = _read(session, customers, now if past else None)
        for customer in customers:
            yield _dossier(customer, chunk, now)


def _read(session: Session, customers: Sequence[Customer], until: datetime | None) -> _Chunk:
    siblings = list_siblings(session, customers)
    lowest, highest = customers[0].id, customers[-1].id
    others = {one.id for one in chain.from_iterable(siblings.values()) if not lowest <= one.id <= highest}
    histories = list_histories(session, customers, others, placed_by=until)
    if until:
        histories = {customer: _rewind(rows, until) for customer, rows in histories.items()}
    return _Chunk(siblings, histories, list_cases(session, customers, others, opened_by=until))


def _rewind(rows: Iterable[PurchaseRow], then: datetime) -> list[PurchaseRow]:
    return [
        row._replace(delivered_at=None) if row.delivered_at and row.delivered_at > then else row
        for row in rows
    ]


def _dossier(customer: Customer, chunk: _Chunk, now: datetime) -> Dossier:
    siblings = chunk.siblings.get(customer.person_id or 0, ())
    ids = [one.id for one in siblings] or [customer.id]
    cases = _join_cases(chunk.cases.get(one, ()) for one in ids)
    return Dossier(
        customer,
        ids,
        _join_purchases([chunk.histories.get(one, ()) for one in ids]),
        [case for is_open, case in cases if is_open],
        now,
        offers=join_wishes(one.offers for one in siblings) if siblings else customer.offers,
        settled=[case for is_open, case in cases if not is_open],
    )


def _join_purchases(histories: Sequence[Sequence[PurchaseRow]]) -> list[PurchaseRow]:
    """Newest order first, as one customer's are."""
    if len(histories) == 1:
        return list(histories[0])
    joined = sorted(
        chain.from_iterable(histories), key=lambda row: (row.placed_at, row.order_id), reverse=True
    )
    return joined[:LONGEST_HISTORY]


def _join_cases(cases: Iterable[Sequence[tuple[bool, CaseRow]]]) -> list[tuple[bool, CaseRow]]:
    return sorted(chain.from_iterable(cases), key=lambda pair: pair[1].opened_at)
