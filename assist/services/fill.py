"""For how many customers each fact is known, counted over all of them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy.orm import Session

from assist.models.training import ShopFigure
from assist.services.desk import Desk
from assist.services.population import all_facts
from personas.fact import Fact, FactType
from personas.facts import FACTS, FactSet, find_fact

NAME = "fill"
CRM = "crm."
_DECLARED = frozenset(fact.name for fact in FACTS)


@dataclass(frozen=True, slots=True)
class Fill:
    known: int = 0
    """Customers."""
    values: Mapping[str, int] = field(default_factory=dict)
    """How many have each value, the most frequent first; of facts that have few by their declaration."""


@dataclass(frozen=True, slots=True)
class FillRates:
    measured_at: datetime
    customers: int
    facts: Mapping[str, Fill]
    """By declared name; a pattern is known where one of its facts is. The CRM's fields are here each for itself too.
    What only a conversation knows is not here: it has no rate."""

    def find(self, name: str) -> Fill | None:
        return self.facts.get(name)


def refresh(desk: Desk) -> FillRates:
    """Counts anew and keeps the result: minutes for a million customers."""
    now = desk.clock.now()
    with desk.database.reading() as session:
        rates = count(now, (one.facts for one in all_facts(desk, session, now)))
    with desk.database.writing() as session:
        session.merge(ShopFigure(name=NAME, value=_to_document(rates), computed_at=now))
    return rates


def load(session: Session) -> FillRates | None:
    """None where it was never measured."""
    row = session.get(ShopFigure, NAME)
    if row is None:
        return None
    found = {name: Fill(one["known"], one["values"]) for name, one in row.value["facts"].items()}
    return FillRates(row.computed_at, row.value["customers"], found)


def count(now: datetime, population: Iterable[FactSet]) -> FillRates:
    customers, known = 0, Counter[str]()
    values: dict[str, Counter[Any]] = {fact.name: Counter() for fact in FACTS if _has_few_values(fact)}
    for customers, facts in enumerate(population, 1):  # noqa: B007 - how many there were
        headings = {_heading(name) for name in facts}
        known.update(headings if headings <= _DECLARED else headings | {f"{CRM}*"})
        for name, counts in values.items():
            value = facts.recall(name)
            if value is not None:
                counts[value] += 1
    names = [fact.name for fact in FACTS if not fact.source.of_conversation]
    fields = sorted(known.keys() - _DECLARED)
    found = {name: Fill(known[name], _worded(values.get(name, Counter()))) for name in (*names, *fields)}
    return FillRates(now, customers, found)


@lru_cache(4096)
def _heading(name: str) -> str:
    """What it is counted under; a field of the CRM is counted under its pattern as well."""
    fact = None if name.startswith(CRM) else find_fact(name)
    return fact.name if fact else name


def _has_few_values(fact: Fact) -> bool:
    """By declaration: a field of the CRM that happens to hold few words may hold names."""
    bounded = fact.whole and fact.low is not None and fact.high is not None
    return bool(fact.values) or bounded or fact.type is FactType.BOOLEAN


def _worded(counts: Counter[Any]) -> dict[str, int]:
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))
    return {(str(value).lower() if isinstance(value, bool) else str(value)): n for value, n in ranked}


def _to_document(rates: FillRates) -> dict[str, Any]:
    facts = {name: {"known": one.known, "values": dict(one.values)} for name, one in rates.facts.items()}
    return {"customers": rates.customers, "facts": facts}
