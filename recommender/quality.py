"""What a task's methods were worth on past windows, as a report tells it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from recommender.catalogue import Catalogue
from recommender.interactions import Floats, Ints, Mask, moment
from recommender.measures import Measure, bootstrap_by
from recommender.tables import Judged, Table
from recommender.trend import FEATURES as TREND
from recommender.windows import Window

FEWEST = 10
"""Cases; of fewer nothing is told but their number."""
TOLD = 6
"""Of the methods that know the customer, so many of the best are told of in full, as are popularity and the chosen
one; of the others NDCG alone, since one way of counting buyers is much like the next."""
POPULARITY = ("sold ever", "sold in 21 days")
"""What knows nothing of the customer, which every method has to beat."""
SEGMENTS = {"1-2": (1, 2), "3-9": (3, 9), "10+": (10, 10**9), "new": (0, 0)}
"""Customers by the days they had bought on."""
MEASURES = ("ndcg@10", "recall@10", "hit@10", "hit@3", "hit@1")
DIGITS = 5


@dataclass(frozen=True, slots=True)
class Span:
    """Where a window lies."""

    start: str
    """ISO date, UTC."""
    days: int
    products: Mask
    """Sold before it, and still."""

    @classmethod
    def of(cls, window: Window, catalogue: Catalogue) -> "Span":
        products = window.known.copy()
        products[catalogue.inactive(window.before.products)] = False
        return cls(moment(window.cut).date().isoformat(), window.days, products)


def describe(
    methods: Mapping[str, Judged], chosen: str, windows: Sequence[tuple[Span, Table]]
) -> dict[str, Any]:
    """Of methods that were all judged on these windows, `chosen` among them."""
    cases: Counter[tuple[str, int]] = Counter()
    for span, table in windows:
        cases[span.start, span.days] += len(table.targets)
    customers, visits = (
        np.concatenate([getattr(table, name) for _, table in windows]) for name in ("customer", "visits")
    )
    found = {
        "windows": [{"from": start, "days": days, "cases": count} for (start, days), count in cases.items()],
        "cases": len(customers),
        "customers": len(np.unique(customers)),
        "chosen": chosen,
    }
    if len(customers) < FEWEST:
        return found
    best = methods[chosen]
    return found | {
        **_cover(best.shown, [span.products for span, _ in windows]),
        "popularity": _strongest(methods, chosen),
        "methods": _measure(methods, chosen, customers),
        "segments": _divide(best.ndcg, visits, customers),
    }


def _cover(shown: Ints, sold: Sequence[Mask]) -> dict[str, Any]:
    """The share of the products still sold that is in somebody's ten best."""
    products = np.flatnonzero(np.logical_or.reduce(sold))
    if not len(products):
        return {"products": 0}
    return {"products": len(products), "coverage": round(float(np.isin(products, shown).mean()), DIGITS)}


def _strongest(methods: Mapping[str, Judged], chosen: str) -> str | None:
    """The popularity that is hardest to beat, but for what was chosen itself."""
    found = [name for name in POPULARITY if name in methods and name != chosen]
    return max(found, key=lambda name: methods[name].mean, default=None)


def _measure(methods: Mapping[str, Judged], chosen: str, customers: Ints) -> dict[str, dict[str, Any]]:
    """Per method its measures and, as `lead`, how much higher those of the chosen one are, case by case."""
    ranked = sorted(methods, key=lambda name: -methods[name].mean)
    told = {chosen, *POPULARITY, *[name for name in ranked if name not in TREND][:TOLD]}
    columns: dict[tuple[str, str, str], Floats] = {}
    for name in ranked:
        whole = _values(methods[name])
        own = whole if name in told else {"ndcg@10": whole["ndcg@10"]}
        columns |= {(name, "", what): values for what, values in own.items()}
        if name in told and name != chosen:
            best = _values(methods[chosen])
            columns |= {(name, "lead", what): best[what] - values for what, values in own.items()}
    return _nest(columns, customers)


def _nest(columns: Mapping[tuple[str, str, str], Floats], customers: Ints) -> dict[str, dict[str, Any]]:
    measured = bootstrap_by(customers, np.stack(list(columns.values()), axis=1))
    found: dict[str, dict[str, Any]] = {}
    for (name, part, what), one in zip(columns, measured, strict=True):
        method = found.setdefault(name, {})
        (method.setdefault(part, {}) if part else method)[what] = _tell(one)
    return found


def _values(judged: Judged) -> dict[str, Floats]:
    """Per case, of MEASURES."""
    hits = (judged.hit(k) for k in (10, 3, 1))
    return dict(zip(MEASURES, (judged.ndcg, judged.recall, *hits), strict=True))


def _divide(ndcg: Floats, visits: Ints, customers: Ints) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, (least, most) in SEGMENTS.items():
        inside = (visits >= least) & (visits <= most)
        if inside.any():
            found[name] = {"cases": int(inside.sum())}
        if inside.sum() >= FEWEST:
            found[name]["ndcg@10"] = _tell(bootstrap_by(customers[inside], ndcg[inside, None])[0])
    return found


def _tell(one: Measure) -> dict[str, float]:
    return {name: round(getattr(one, name), DIGITS) for name in ("mean", "low", "high")}
