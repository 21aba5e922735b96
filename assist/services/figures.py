"""Figures over all customers that facts about one are measured against: RFM fifths, and what is sold."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import structlog
from sqlalchemy import func, select, true
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from assist.db import Database
from assist.models.connection import LostField, SyncState
from assist.models.mirror import Customer, Order, OrderLine, Product
from assist.models.training import ShopFigure
from assist.services.lineages import NONE, Tallies, read_tallies
from assist.store.shelf import list_unavailable
from crm_adapters.model import Kind
from personas.history import BOUGHT
from personas.rfm import Breaks, RfmBreaks, RfmValues, rfm_breaks

log = structlog.get_logger(__name__)

NAME = "facts"
_SHOWING_CASES = select(SyncState.connection_id).where(
    SyncState.kind == Kind.CASES, SyncState.finished_at.is_not(None)
)


@dataclass(frozen=True, slots=True)
class Figures:
    """None and empty until they were first computed."""

    breaks: RfmBreaks | None = None
    categories: frozenset[str] = frozenset()
    unavailable: frozenset[str] = frozenset()
    """SKUs that cannot be sold now; read on each look, not computed, as is what follows."""
    with_cases: frozenset[int] = frozenset()
    """Connections that show cases."""
    tallies: Tallies = NONE
    """What became of offers."""
    lost: Mapping[int, frozenset[str]] = field(default_factory=dict)
    """By connection, fields of ours that the CRM has no more: what the mirror still holds may be wrong."""


class FiguresShelf:
    """The figures as last computed, read again now and then, beside whoever asks: in a catalogue of 100,000 products
    that takes a tenth of a second."""

    def __init__(
        self, database: Database, *, seconds: float = 30.0, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._database = database
        self._seconds = seconds
        self._monotonic = monotonic
        self._read_at: float | None = None
        self._figures = Figures()
        self._lock = threading.Lock()
        self._reader: threading.Thread | None = None

    def current(self) -> Figures:
        """Only whoever asks first waits."""
        with self._lock:
            now = self._monotonic()
            if self._read_at is None:
                self._figures = self._read()
            elif now - self._read_at >= self._seconds:
                self._reader = threading.Thread(target=self._read_again, name="figures", daemon=True)
                self._reader.start()
            else:
                return self._figures
            self._read_at = now
            return self._figures

    def settle(self) -> None:
        """Waits for what is being read."""
        if self._reader is not None:
            self._reader.join()

    def _read_again(self) -> None:
        try:
            self._figures = self._read()
        except SQLAlchemyError as error:
            log.warning("figures_not_read", cause=type(error).__name__)  # those before it still serve

    def _read(self) -> Figures:
        with self._database.reading() as session:
            row = session.get(ShopFigure, NAME)
            found = frozenset(list_unavailable(session))
            with_cases = frozenset(session.scalars(_SHOWING_CASES))
            tallies = read_tallies(session)
            lost = _read_lost(session)
        figures = _from_document(row.value) if row else Figures()
        # The same set, not an equal one: what is remembered by it would be compared name by name in each answer.
        unavailable = self._figures.unavailable if found == self._figures.unavailable else found
        return replace(figures, unavailable=unavailable, with_cases=with_cases, tallies=tallies, lost=lost)


def _read_lost(session: Session) -> dict[int, frozenset[str]]:
    lost: dict[int, set[str]] = {}
    for connection_id, ours in session.execute(select(LostField.connection_id, LostField.ours)):
        lost.setdefault(connection_id, set()).add(ours)
    return {connection_id: frozenset(names) for connection_id, names in lost.items()}


def are_behind(database: Database) -> bool:
    """A sync that changed something was stopped before they were computed."""
    changed = select(func.max(SyncState.finished_at)).where(SyncState.changed > 0)
    with database.reading() as session:
        last = session.scalar(changed)
        computed = session.scalar(select(ShopFigure.computed_at).where(ShopFigure.name == NAME))
    return last is not None and (computed is None or computed < last)


def compute(database: Database, now: datetime) -> None:
    """Over the whole mirror: seconds for a million customers, so syncs call it, not people. Only the writing
    of the result holds the database's write lock."""
    with database.reading() as session:
        document = _compute(session, now)
    with database.writing() as session:
        session.merge(ShopFigure(name=NAME, value=document, computed_at=now))


def _compute(session: Session, now: datetime) -> dict[str, Any]:
    breaks = compute_breaks(session, now)
    shelves = select(Product.category).where(Product.category.is_not(None), Product.deleted.is_(False))
    categories = sorted(filter(None, session.scalars(shelves.distinct())))
    return _to_document(breaks, categories)


def compute_breaks(session: Session, now: datetime, *, placed_by: datetime | None = None) -> RfmBreaks:
    """Over the orders placed until then, where that is told."""
    return rfm_breaks(_rfm_values(session, now, placed_by))


def _rfm_values(session: Session, now: datetime, placed_by: datetime | None) -> Iterator[RfmValues]:
    placed = Order.placed_at <= placed_by if placed_by else true()
    person = func.coalesce(-Customer.person_id, Customer.id)
    rows = (
        select(
            func.max(Order.placed_at),
            func.count(Order.id.distinct()),
            func.sum(OrderLine.quantity * OrderLine.unit_price),
            func.min(OrderLine.currency),
            func.max(OrderLine.currency),
            func.count() - func.count(OrderLine.unit_price),
        )
        .select_from(Customer)
        .join(Order, Order.customer_id == Customer.id)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(Order.status == BOUGHT, Order.deleted.is_(False), Customer.deleted.is_(False), placed)
        .group_by(person)
        .execution_options(yield_per=10_000)
    )
    for last, orders, value, low, high, unpriced in session.execute(rows):
        comparable = value is not None and low == high and not unpriced
        days = max(0, (now - last).days)
        yield RfmValues(days, orders, Decimal(value) if comparable else None, low if comparable else None)


def _to_document(breaks: RfmBreaks, categories: list[str]) -> dict[str, Any]:
    return {
        "recency": list(map(str, breaks.recency)),
        "frequency": list(map(str, breaks.frequency)),
        "money": {currency: list(map(str, found)) for currency, found in breaks.money.items()},
        "categories": categories,
    }


def _from_document(document: Mapping[str, Any]) -> Figures:
    money = {currency: _breaks(found) for currency, found in document["money"].items()}
    breaks = RfmBreaks(_breaks(document["recency"]), _breaks(document["frequency"]), money)
    return Figures(breaks, frozenset(document["categories"]))


def _breaks(texts: list[str]) -> Breaks:
    return tuple(Decimal(text) for text in texts)
