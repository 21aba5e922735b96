"""Rules that people write: what may be offered to whom, what goes first, and what the agent is told."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import chain
from typing import TypeAlias

from personas.candidates import Candidate
from personas.conditions import Condition
from personas.facts import FactSet, slug
from personas.languages import Translated


class RuleStage(StrEnum):
    """What a rule decides. Those of the first three take candidates out."""

    ELIGIBILITY = "eligibility"
    APPLICABILITY = "applicability"
    SUITABILITY = "suitability"
    BOOST = "boost"
    PIN = "pin"
    CAP = "cap"
    GATE = "gate"
    MESSAGE = "message"


class Verb(StrEnum):
    DENY = "deny"
    """Where the condition holds."""
    REQUIRE = "require"
    """Deny where the condition does not hold."""
    FIRST = "first"
    """Before everything that is not pinned, if it is worth offering."""
    MANDATORY = "mandatory"
    """Before every other pin, worth it or not."""
    CLOSE = "close"
    """Nothing is offered; the rule's reason is shown instead."""


@dataclass(frozen=True, slots=True)
class Boost:
    factor: Decimal
    """0.5 to 2; several multiply, and their product is kept within these bounds as well."""


@dataclass(frozen=True, slots=True)
class Cap:
    most: int
    """Of the scope in one decision."""


@dataclass(frozen=True, slots=True)
class Message:
    says: Translated


Effect: TypeAlias = Verb | Boost | Cap | Message


@dataclass(frozen=True, slots=True)
class Scope:
    """Which candidates a rule is about: all that are in each list that is not empty."""

    products: frozenset[str] = frozenset()
    """SKUs."""
    categories: frozenset[str] = frozenset()
    """Slugs; what has no category is in none of them."""
    kinds: frozenset[str] = frozenset()

    def covers(self, candidate: Candidate) -> bool:
        if self.products and candidate.product not in self.products:
            return False
        if self.categories and slug(candidate.category or "") not in self.categories:
            return False
        return not self.kinds or candidate.kind in self.kinds

    def __bool__(self) -> bool:
        """False: about everything."""
        return bool(self.products or self.categories or self.kinds)


class Pool:
    """Candidates where scopes find theirs without looking at each."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        self._all = tuple(candidates)
        self._products: dict[str, list[Candidate]] = defaultdict(list)
        self._categories: dict[str, list[Candidate]] = defaultdict(list)
        for each in self._all:
            self._products[each.product].append(each)
            self._categories[slug(each.category or "")].append(each)

    def within(self, scope: Scope) -> Sequence[Candidate]:
        """All that the scope covers."""
        if scope.products:
            near: Iterable[Candidate] = _near(self._products, scope.products)
        elif scope.categories:
            near = _near(self._categories, scope.categories)
        else:
            near = self._all
        return [each for each in near if scope.covers(each)]


def _near(shelves: Mapping[str, list[Candidate]], names: Iterable[str]) -> Iterator[Candidate]:
    return chain.from_iterable(shelves.get(name, ()) for name in names)


class Expected(StrEnum):
    """How a rule's condition comes out: the truths of `conditions.Truth` as people say them of a rule."""

    APPLIES = "applies"
    DOES_NOT_APPLY = "does_not_apply"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class RuleTest:
    given: FactSet
    """All that is known."""
    expect: Expected


@dataclass(frozen=True, slots=True)
class Rule:
    key: str
    stage: RuleStage
    effect: Effect
    """One that goes with the stage: seen to where rules are parsed."""
    reason: Translated
    owner: str
    scope: Scope = Scope()
    condition: Condition | None = None
    """None holds for everybody."""
    priority: int = 0
    """The higher goes first."""
    start: date | None = None
    end: date | None = None
    """The last day; boosts and pins have one."""
    tests: tuple[RuleTest, ...] = ()

    def is_in_force(self, today: date) -> bool:
        return (self.start is None or self.start <= today) and (self.end is None or today <= self.end)


Rules: TypeAlias = tuple[Rule, ...]
"""As written; their order means nothing."""
