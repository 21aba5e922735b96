"""What a task's methods were worth on past windows, as a report tells it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from recommender.interactions import Floats, Ints, moment
from recommender.measures import bootstrap
from recommender.tables import Judged
from recommender.windows import Window

SEGMENTS = {"1-2": (1, 2), "3-9": (3, 9), "10+": (10, 10**9), "new": (0, 0)}
"""Customers by the days they had bought on."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where a window lies."""

    start: str
    """ISO date, UTC."""
    days: int
    products: int
    """Sold before it."""

    @classmethod
    def of(cls, window: Window) -> "Span":
        return cls(moment(window.cut).date().isoformat(), window.days, int(window.known.sum()))


def describe(
    methods: Mapping[str, Judged], chosen: str, *, windows: Sequence[tuple[Span, int]], visits: Ints
) -> dict[str, Any]:
    """`windows` with their cases; `visits`: per case of all windows."""
    best = methods[chosen]
    products = max((span.products for span, _ in windows), default=0)
    return {
        "windows": [{"from": span.start, "days": span.days, "cases": cases} for span, cases in windows],
        "cases": len(best.ndcg),
        "chosen": chosen,
        "coverage": min(len(best.shown) / max(products, 1), 1.0),
        "methods": {name: _tell(judged) for name, judged in methods.items()},
        "segments": _divide(best.ndcg, visits),
    }


def _tell(judged: Judged) -> dict[str, float]:
    return {
        **_measure(judged.ndcg),
        "recall": float(judged.recall.mean()),
        "hit": float(judged.hit.mean()),
    }


def _divide(ndcg: Floats, visits: Ints) -> dict[str, dict[str, float]]:
    found = {}
    for name, (least, most) in SEGMENTS.items():
        inside = (visits >= least) & (visits <= most)
        if inside.any():
            found[name] = {"cases": int(inside.sum()), **_measure(ndcg[inside])}
    return found


def _measure(values: Floats) -> dict[str, float]:
    measure = bootstrap(np.asarray(values))
    return {"ndcg": measure.mean, "low": measure.low, "high": measure.high}
