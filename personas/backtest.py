"""Whether an ICP would have known who buys: customers rated as of a past moment, beside who bought after it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from math import exp, log, sqrt
from typing import NamedTuple, Self

from personas.icp import IcpResult, Tier

Z = 1.959964
"""Of 95 %."""
LEAST_OF_EACH = 10
"""Buyers, and others, for an AUC: of fewer it says nothing."""
LEAST_COMPARED = 30
"""Customers of a tier, to set it against another one."""
UNRATED = "?"


class Interval(NamedTuple):
    """95 %."""

    low: float
    high: float


class Rated(NamedTuple):
    """One customer, and what they did afterwards."""

    label: str
    """As `B2`."""
    rank: Decimal | None
    """What the ICP orders customers by: the score, those it disqualifies below all; None: too little was known."""
    bought: bool

    @classmethod
    def of(cls, result: IcpResult, *, bought: bool) -> Self:
        score = Decimal(-1) if result.disqualified_by else result.score
        return cls(result.label, None if result.tier is None else score, bought)


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    customers: int
    buyers: int

    @property
    def rate(self) -> float | None:
        return self.buyers / self.customers if self.customers else None

    @property
    def interval(self) -> Interval | None:
        return wilson(self.buyers, self.customers) if self.customers else None


@dataclass(frozen=True, slots=True)
class Auc:
    """How often, of a buyer and another customer, the buyer has the higher score; ties count half."""

    value: float
    interval: Interval | None
    """None where all pairs are right, or all wrong: how far that is by chance the sample does not tell."""


@dataclass(frozen=True, slots=True)
class Inversion:
    """A tier that bought less often than the next one below it."""

    better: Group
    worse: Group

    @property
    def is_sure(self) -> bool:
        """Whether the intervals lie apart: what is not may be chance."""
        left, right = self.better.interval, self.worse.interval
        return bool(left and right and left.high < right.low)


@dataclass(frozen=True, slots=True)
class Backtest:
    customers: int
    buyers: int
    auc: Auc | None
    """Of customers with a tier; None where there are fewer than LEAST_OF_EACH on a side."""
    tiers: tuple[Group, ...]
    """A to D, then `?` for those of whom too little was known."""
    grid: tuple[Group, ...]
    """`A1` to `D4`, then whatever is not known of either side."""
    inversions: tuple[Inversion, ...]


def backtest(rated: Iterable[Rated]) -> Backtest:
    """Reads them once and keeps counts only."""
    labels: Counter[tuple[str, bool]] = Counter()
    ranks: Counter[tuple[Decimal, bool]] = Counter()
    for one in rated:
        labels[one.label, one.bought] += 1
        if one.rank is not None:
            ranks[one.rank, one.bought] += 1
    tiers = _tiers(labels)
    return Backtest(
        customers=labels.total(),
        buyers=sum(count for (_, bought), count in labels.items() if bought),
        auc=measure_auc(ranks),
        tiers=tiers,
        grid=_grid(labels),
        inversions=_inversions(tiers),
    )


def _tiers(labels: Counter[tuple[str, bool]]) -> tuple[Group, ...]:
    joined: Counter[tuple[str, bool]] = Counter()
    for (label, bought), count in labels.items():
        joined[label[0], bought] += count
    return tuple(_group(joined, tier) for tier in (*Tier, UNRATED))


def _grid(labels: Counter[tuple[str, bool]]) -> tuple[Group, ...]:
    """All sixteen cells; the others where somebody is in them."""
    whole = [f"{tier}{value}" for tier in Tier for value in range(1, 5)]
    partly = sorted({label for label, _ in labels} - set(whole))
    return tuple(_group(labels, label) for label in (*whole, *partly))


def _group(counts: Counter[tuple[str, bool]], label: str) -> Group:
    buyers = counts[label, True]
    return Group(str(label), buyers + counts[label, False], buyers)


def _inversions(tiers: Sequence[Group]) -> tuple[Inversion, ...]:
    """Among tiers that have enough customers to be compared."""
    large = [tier for tier in tiers if tier.customers >= LEAST_COMPARED and tier.label != UNRATED]
    return tuple(
        Inversion(better, worse)
        for better, worse in pairwise(large)
        if better.buyers * worse.customers < worse.buyers * better.customers
    )


def measure_auc(ranks: Counter[tuple[Decimal, bool]]) -> Auc | None:
    """From how many buyers and others have each rank. The variance is DeLong's (1988), from counts instead of pairs;
    the interval is symmetrical in the logit, so it stays between 0 and 1."""
    groups = [(ranks[rank, True], ranks[rank, False]) for rank in sorted({rank for rank, _ in ranks})]
    buyers, others = sum(b for b, _ in groups), sum(o for _, o in groups)
    if min(buyers, others) < LEAST_OF_EACH:
        return None
    below = above = 0
    of_buyers: list[tuple[int, float]] = []
    of_others: list[tuple[int, float]] = []
    for mine, theirs in groups:
        above += mine
        of_buyers.append((mine, (below + theirs / 2) / others))
        of_others.append((theirs, (buyers - above + mine / 2) / buyers))
        below += theirs
    value = sum(count * share for count, share in of_buyers) / buyers
    return Auc(value, _logit_interval(value, _spread(of_buyers, value) + _spread(of_others, value)))


def _spread(placed: Sequence[tuple[int, float]], mean: float) -> float:
    """The variance of the mean of these, each so many times."""
    count = sum(many for many, _ in placed)
    return sum(many * (share - mean) ** 2 for many, share in placed) / (count - 1) / count


def _logit_interval(value: float, variance: float) -> Interval | None:
    if not 0 < value < 1:
        return None
    middle, reach = log(value / (1 - value)), Z * sqrt(variance) / (value * (1 - value))
    low, high = (1 / (1 + exp(-end)) for end in (middle - reach, middle + reach))
    return Interval(low, high)


def wilson(hits: int, of: int) -> Interval:
    """The score interval of a share (Wilson 1927)."""
    share, weight = hits / of, Z * Z / of
    middle = (share + weight / 2) / (1 + weight)
    reach = Z * sqrt(share * (1 - share) / of + weight / of / 4) / (1 + weight)
    return Interval(max(middle - reach, 0.0), min(middle + reach, 1.0))
