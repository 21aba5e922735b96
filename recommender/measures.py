"""How good a ranking is, with an interval."""

from dataclasses import dataclass

import numpy as np

from recommender.interactions import Floats

RESAMPLES = 1_000


@dataclass(frozen=True, slots=True)
class Measure:
    """A mean over cases with its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float


def bootstrap(values: Floats, *, seed: int = 0) -> Measure:
    rng = np.random.default_rng(seed)
    means = np.array([values[rng.integers(0, len(values), len(values))].mean() for _ in range(RESAMPLES)])
    low, high = np.percentile(means, [2.5, 97.5])
    return Measure(float(values.mean()), float(low), float(high))


def is_better(candidate: Floats, current: Floats) -> bool:
    """Whether the mean of paired values is higher by more than one standard error of the difference: of two
    that data cannot tell apart the simpler, `current`, stays."""
    apart = candidate - current
    if len(apart) < 2:
        return False
    return bool(apart.mean() > apart.std(ddof=1) / np.sqrt(len(apart)))
