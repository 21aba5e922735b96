"""Which persona a customer is, from what is known; too little known is said, never guessed over."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from personas.conditions import Outcome, Reason, Truth, evaluate
from personas.facts import FactSet
from personas.persona import Criterion, Persona, Role

STRONG = Decimal("0.75")
"""Score and coverage from which a single match is called strong."""
LEAD = Decimal("0.1")
"""A lead in score below this leaves two personas possible."""


class Verdict(StrEnum):
    MATCHED = "matched"
    NOT_MATCHED = "not_matched"
    UNDECIDED = "undecided"
    """Not matched as far as is known, and what is missing could still change that."""


@dataclass(frozen=True, slots=True)
class PersonaMatch:
    persona: Persona
    score: Decimal
    coverage: Decimal
    verdict: Verdict
    weighed: Sequence["_Weighed"]
    """Each criterion as it came out."""

    @property
    def potential(self) -> Decimal:
        """The score that is reached if all that is unknown speaks for the persona."""
        return _score(self.weighed, assumed=True)

    @property
    def matched(self) -> bool:
        return self.verdict is Verdict.MATCHED

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """What speaks for the persona, weightiest first; for a disqualified one what speaks against it."""
        return _reasons(self.weighed)

    @property
    def missing(self) -> tuple[str, ...]:
        """Unknown facts, those with most weight behind them first."""
        return _missing(self.weighed)


class State(StrEnum):
    STRONG = "strong"
    LIKELY = "likely"
    TWO_POSSIBLE = "two_possible"
    NOT_ENOUGH_DATA = "not_enough_data"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class PersonaResult:
    state: State
    matches: tuple[PersonaMatch, ...]
    """Every persona, best first: one leads when strong or likely, two when two are possible."""

    @property
    def leading(self) -> tuple[PersonaMatch, ...]:
        """The personas to show: one, two or none."""
        shown = {State.STRONG: 1, State.LIKELY: 1, State.TWO_POSSIBLE: 2}
        return self.matches[: shown.get(self.state, 0)]


class _Weighed(NamedTuple):
    role: Role
    weight: int
    truth: Truth
    outcome: Outcome

    @classmethod
    def of(cls, criterion: Criterion, facts: FactSet) -> "_Weighed":
        outcome = evaluate(criterion.condition, facts)
        return cls(criterion.role, criterion.weight, outcome.truth, outcome)

    def is_a(self, role: Role, truth: Truth) -> bool:
        return self.role is role and self.truth is truth


def match(persona: Persona, facts: FactSet) -> PersonaMatch:
    weighed = [_Weighed.of(criterion, facts) for criterion in persona.criteria]
    score, coverage = _score(weighed, assumed=False), _coverage(weighed)
    enough = score >= persona.threshold and coverage >= persona.minimum_coverage
    verdict = _verdict(persona, weighed, enough=enough)
    return PersonaMatch(persona, score, coverage, verdict, weighed)


def best(personas: Sequence[Persona], facts: FactSet) -> PersonaResult:
    """Equal scores keep the order of `personas`."""
    ranked = sorted((match(persona, facts) for persona in personas), key=_rank)
    return PersonaResult(_state(ranked), tuple(ranked))


def _rank(found: PersonaMatch) -> tuple[bool, bool, Decimal]:
    return not found.matched, found.verdict is not Verdict.UNDECIDED, -found.score


def _state(ranked: Sequence[PersonaMatch]) -> State:
    matched = [found for found in ranked if found.matched]
    if not matched:
        undecided = any(found.verdict is Verdict.UNDECIDED for found in ranked)
        return State.NOT_ENOUGH_DATA if undecided else State.NONE
    if len(matched) > 1 and matched[0].score - matched[1].score < LEAD:
        return State.TWO_POSSIBLE
    return State.STRONG if min(matched[0].score, matched[0].coverage) >= STRONG else State.LIKELY


def _score(weighed: Iterable[_Weighed], *, assumed: bool) -> Decimal:
    """Σ weights of what is true over Σ positive weights, kept in 0 to 1.
    `assumed` takes the unknown in the persona's favour."""
    possible = reached = 0
    for each in weighed:
        possible += max(each.weight, 0)
        favour = assumed and each.truth is Truth.UNKNOWN and each.weight > 0
        reached += each.weight if favour or each.truth is Truth.YES else 0
    return min(max(_ratio(reached, possible), Decimal(0)), Decimal(1))


def _coverage(weighed: Sequence[_Weighed]) -> Decimal:
    known = sum(abs(each.weight) for each in weighed if each.truth is not Truth.UNKNOWN)
    return _ratio(known, sum(abs(each.weight) for each in weighed))


def _ratio(part: int, whole: int) -> Decimal:
    return Decimal(part) / Decimal(whole) if whole else Decimal(0)


def _verdict(persona: Persona, weighed: Sequence[_Weighed], *, enough: bool) -> Verdict:
    """`enough`: score and coverage reach what the persona asks for."""
    if any(each.is_a(Role.DISQUALIFIER, Truth.YES) or each.is_a(Role.REQUIRED, Truth.NO) for each in weighed):
        return Verdict.NOT_MATCHED
    if _score(weighed, assumed=True) < persona.threshold:
        return Verdict.NOT_MATCHED
    if enough and not any(each.is_a(Role.REQUIRED, Truth.UNKNOWN) for each in weighed):
        return Verdict.MATCHED
    return Verdict.UNDECIDED


def _reasons(weighed: Sequence[_Weighed]) -> tuple[Reason, ...]:
    against = [each for each in weighed if each.is_a(Role.DISQUALIFIER, Truth.YES)]
    speaking = against or [each for each in weighed if each.truth is Truth.YES and each.weight >= 0]
    heaviest = sorted(speaking, key=lambda each: -abs(each.weight))
    return tuple(dict.fromkeys(reason for each in heaviest for reason in each.outcome.reasons))


def _missing(weighed: Sequence[_Weighed]) -> tuple[str, ...]:
    stake: dict[str, int] = {}
    for each in weighed:
        for fact in each.outcome.missing:
            stake[fact] = stake.get(fact, 0) + abs(each.weight)
    return tuple(sorted(stake, key=lambda fact: (-stake[fact], fact)))
