"""Tables as past cases would give them."""

import numpy as np

from recommender.interactions import Floats, Ints, Mask
from recommender.tables import Table


def table_of(features: Floats, case: Ints, chosen: Mask, *, names: tuple[str, ...] = ("x",)) -> Table:
    """One target per case."""
    cases = int(case.max()) + 1
    return Table(
        names=names,
        features=features,
        case=case,
        chosen=chosen,
        targets=np.ones(cases, np.int64),
        weight=np.ones(cases),
        product=np.arange(len(case)),
        visits=np.ones(cases, np.int64),
        customer=np.arange(cases),
    )
