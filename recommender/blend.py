"""A regularised linear combination of features, fitted to what customers chose."""

from collections.abc import Collection, Mapping

import numpy as np
from scipy.optimize import minimize

from recommender.interactions import Floats
from recommender.tables import Table

Weights = Mapping[str, float]


def score(table: Table, weights: Weights) -> Floats:
    used = [name for name in table.names if weights.get(name)]
    return np.asarray(table.columns(used) @ np.array([weights[name] for name in used], np.float64))


def fit(
    table: Table,
    *,
    ridge: float,
    rising: Collection[str] = (),
    prior: Weights | None = None,
    start: Weights | None = None,
) -> Weights:
    """Conditional logit (McFadden 1974): among a case's candidates, each chosen one is as likely as the
    softmax of its score. Weights of features in `rising` are not negative; what cases do not tell is as in `prior`,
    else 0; `start` only saves time."""
    features = table.features.astype(np.float64)
    starts = np.flatnonzero(np.diff(table.case, prepend=-1))
    case = np.cumsum(np.diff(table.case, prepend=-1) > 0) - 1
    chosen = np.add.reduceat(table.chosen.astype(np.float64), starts)
    weight = np.where(chosen > 0, table.weight[table.case[starts]], 0.0)
    weight /= max(weight.sum(), 1e-12)
    share = table.chosen * (weight / np.maximum(chosen, 1))[case]
    mean = share @ features
    assumed = np.array([(prior or {}).get(name, 0.0) for name in table.names])

    def loss(weights: Floats) -> tuple[float, Floats]:
        scores = features @ weights
        scores -= np.maximum.reduceat(scores, starts)[case]
        raised = np.exp(scores)
        total = np.add.reduceat(raised, starts)
        likely = raised * (weight / total)[case]
        apart = weights - assumed
        value = weight @ np.log(total) - share @ scores + ridge * apart @ apart
        return float(value), likely @ features - mean + 2 * ridge * apart

    bounds = [(0.0 if name in rising else None, None) for name in table.names]
    near = np.array([(start or {}).get(name, 0.0) for name in table.names])
    found = minimize(loss, near, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 100})
    return dict(zip(table.names, found.x.tolist(), strict=True))
