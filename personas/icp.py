"""The ideal customer profile: how well a customer fits (A to D) and, apart from it, their worth (1 to 4)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import partial

from personas.conditions import Condition, Outcome, Reason, Truth, clauses, evaluate
from personas.content import Fields, InvalidContent
from personas.facts import FactSet
from personas.languages import Translated
from personas.parse import parse_condition


class Tier(StrEnum):
    A = "A"
    B = "B"
    C = "C"
    D = "D"


@dataclass(frozen=True, slots=True)
class Points:
    condition: Condition
    points: int


@dataclass(frozen=True, slots=True)
class Dimension:
    """One side of the profile; what its criteria add up to is kept between 0 and `most`."""

    key: str
    name: Translated
    most: int
    criteria: tuple[Points, ...]


@dataclass(frozen=True, slots=True)
class Icp:
    name: Translated
    dimensions: tuple[Dimension, ...]
    disqualifiers: tuple[Condition, ...]
    floors: tuple[tuple[Tier, Decimal], ...]
    """The score from which a tier is reached, A first; below the last one it is D."""
    minimum_coverage: Decimal


@dataclass(frozen=True, slots=True)
class DimensionScore:
    dimension: Dimension
    points: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class IcpResult:
    tier: Tier | None
    """None: too little is known."""
    value: int | None
    """1 is worth most; None: no purchases to judge by."""
    score: Decimal
    """Points reached over points possible."""
    coverage: Decimal
    """Share of the possible points whose criteria could be decided."""
    dimensions: tuple[DimensionScore, ...]
    disqualified_by: tuple[Reason, ...]
    missing: frozenset[str]

    @property
    def label(self) -> str:
        """As `B2`; `?` for what is not known."""
        return f"{self.tier or '?'}{self.value or '?'}"


def rate(icp: Icp, facts: FactSet) -> IcpResult:
    outcomes = [[evaluate(each.condition, facts) for each in side.criteria] for side in icp.dimensions]
    scores = tuple(map(_scored, icp.dimensions, outcomes))
    against = tuple(reason for each in icp.disqualifiers for reason in _disqualifying(each, facts))
    possible = sum(side.most for side in icp.dimensions)
    score = Decimal(sum(each.points for each in scores)) / possible
    coverage = sum(map(_covered, icp.dimensions, outcomes), Decimal(0)) / possible
    missing = frozenset(fact for row in outcomes for outcome in row for fact in outcome.missing)
    tier = Tier.D if against else _tier(icp, score, coverage)
    return IcpResult(tier, value_of(facts), score, coverage, scores, against, missing)


def value_of(facts: FactSet) -> int | None:
    """1 (most) to 4 from the mean of the RFM fifths that are known; recency has to be among them."""
    fifths = [facts.number(name) for name in ("rfm.r", "rfm.f", "rfm.m")]
    known = [Decimal(fifth) for fifth in fifths if fifth is not None]
    if fifths[0] is None:
        return None
    mean = sum(known) / len(known)
    return next((value for value, floor in ((1, 4), (2, 3), (3, 2)) if mean >= floor), 4)


def asked_facts(icp: Icp) -> frozenset[str]:
    """The facts that any of its conditions speaks of."""
    criteria = [each.condition for side in icp.dimensions for each in side.criteria]
    return frozenset(clause.fact for each in (*criteria, *icp.disqualifiers) for clause in clauses(each))


def _scored(side: Dimension, outcomes: Sequence[Outcome]) -> DimensionScore:
    met = [
        (each.points, outcome)
        for each, outcome in zip(side.criteria, outcomes, strict=True)
        if outcome.truth is Truth.YES
    ]
    points = min(max(sum(points for points, _ in met), 0), side.most)
    return DimensionScore(side, points, tuple(reason for _, outcome in met for reason in outcome.reasons))


def _covered(side: Dimension, outcomes: Sequence[Outcome]) -> Decimal:
    """The side's possible points, less the share of its criteria's weight that could not be decided."""
    weights = [abs(each.points) for each in side.criteria]
    decided = sum(
        weight
        for weight, outcome in zip(weights, outcomes, strict=True)
        if outcome.truth is not Truth.UNKNOWN
    )
    return side.most * Decimal(decided) / sum(weights)


def _disqualifying(condition: Condition, facts: FactSet) -> tuple[Reason, ...]:
    outcome = evaluate(condition, facts)
    return outcome.reasons if outcome.truth is Truth.YES else ()


def _tier(icp: Icp, score: Decimal, coverage: Decimal) -> Tier | None:
    if coverage < icp.minimum_coverage:
        return None
    return next((tier for tier, floor in icp.floors if score >= floor), Tier.D)


def parse_icp(raw: object, *, path: str, unlocked: Collection[str] = frozenset()) -> Icp:
    """Raises InvalidContent with the place of the mistake."""
    fields = Fields(raw, path)
    icp = Icp(
        name=fields.translated("name"),
        dimensions=fields.items("dimensions", partial(_dimension, unlocked=unlocked)),
        disqualifiers=fields.items(
            "disqualifiers", lambda one, place: parse_condition(one, path=place, unlocked=unlocked)
        ),
        floors=_floors(fields.raw("tiers"), fields.at("tiers")),
        minimum_coverage=Decimal(fields.number("minimum_coverage", 0, 1)),
    )
    fields.finish()
    if not icp.dimensions:
        raise InvalidContent(path, "dimensions: at least one is wanted")
    return icp


def _dimension(raw: object, path: str, unlocked: Collection[str]) -> Dimension:
    fields = Fields(raw, path)
    side = Dimension(
        key=fields.text("key"),
        name=fields.translated("name"),
        most=fields.whole("most", 1, 100),
        criteria=fields.items("criteria", partial(_points, unlocked=unlocked)),
    )
    fields.finish()
    if sum(max(each.points, 0) for each in side.criteria) < side.most:
        raise InvalidContent(path, f"the criteria cannot add up to {side.most} points")
    return side


def _points(raw: object, path: str, unlocked: Collection[str]) -> Points:
    fields = Fields(raw, path)
    points = Points(
        parse_condition(fields.raw("if"), path=fields.at("if"), unlocked=unlocked),
        fields.whole("points", -100, 100),
    )
    fields.finish()
    return points


def _floors(raw: object, path: str) -> tuple[tuple[Tier, Decimal], ...]:
    fields = Fields(raw, path)
    floors = tuple((tier, Decimal(fields.number(tier, 0, 1))) for tier in (Tier.A, Tier.B, Tier.C))
    fields.finish()
    if not floors[0][1] > floors[1][1] > floors[2][1]:
        raise InvalidContent(path, "A must need more than B, and B more than C")
    return floors
