"""How much of each kind customers buy when they come back: what turns shares of a list into probabilities."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recommender.base import Offer
from recommender.windows import Case, Window


@dataclass(frozen=True, slots=True)
class Volume:
    """Of one past window."""

    purchases: Mapping[str, int]
    """Per kind, or task of newcomers."""
    customers: Mapping[str, int]
    """Who could have bought it: all who came back, or all newcomers."""


def measure(window: Window, cases: Mapping[str, Sequence[Case]]) -> Volume:
    """`cases` per task, all there are."""
    back = window.returning
    again = cases["next_basket"]
    purchases = {task: sum(len(case.targets) for case in found) for task, found in cases.items()}
    purchases[Offer.REPLENISH.value] = sum(
        len(np.intersect1d(one.targets, one.history.codes)) for one in again
    )
    customers = dict.fromkeys(purchases, back) | {"popular": len(cases["popular"])}
    return Volume(purchases, customers)


def average(volumes: Sequence[Volume]) -> dict[str, float]:
    """Purchases per customer, over all windows; a kind that nobody could have bought is left out."""
    kinds = {kind for volume in volumes for kind in volume.purchases}
    totals = {
        kind: (sum(one.purchases[kind] for one in volumes), sum(one.customers[kind] for one in volumes))
        for kind in sorted(kinds)
    }
    return {kind: bought / customers for kind, (bought, customers) in totals.items() if customers}
