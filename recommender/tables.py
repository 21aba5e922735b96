"""Candidates of past cases as rows of features: what combinations are learned from and judged on."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from recommender.interactions import Floats, Ints, Mask

IDEAL = np.cumsum(1 / np.log2(np.arange(2, 102)))


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

    def ranks(self, scores: Floats) -> Ints:
        """Per row, its place among its case's, the best 0; of equals the first."""
        return rank_within(scores, self.case)

    def ndcg(self, scores: Floats, k: int = 10) -> Floats:
        """Per case."""
        rank = self.ranks(scores)
        gain = np.where(self.chosen & (rank < k), 1 / np.log2(rank + 2), 0)
        found = np.bincount(self.case, gain, len(self.targets))
        return np.asarray(found / IDEAL[np.minimum(self.targets, k) - 1])

    def found(self, scores: Floats, k: int = 10) -> Ints:
        """Per case, how many of the k best were chosen."""
        hit = self.chosen & (self.ranks(scores) < k)
        return np.bincount(self.case[hit], minlength=len(self.targets))

    def columns(self, names: Sequence[str]) -> Floats:
        return np.asarray(self.features[:, [self.names.index(name) for name in names]])

    def only(self, names: Sequence[str]) -> Self:
        """The same cases with these features alone."""
        return replace(self, names=tuple(names), features=self.columns(names))

    def rows(self, kept: Mask) -> Self:
        """The same cases, fewer candidates."""
        return replace(self, features=self.features[kept], case=self.case[kept], chosen=self.chosen[kept])

    def weighed(self, factor: float) -> Self:
        return replace(self, weight=self.weight * factor)

    def thinned(self, most: int, *, seed: int = 0) -> Self:
        """What was chosen and, of the other candidates, so many that a case has `most`: sampling alternatives
        leaves a choice model's weights what they are (McFadden 1978)."""
        luck = np.random.default_rng(seed).random(len(self.case))
        return self.rows(self.ranks(np.where(self.chosen, 1.0, luck)) < most)


def rank_within(scores: Floats, case: Ints) -> Ints:
    """`case`: ascending; per row, its place among the rows of its case, the best 0; of equals the first."""
    alone = not len(case) or case[0] == case[-1]
    order = np.argsort(-scores, kind="stable") if alone else np.lexsort((-scores, case))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    return rank if alone else rank - np.searchsorted(case, case)


def join(tables: Sequence[Table]) -> Table:
    offsets = np.cumsum([0, *(len(table.targets) for table in tables)])
    return Table(
        names=tables[0].names,
        features=np.concatenate([table.features for table in tables]),
        case=np.concatenate([table.case + offsets[place] for place, table in enumerate(tables)]),
        chosen=np.concatenate([table.chosen for table in tables]),
        targets=np.concatenate([table.targets for table in tables]),
        weight=np.concatenate([table.weight for table in tables]),
    )


def halve(table: Table) -> list[Table]:
    """One window's cases, every other one."""
    halves = []
    for parity in (0, 1):
        rows = table.rows(table.case % 2 == parity)
        cases = np.arange(len(table.targets)) % 2 == parity
        halves.append(
            replace(rows, case=rows.case // 2, targets=table.targets[cases], weight=table.weight[cases])
        )
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
