"""A sample of customers with what is known of each, kept at hand: how many a persona would match is told while
somebody writes it."""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import permutations
from typing import NamedTuple

from assist.services.desk import Desk
from assist.services.population import all_facts
from assist.store.histories import count_customers
from personas.conditions import Condition, Truth, evaluate
from personas.facts import FactSet
from personas.icp import Icp, rate
from personas.matcher import State, best, match
from personas.persona import Persona

MOST = 1_000
"""Customers: personas are matched with all of them in a quarter of a second."""
FRESH = timedelta(minutes=10)


class Member(NamedTuple):
    id: int
    name: str
    facts: FactSet


@dataclass(frozen=True, slots=True)
class Crowd:
    members: Sequence[Member]
    customers: int
    """In the mirror; the members are all of them, or every so manieth."""
    taken_at: datetime

    @property
    def is_sample(self) -> bool:
        return len(self.members) < self.customers


class CrowdShelf:
    """One crowd per process, taken anew when it is asked for after a while."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._crowd: Crowd | None = None

    def current(self, desk: Desk) -> Crowd:
        with self._lock:
            now = desk.clock.now()
            if self._crowd is None or now - self._crowd.taken_at > FRESH:
                self._crowd = take(desk, now)
            return self._crowd


def take(desk: Desk, now: datetime, *, most: int = MOST) -> Crowd:
    with desk.database.reading() as session:
        count = count_customers(session)
        step = -(-count // most) or 1
        known = all_facts(desk, session, now, every=step)
        members = [
            Member(one.dossier.customer.id, one.dossier.customer.name or "", one.facts)
            for one in known
            if one.is_first
        ]
    return Crowd(members[:most], count if step > 1 else len(members), now)


@dataclass(frozen=True, slots=True)
class Matched:
    """How a persona fares among all of a release."""

    leading: Sequence[Member]
    """It is what their card shows, alone or as one of two."""
    undecided: int
    """Too little is known to say whether they are."""
    states: Mapping[State, int]
    """Of all members, whichever persona leads."""


def match_persona(crowd: Crowd, personas: Sequence[Persona], key: str) -> Matched:
    leading, undecided = [], 0
    states: Counter[State] = Counter()
    for member in crowd.members:
        result = best(personas, member.facts)
        states[result.state] += 1
        if any(found.persona.key == key for found in result.leading):
            leading.append(member)
        elif any(found.persona.key == key and found.verdict == "undecided" for found in result.matches):
            undecided += 1
    return Matched(leading, undecided, states)


class Overlap(NamedTuple):
    counts: Mapping[str, int]
    """By persona: the members that it matches, whether or not another one does better."""
    shared: Mapping[tuple[str, str], int]
    """By two keys, in either order."""
    known: Mapping[str, float]
    """By persona: how much of its evidence is known of a member, on average; nothing of no members."""
    unmatched: int


def overlap(crowd: Crowd, personas: Sequence[Persona]) -> Overlap:
    counts: Counter[str] = Counter()
    shared: Counter[tuple[str, str]] = Counter()
    known: Counter[str] = Counter()
    unmatched = 0
    for member in crowd.members:
        found = [match(persona, member.facts) for persona in personas]
        keys = [one.persona.key for one in found if one.matched]
        unmatched += not keys
        counts.update(keys)
        shared.update(permutations(keys, 2))
        known.update({one.persona.key: float(one.coverage) for one in found})
    size = len(crowd.members) or 1
    return Overlap(counts, shared, {key: total / size for key, total in known.items()}, unmatched)


def tiers(crowd: Crowd, icp: Icp) -> Mapping[str, int]:
    """By letter; under "" those of whom too little is known, or who are disqualified."""
    return Counter(str(rate(icp, member.facts).tier or "") for member in crowd.members)


class Verdicts(NamedTuple):
    true: int
    false: int
    unknown: int


def judge(crowd: Crowd, condition: Condition) -> Verdicts:
    found = Counter(evaluate(condition, member.facts).truth for member in crowd.members)
    return Verdicts(found[Truth.YES], found[Truth.NO], found[Truth.UNKNOWN])


def differ(before: Iterable[Member], after: Iterable[Member]) -> tuple[list[Member], list[Member]]:
    """Who came, and who went."""
    old, new = {one.id: one for one in before}, {one.id: one for one in after}
    return [new[key] for key in new.keys() - old.keys()], [old[key] for key in old.keys() - new.keys()]
