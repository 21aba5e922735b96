"""Gradient-boosted trees that put the best candidates of a linear combination in order (LambdaMART: Burges
2010; LightGBM: Ke et al. 2017)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Self

import lightgbm
import numpy as np
from scipy.optimize import minimize_scalar

from recommender.blend import Weights, score
from recommender.interactions import Floats, Ints
from recommender.settings import LINKED, SOURCES
from recommender.tables import Table, join, rank_within

CANDIDATES = 100
PER_CASE = 50
"""Candidates of a case that are fitted on; more cost much and teach little."""
FEWEST_IN_LEAF = 20
STEP = 0.05
SHARE_OF_FEATURES = 0.3
"""Of which each tree is made: one does not see what another leans on."""
RANKED = (
    *SOURCES,
    *(f"{name} of last order" for name in SOURCES),
    "like long",
    "like all",
    "first bought in 21 days",
    "first bought fading in 45 days",
)
"""Features of which also the rank among the candidates says something."""
BLEND, BLEND_RANK = "blend", "rank by blend"
COLDEST, HOTTEST = 0.05, 5.0


@dataclass(frozen=True, slots=True)
class Shape:
    leaves: int
    trees: int


FEW, MANY = 7, 31
"""Leaves of a tree."""
TREES = (50, 100, 150)
MANY_ROWS = 100_000
"""From here on small trees are hardly safer, and trying them too costs as much again."""


def shapes_for(rows: int) -> tuple[Shape, ...]:
    """What is tried where so many candidates are fitted on."""
    leaves = (FEW, MANY) if rows < MANY_ROWS else (MANY,)
    return tuple(Shape(some, trees) for some in leaves for trees in TREES)


@dataclass(frozen=True)
class Ranker:
    """Fitted trees, in LightGBM's text form."""

    text: str
    names: tuple[str, ...]
    """The features, as `refine` makes them."""
    temperature: float = 1.0
    """Makes scores those of a choice model."""

    @classmethod
    def fit(cls, tables: Sequence[Table], shape: Shape) -> Self:
        """On refined tables."""
        table = join([one.thinned(PER_CASE) for one in tables])
        table = table.rows(np.bincount(table.case, table.chosen, len(table.targets))[table.case] > 0)
        _, sizes = np.unique(table.case, return_counts=True)
        rows = lightgbm.Dataset(
            table.features,
            table.chosen.astype(np.float32),
            group=sizes,
            weight=table.weight[table.case],
            params={"max_bin": 63, "verbose": -1},
        )
        booster = lightgbm.train(_settings(shape), rows, shape.trees)
        return cls(booster.model_to_string(), table.names)

    @cached_property
    def booster(self) -> Any:
        return lightgbm.Booster(model_str=self.text)

    def predict(self, features: Floats, trees: int = -1) -> Floats:
        """Rows × names in, scores out; of the first so many trees alone."""
        if not len(features):
            return np.zeros(0)
        raw = self.booster.predict(features, raw_score=True, num_iteration=trees, num_threads=1)
        return np.asarray(raw, np.float64) * self.temperature

    def warmed(self, tables: Sequence[Table], scores: Sequence[Floats]) -> Self:
        """With the temperature that makes these scores, of cases not fitted on, most likely."""
        return replace(self, temperature=_find_temperature(join(tables), np.concatenate(scores)))

    @cached_property
    def voices(self) -> Mapping[str, float]:
        """Each source's share of what the trees gained by it: what it counts for in an explanation."""
        gains = dict(zip(self.names, self.booster.feature_importance("gain").tolist(), strict=True))
        names = (*SOURCES, *LINKED)
        own = {name: sum(gain for key, gain in gains.items() if name == _about(key)) for name in names}
        total = max(sum(own.values()), 1e-12)
        return {name: max(gain / total, 1e-3) for name, gain in own.items()}


def refine(table: Table, weights: Weights, most: int | None = CANDIDATES) -> Table:
    """Each case's best candidates by the linear combination, with where they stand among themselves."""
    blend = score(table, weights)
    kept = table.ranks(blend) < (most or len(table.case))
    best, blend = table.rows(kept), blend[kept]
    names, features = place(best.features, best.names, blend, best.case)
    return replace(best, names=names, features=features)


def order(ranker: Ranker, described: Mapping[str, Floats], blend: Floats, case: Ints) -> Floats:
    """The ranker's scores of candidates that were described one by one."""
    plain = tuple(name for name in ranker.names if name in described)
    features = np.stack([described[name] for name in plain], axis=1).astype(np.float32)
    return ranker.predict(place(features, plain, blend, case)[1])


def place(
    features: Floats, names: tuple[str, ...], blend: Floats, case: Ints
) -> tuple[tuple[str, ...], Floats]:
    """The features and, among the candidates of each case, their places by `blend` and by RANKED."""
    ranked = [name for name in RANKED if name in names]
    columns = np.column_stack([blend, features[:, [names.index(name) for name in ranked]]])
    starts = np.flatnonzero(np.diff(case, prepend=-1))
    top = np.repeat(np.maximum.reduceat(blend, starts), np.diff(starts, append=len(case)))
    more = np.column_stack([blend - top, np.log1p(rank_within(columns, case))]).astype(np.float32)
    return (*names, BLEND, BLEND_RANK, *(f"rank by {name}" for name in ranked)), np.hstack([features, more])


def _settings(shape: Shape) -> dict[str, Any]:
    return {
        "objective": "lambdarank",
        "learning_rate": STEP,
        "num_leaves": shape.leaves,
        "min_data_in_leaf": FEWEST_IN_LEAF,
        "lambda_l2": 1.0,
        "feature_fraction": SHARE_OF_FEATURES,
        "max_bin": 63,
        "num_threads": 1,
        "deterministic": True,
        "force_row_wise": True,
        "seed": 0,
        "verbose": -1,
    }


def _about(feature: str) -> str:
    """The source that a feature tells of, if any."""
    plain = feature.removeprefix("rank by ").removesuffix(" of last order")
    return plain.removeprefix("log ").removeprefix("plain ")


def _find_temperature(table: Table, scores: Floats) -> float:
    starts = np.flatnonzero(np.diff(table.case, prepend=-1))
    sizes = np.diff(starts, append=len(table.case))
    chosen = np.add.reduceat(table.chosen.astype(np.float64), starts)
    share = table.chosen / np.repeat(np.maximum(chosen, 1), sizes)
    scores = scores - np.repeat(np.maximum.reduceat(scores, starts), sizes)

    def loss(temperature: float) -> float:
        total = np.log(np.add.reduceat(np.exp(temperature * scores), starts))
        return float(total[chosen > 0].sum() - temperature * (share @ scores))

    return float(minimize_scalar(loss, bounds=(COLDEST, HOTTEST), method="bounded").x)
