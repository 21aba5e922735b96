"""How good a ranking is, with an interval."""

from dataclasses import dataclass

import numpy as np

from recommender.interactions import Floats, Ints

RESAMPLES = 1_000


@dataclass(frozen=True, slots=True)
class Measure:
    """A mean over cases with its 95 % bootstrap interval (percentiles)."""

    mean: float
    low: float
    high: float


def bootstrap(values: Floats, *, seed: int = 0) -> Measure:
    rng = np.random.default_rng(seed)
    means = np.array([values[rng.integers(0, len(values), len(values))].mean() for _ in range(RESAMPLES)])
    low, high = np.percentile(means, [2.5, 97.5])
    return Measure(float(values.mean()), float(low), float(high))


def bootstrap_by(customers: Ints, values: Floats, *, seed: int = 0) -> list[Measure]:
    """Per column of `values`, which has a row per case: customers are drawn, each with all cases, because those of
    one customer are one opinion. All columns see the same draws."""
    _, place, cases = np.unique(customers, return_inverse=True, return_counts=True)
    sums = [np.bincount(place, column) for column in values.T]
    rng, size = np.random.default_rng(seed), len(cases)
    drawn = np.stack([np.bincount(rng.integers(0, size, size), minlength=size) for _ in range(RESAMPLES)])
    totals = drawn.astype(np.float64) @ np.column_stack([*sums, cases])
    lows, highs = np.percentile(totals[:, :-1] / totals[:, -1:], [2.5, 97.5], axis=0)
    ends = zip(values.mean(axis=0).tolist(), lows.tolist(), highs.tolist(), strict=True)
    return [Measure(*found) for found in ends]


def is_better(candidate: Floats, current: Floats) -> bool:
    """Whether the mean of paired values is higher by more than one standard error of the difference: of two
    that data cannot tell apart the simpler, `current`, stays."""
    apart = candidate - current
    if len(apart) < 2:
        return False
    return bool(apart.mean() > apart.std(ddof=1) / np.sqrt(len(apart)))
