"""A regularised linear combination of features, fitted to what customers chose."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize

from recommender.interactions import Floats, Ints, Mask

Weights = Mapping[str, float]


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

    def ndcg(self, scores: Floats, k: int = 10) -> Floats:
        """Per case."""
        order = np.lexsort((-scores, self.case))
        start = np.searchsorted(self.case, np.arange(len(self.targets)))
        rank = np.arange(len(order)) - start[self.case]
        gain = np.where(self.chosen[order] & (rank < k), 1 / np.log2(rank + 2), 0)
        ideal = np.cumsum(1 / np.log2(np.arange(2, k + 2)))
        found = np.bincount(self.case, gain, len(self.targets))
        return np.asarray(found / ideal[np.minimum(self.targets, k) - 1])

    def score(self, weights: Weights) -> Floats:
        return np.asarray(self.features @ np.array([weights.get(name, 0.0) for name in self.names]))

    def only(self, names: Sequence[str]) -> "Table":
        """The same cases with these features alone."""
        places = [self.names.index(name) for name in names]
        return replace(self, names=tuple(names), features=self.features[:, places])

    def weighed(self, factor: float) -> "Table":
        return replace(self, weight=self.weight * factor)


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


def fit(table: Table, *, ridge: float, rising: Collection[str] = (), start: Weights | None = None) -> Weights:
    """Conditional logit (McFadden 1974): among a case's candidates, each chosen one is as likely as the
    softmax of its score. Weights of features in `rising` are not negative; `start` only saves time."""
    features = table.features.astype(np.float64)
    starts = np.flatnonzero(np.diff(table.case, prepend=-1))
    case = np.cumsum(np.diff(table.case, prepend=-1) > 0) - 1
    chosen = np.add.reduceat(table.chosen.astype(np.float64), starts)
    weight = np.where(chosen > 0, table.weight[table.case[starts]], 0.0)
    weight /= max(weight.sum(), 1e-12)
    share = table.chosen * (weight / np.maximum(chosen, 1))[case]
    mean = share @ features

    def loss(weights: Floats) -> tuple[float, Floats]:
        scores = features @ weights
        scores -= np.maximum.reduceat(scores, starts)[case]
        raised = np.exp(scores)
        total = np.add.reduceat(raised, starts)
        likely = raised * (weight / total)[case]
        value = weight @ np.log(total) - share @ scores + ridge * weights @ weights
        return float(value), likely @ features - mean + 2 * ridge * weights

    bounds = [(0.0 if name in rising else None, None) for name in table.names]
    near = np.array([(start or {}).get(name, 0.0) for name in table.names])
    found = minimize(loss, near, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 100})
    return dict(zip(table.names, found.x.tolist(), strict=True))
