"""How good a model is on purchases it has not seen, against baselines, and whether it may replace another."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from recommender.base import Owned, Query, Task
from recommender.catalogue import Catalogue
from recommender.evidence import buyers
from recommender.interactions import Floats, Interactions, moment
from recommender.model import SalesModel
from recommender.windows import Case, Window, cross_sell_cases, next_basket_cases, split, upsell_cases

RESAMPLES = 1_000
GATE_DAYS = 28
MOST = 100
"""Of a popularity list, more than anyone asks for."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A mean over cases with its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Quality:
    ndcg: Measure
    recall: Measure
    hit: Measure
    hit_first: Measure


@dataclass(frozen=True, slots=True)
class Report:
    task: Task
    k: int
    test_days: int
    cases: int
    model: Quality | None
    """None where no customer bought in the window, as are the baselines."""
    popular: Quality | None
    popular_lately: Quality | None
    notes: tuple[str, ...] = ()

    def document(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Verdict:
    promoted: bool
    reason: str
    difference: Measure | None = None
    """Of NDCG@10 per case, the new model's less the serving one's."""
    cases: int = 0


Ranker = Callable[[Case], Sequence[int]]
"""Codes of the window's products, best first."""


def evaluate(
    data: Interactions, catalogue: Catalogue, task: Task, *, test_days: int, k: int = 10, seed: int = 0
) -> Report:
    """Trains on what came before the last `test_days` and scores on them."""
    window = split(data, test_days)
    model = SalesModel.train(window.before, catalogue, seed=seed)
    cases = list(find_cases(window, model, task))
    if not cases:
        return Report(task, k, test_days, 0, None, None, None, (*model.notes, "No case in the window."))
    rankers = (
        rank_with(model, window, task, k),
        *(popular(window, model, task, days) for days in (None, 21)),
    )
    ours, ever, lately = (_measure(_per_case(cases, ranker, k)) for ranker in rankers)
    return Report(task, k, test_days, len(cases), ours, ever, lately, model.notes)


def find_cases(window: Window, model: SalesModel, task: Task) -> Iterable[Case]:
    if task is Task.UPSELL:
        return upsell_cases(window, model.parts.ladder)
    return cross_sell_cases(window) if task is Task.CROSS_SELL else next_basket_cases(window)


def rank_with(model: SalesModel, window: Window, task: Task, k: int) -> Ranker:
    """Any model, by the products' names: it may have been trained on other data."""
    names = window.before.products
    places = {product: code for code, product in enumerate(names)}

    def rank(case: Case) -> Sequence[int]:
        anchor = names[case.anchor] if case.anchor >= 0 else None
        ranked = model.rank(_query(case, window, k), task, anchor=anchor)
        return [places[product] for product, _ in ranked if product in places]

    return rank


def popular(window: Window, model: SalesModel, task: Task, days: int | None) -> Ranker:
    """Of the products that a case may be offered, those with most buyers, ever or in the last `days`."""
    age = window.before.ages(window.cut)
    counts = buyers(window.before if days is None else window.before.rows(age <= days))
    order: list[int] = np.argsort(-counts, kind="stable").tolist()

    def rank(case: Case) -> Sequence[int]:
        if task is Task.NEXT_BASKET:
            return order[:MOST]
        bought = set(case.history.codes.tolist())
        if task is Task.CROSS_SELL:
            return [code for code in order[: MOST + len(bought)] if code not in bought]
        steps = model.parts.ladder.candidates(case.anchor).tolist()
        return sorted((code for code in steps if code not in bought), key=lambda code: -counts[code])

    return rank


def challenge(
    serving: SalesModel,
    fresh: SalesModel,
    data: Interactions,
    catalogue: Catalogue,
    *,
    test_days: int = GATE_DAYS,
) -> Verdict:
    """`gate` for models trained on everything: both are fitted anew, as they were tuned, on what came before
    the last `test_days`, so that neither has seen what it is asked about."""
    before = split(data, test_days).before
    if not len(before):
        return Verdict(promoted=True, reason="too few days to compare on: the newer model serves")
    refitted = [model.refit(before, catalogue) for model in (serving, fresh)]
    return gate(refitted[0], refitted[1], data, test_days=test_days)


def gate(serving: SalesModel, fresh: SalesModel, data: Interactions, *, test_days: int) -> Verdict:
    """On the same cases of the last `test_days`, which neither should have been trained on: the fresh one
    is promoted unless it is significantly worse (paired bootstrap)."""
    window = split(data, test_days)
    cases = list(cross_sell_cases(window))
    if not cases:
        return Verdict(promoted=True, reason="no purchase to compare on: the newer model serves")
    ndcg = [
        _per_case(cases, rank_with(model, window, Task.CROSS_SELL, 10), 10)[0] for model in (fresh, serving)
    ]
    difference = bootstrap(ndcg[0] - ndcg[1])
    worse = difference.high < 0
    reason = f"{'worse' if worse else 'not worse'} than the serving model on {len(cases)} cases"
    return Verdict(not worse, reason, difference, len(cases))


def bootstrap(values: Floats, *, seed: int = 0) -> Measure:
    rng = np.random.default_rng(seed)
    means = np.array([values[rng.integers(0, len(values), len(values))].mean() for _ in range(RESAMPLES)])
    low, high = np.percentile(means, [2.5, 97.5])
    return Measure(float(values.mean()), float(low), float(high))


def _query(case: Case, window: Window, limit: int) -> Query:
    names = window.before.products
    history = tuple(
        Owned(names[code], moment(window.cut - age))
        for code, age in zip(case.history.codes.tolist(), case.history.ages.tolist(), strict=True)
    )
    return Query(history=history, limit=limit, now=moment(window.cut))


def _measure(per_case: Sequence[Floats]) -> Quality:
    return Quality(*(bootstrap(values) for values in per_case))


def _per_case(cases: Sequence[Case], ranker: Ranker, k: int) -> tuple[Floats, Floats, Floats, Floats]:
    """NDCG, recall and hit at k, and hit at 1."""
    discount = 1 / np.log2(np.arange(2, k + 2))
    rows = []
    for case in cases:
        hit = np.isin(np.array(ranker(case)[:k], np.int64), case.targets)
        gained = discount[: len(hit)][hit].sum() / discount[: len(case.targets)].sum()
        rows.append((gained, hit.sum() / len(case.targets), hit.any(), hit[:1].any()))
    table = np.array(rows, np.float64)
    return table[:, 0], table[:, 1], table[:, 2], table[:, 3]
