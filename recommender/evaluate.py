"""How good a model is on purchases it has not seen, against baselines, and whether it may replace another."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from typing import Any, Self

import numpy as np

from recommender.base import Owned, Query, Task
from recommender.candidates import sample
from recommender.catalogue import Catalogue
from recommender.checkpoints import NONE, Checkpoints
from recommender.effort import Progress, keep_quiet
from recommender.evidence import buyers
from recommender.fitted import select
from recommender.interactions import Floats, Interactions, Ints, moment
from recommender.measures import Measure, bootstrap_by
from recommender.model import SalesModel
from recommender.sources import Arrays
from recommender.windows import (
    Case,
    Window,
    cross_sell_cases,
    newcomer_cases,
    next_basket_cases,
    past_windows,
    split,
    upsell_cases,
)

GATE_DAYS = 28
"""Of the one window that `gate` is mostly asked with."""
GATE_WINDOWS = 2
MOST = 100
"""Of a popularity list, more than anyone asks for."""


@dataclass(frozen=True, slots=True)
class Quality:
    ndcg: Measure
    recall: Measure
    hit: Measure
    hit_three: Measure
    """Among the first three."""
    hit_first: Measure
    lead: Measure | None = None
    """How much higher NDCG of the model is, case by case; None of the model itself."""


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
class Difference:
    """Of NDCG@10, the new model's less the serving one's on the same cases, with its 95 % interval."""

    cases: int
    mean: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.mean:+.4f} ({self.low:+.4f} to {self.high:+.4f}, {self.cases:,} cases)"


@dataclass(frozen=True, slots=True)
class Compared:
    """Two models on the cases of one task, case by case."""

    gained: Floats
    """Per case, by how much NDCG@10 of the new one is higher."""
    customers: Ints


@dataclass(frozen=True, slots=True)
class Verdict:
    promoted: bool
    reason: str
    cause: str = ""
    """The reason as a stable word: `worse`, `not_worse`, `no_cases`, `few_days`."""
    differences: Mapping[str, Difference] = field(default_factory=dict)
    """Per task, and `popular` for those who never bought before; without those that had no case."""

    @property
    def cases(self) -> int:
        return sum(one.cases for one in self.differences.values())


FEW_DAYS = Verdict(
    promoted=True, reason="too few days to compare on: the newer model serves", cause="few_days"
)

Ranker = Callable[[Case], Sequence[int]]
"""Codes of the window's products, best first."""


def evaluate(
    data: Interactions, catalogue: Catalogue, task: Task, *, test_days: int, k: int = 10, seed: int = 0
) -> Report:
    """Trains on what came before the last `test_days` and scores on them."""
    window = split(data, test_days)
    return examine(SalesModel.train(window.before, catalogue, seed=seed), window, task, k=k)


def examine(model: SalesModel, window: Window, task: Task, *, k: int = 10) -> Report:
    """A model that was trained on no more than what came before the window."""
    cases = list(find_cases(window, model, task))
    if not cases:
        return Report(task, k, window.days, 0, None, None, None, (*model.notes, "No case in the window."))
    rankers = (
        rank_with(model, window, task, k),
        *(popular(window, model, task, days) for days in (None, 21)),
    )
    found = [_per_case(cases, ranker, k) for ranker in rankers]
    customers = np.array([case.customer for case in cases])
    ours = Quality(*bootstrap_by(customers, found[0]))
    ever, lately = (_stand_beside(customers, found[0], other) for other in found[1:])
    return Report(task, k, window.days, len(cases), ours, ever, lately, model.notes)


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
    progress: Progress = keep_quiet,
    checkpoints: Checkpoints = NONE,
) -> Verdict:
    """`gate` for models trained on everything, over the latest past windows: for each, both are fitted anew, as
    they were tuned, on what came before it, so that neither source has seen what it is asked about.
    `checkpoints`: of these two models on these lines."""
    windows = [window for window in past_windows(data, GATE_WINDOWS) if len(window.before)]
    if not windows:
        return FEW_DAYS
    found = []
    for place, window in enumerate(windows):
        progress(
            f"comparing with the serving model, window {place + 1} of {len(windows)}", place / len(windows)
        )
        meet = partial(_Meeting.of, serving, fresh, window, catalogue)
        found.append(checkpoints.recall(_Meeting, window.cut, meet).compared)
    return judge(found)


@dataclass(frozen=True, slots=True)
class _Meeting:
    """Two models on one window, per task."""

    compared: Mapping[str, Compared]

    @classmethod
    def of(cls, serving: SalesModel, fresh: SalesModel, window: Window, catalogue: Catalogue) -> Self:
        refitted = [model.refit(window.before, catalogue) for model in (serving, fresh)]
        return cls(compare(refitted[0], refitted[1], window))

    def document(self) -> dict[str, Any]:
        return {"tasks": list(self.compared)}

    def arrays(self) -> Arrays:
        return {
            f"{task}_{name}": values
            for task, one in self.compared.items()
            for name, values in asdict(one).items()
        }

    @classmethod
    def restore(cls, document: Mapping[str, Any], arrays: Arrays) -> Self:
        return cls({task: Compared(**select(arrays, task)) for task in document["tasks"]})


def gate(serving: SalesModel, fresh: SalesModel, data: Interactions, *, test_days: int) -> Verdict:
    """On the same cases of the last `test_days`, which neither should have been trained on."""
    return judge([compare(serving, fresh, split(data, test_days))])


def compare(serving: SalesModel, fresh: SalesModel, window: Window) -> dict[str, Compared]:
    found = {}
    for name, task, cases in _gate_cases(window, fresh):
        some = sample(cases, np.random.default_rng(0))
        if some:
            ndcg = [_per_case(some, rank_with(one, window, task, 10), 10)[:, 0] for one in (fresh, serving)]
            found[name] = Compared(ndcg[0] - ndcg[1], np.array([case.customer for case in some]))
    return found


def _gate_cases(window: Window, model: SalesModel) -> Iterator[tuple[str, Task, Iterable[Case]]]:
    yield "cross_sell", Task.CROSS_SELL, cross_sell_cases(window)
    yield "next_basket", Task.NEXT_BASKET, next_basket_cases(window)
    yield "popular", Task.CROSS_SELL, newcomer_cases(window)
    # The ladder numbers products as its model does.
    if model.parts.products == window.before.products:
        yield "upsell", Task.UPSELL, upsell_cases(window, model.parts.ladder)


def judge(windows: Sequence[Mapping[str, Compared]]) -> Verdict:
    """The fresh model is promoted unless it is significantly worse at any task, over all windows together."""
    tasks = dict.fromkeys(task for window in windows for task in window)
    found = {task: _difference([window[task] for window in windows if task in window]) for task in tasks}
    if not found:
        return Verdict(
            promoted=True, reason="no purchase to compare on: the newer model serves", cause="no_cases"
        )
    worse = {task: one for task, one in found.items() if one.high < 0}
    lowest = min(found, key=lambda task: found[task].mean)
    said = "; ".join(
        f"{task} {one}" for task, one in (worse or {f"at worst {lowest}": found[lowest]}).items()
    )
    word = "worse" if worse else "not worse"
    verdict = Verdict(not worse, "", word.replace(" ", "_"), found)
    return replace(verdict, reason=f"{word} than the serving model on {verdict.cases:,} cases: {said}")


def _difference(windows: Sequence[Compared]) -> Difference:
    """By customer: one who is met in several windows, or has several cases, is drawn with all of them."""
    gained = np.concatenate([one.gained for one in windows])
    customers = np.concatenate([one.customers for one in windows])
    (found,) = bootstrap_by(customers, gained[:, None])
    return Difference(len(gained), found.mean, found.low, found.high)


def _query(case: Case, window: Window, limit: int) -> Query:
    names = window.before.products
    history = tuple(
        Owned(names[code], moment(window.cut - age), amount)
        for code, age, amount in zip(
            case.history.codes.tolist(),
            case.history.ages.tolist(),
            case.history.amounts.tolist(),
            strict=True,
        )
    )
    return Query(history=history, limit=limit, now=moment(window.cut))


def _stand_beside(customers: Ints, ours: Floats, others: Floats) -> Quality:
    lead = ours[:, :1] - others[:, :1]
    return Quality(*bootstrap_by(customers, np.hstack([others, lead])))


def _per_case(cases: Sequence[Case], ranker: Ranker, k: int) -> Floats:
    """Cases × (NDCG, recall and hit at k, hit at 3 and at 1)."""
    discount = 1 / np.log2(np.arange(2, k + 2))
    rows = []
    for case in cases:
        hit = np.isin(np.array(ranker(case)[:k], np.int64), case.targets)
        gained = discount[: len(hit)][hit].sum() / discount[: len(case.targets)].sum()
        rows.append((gained, hit.sum() / len(case.targets), *(hit[:most].any() for most in (k, 3, 1))))
    return np.array(rows, np.float64)
