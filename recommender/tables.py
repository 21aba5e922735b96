"""Candidates of past cases as rows of features: what combinations are learned from and judged on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from recommender.interactions import Floats, Ints, Mask

IDEAL = np.cumsum(1 / np.log2(np.arange(2, 102)))
NOWHERE = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Table:
    """Candidates of many cases, one row each, the rows of a case together."""

    names: tuple[str, ...]
    features: Floats
    """Rows × names, float32."""
    case: Ints
    """Per row, ascending from 0."""
    chosen: Mask
    targets: Ints
    """Per case, how many were chosen, whether among its candidates or not."""
    weight: Floats
    """Per case, how much it counts in fitting."""
    product: Ints
    """Per row."""
    visits: Ints
    """Per case, on how many days its customer had bought."""
    customer: Ints
    """Per case."""

    def ranks(self, scores: Floats) -> Ints:
        """Per row, its place among its case's, the best 0; of equals the first."""
        return rank_within(scores, self.case)

    def judge(self, scores: Floats, k: int = 10) -> "Judged":
        rank = self.ranks(scores)
        shown = rank < k
        gain = np.where(self.chosen & shown, 1 / np.log2(rank + 2), 0)
        gained = np.bincount(self.case, gain, len(self.targets))
        found = np.bincount(self.case[self.chosen & shown], minlength=len(self.targets))
        first = np.full(len(self.targets), NOWHERE)
        np.minimum.at(first, self.case[self.chosen], rank[self.chosen])
        return Judged(
            ndcg=gained / IDEAL[np.minimum(self.targets, k) - 1],
            recall=found / self.targets,
            first=first,
            shown=np.unique(self.product[shown]),
        )

    def columns(self, names: Sequence[str]) -> Floats:
        return np.asarray(self.features[:, [self.names.index(name) for name in names]])

    def only(self, names: Sequence[str]) -> Self:
        """The same cases with these features alone."""
        return replace(self, names=tuple(names), features=self.columns(names))

    def rows(self, kept: Mask) -> Self:
        """The same cases, fewer candidates."""
        per_row = {name: getattr(self, name)[kept] for name in ("features", "case", "chosen", "product")}
        return replace(self, **per_row)

    def weighed(self, factor: float) -> Self:
        return replace(self, weight=self.weight * factor)

    def thinned_size(self, most: int) -> int:
        return int(np.minimum(np.bincount(self.case), most).sum())

    def thinned(self, most: int, *, seed: int = 0) -> Self:
        """What was chosen and, of the other candidates, so many that a case has `most`: sampling alternatives
        leaves a choice model's weights what they are (McFadden 1978)."""
        luck = np.random.default_rng(seed).random(len(self.case))
        return self.rows(self.ranks(np.where(self.chosen, 1.0, luck)) < most)


@dataclass(frozen=True, slots=True)
class Judged:
    """How good one order of the candidates is; per case, of its ten best."""

    ndcg: Floats
    recall: Floats
    first: Ints
    """The place of the first that was chosen, the best 0, or NOWHERE."""
    shown: Ints
    """Products that are among somebody's ten best."""

    @property
    def mean(self) -> float:
        return float(self.ndcg.mean())

    def hit(self, k: int) -> Floats:
        """Per case 1 where anything that was chosen is among the `k` best, else 0."""
        return (self.first < k).astype(np.float64)

    @classmethod
    def join(cls, some: "Sequence[Judged]") -> Self:
        return cls(
            ndcg=np.concatenate([one.ndcg for one in some]),
            recall=np.concatenate([one.recall for one in some]),
            first=np.concatenate([one.first for one in some]),
            shown=np.unique(np.concatenate([one.shown for one in some])),
        )


def rank_within(scores: Floats, case: Ints) -> Ints:
    """`case`: ascending; per row, its place among the rows of its case, the best 0; of equals the first.
    Of a table of scores, each column by itself."""
    if not len(case) or case[0] == case[-1]:
        places = np.arange(len(case)).reshape(-1, *(1,) * (scores.ndim - 1))
        found = np.empty_like(scores, np.int64)
        np.put_along_axis(found, np.argsort(-scores, axis=0, kind="stable"), places, axis=0)
        return found
    if scores.ndim > 1:
        return np.stack([rank_within(column, case) for column in scores.T], axis=1)
    order = np.lexsort((-scores, case))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank - np.searchsorted(case, case)


def join(tables: Sequence[Table]) -> Table:
    offsets = np.cumsum([0, *(len(table.targets) for table in tables)])
    return Table(
        names=tables[0].names,
        features=np.concatenate([table.features for table in tables]),
        case=np.concatenate([table.case + offsets[place] for place, table in enumerate(tables)]),
        chosen=np.concatenate([table.chosen for table in tables]),
        targets=np.concatenate([table.targets for table in tables]),
        weight=np.concatenate([table.weight for table in tables]),
        product=np.concatenate([table.product for table in tables]),
        visits=np.concatenate([table.visits for table in tables]),
        customer=np.concatenate([table.customer for table in tables]),
    )


def halve(table: Table) -> list[Table]:
    """One window's cases, every other one."""
    halves = []
    for parity in (0, 1):
        rows = table.rows(table.case % 2 == parity)
        cases = np.arange(len(table.targets)) % 2 == parity
        per_case = {name: getattr(table, name)[cases] for name in ("targets", "weight", "visits", "customer")}
        halves.append(replace(rows, case=rows.case // 2, **per_case))
    return halves


def best_first(scores: Floats, limit: int) -> Ints:
    """Places of the `limit` best that are not -inf; of equals the first."""
    if limit < len(scores):
        bar = np.partition(scores, len(scores) - limit)[len(scores) - limit] if limit > 0 else np.inf
        places = np.flatnonzero(scores >= bar)
    else:
        places = np.arange(len(scores))
    places = places[np.argsort(-scores[places], kind="stable")][: max(limit, 0)]
    return np.asarray(places[scores[places] > -np.inf])
