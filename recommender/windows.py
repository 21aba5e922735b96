"""Past windows inside the training data: what was known before a day, and what was bought after it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from recommender.interactions import Interactions, Ints, Mask
from recommender.sources import History
from recommender.upsell import Ladder

HORIZON = 28
"""Days of a window, where the data last long enough."""
MOST_WINDOWS = 8
MOST_CASES = 800
"""Of a window; more cost time and change little."""
ENOUGH_CASES = 4_000
"""Of all windows; where the latest have them, older ones say no more."""
FEWEST_CHOICES = 3
"""An upsell case with fewer steps to choose from says nothing."""


@dataclass(frozen=True, slots=True)
class Case:
    """One customer of a window: what was known, and what it came to."""

    customer: int
    history: History
    targets: Ints
    """Codes, sorted."""
    anchor: int = -1
    """Of an upsell case."""


@dataclass(frozen=True, slots=True)
class Window:
    before: Interactions
    after: Interactions
    cut: float
    days: int

    @property
    def known(self) -> Mask:
        """Per product, whether it was sold before."""
        return np.asarray(np.bincount(self.before.product, minlength=len(self.before.products)) > 0)

    @property
    def returning(self) -> int:
        """Customers of the window who had bought before."""
        return len(np.intersect1d(self.before.customer, self.after.customer))

    def histories(self) -> "Histories":
        return Histories(self.before, self.cut)


class Histories:
    """The history of any customer, as of one day."""

    def __init__(self, data: Interactions, now: float) -> None:
        self._bounds = data.bounds()
        self._product = data.product.astype(np.int64)
        self._ages = data.ages(now)
        self._quantity = data.quantity

    def get(self, customer: int) -> History:
        span = slice(self._bounds[customer], self._bounds[customer + 1])
        return History(self._product[span], self._ages[span], self._quantity[span])


def split(data: Interactions, days: int) -> Window:
    """The last `days` calendar days (UTC) against all before; a line without a date counts as before."""
    return _window(data, np.floor(data.end) + 1 - days, days)


def past_windows(data: Interactions, most: int = MOST_WINDOWS) -> tuple[Window, ...]:
    """The latest first, side by side; shorter where the data are short, none where they are of one day."""
    span, end = data.end - data.start, np.floor(data.end) + 1
    if end - np.floor(data.start) < 2:
        return ()
    days = int(max(1, min(HORIZON, span / 4)))
    fitting = int(max(1, min(most, span / (2 * days))))
    windows: list[Window] = []
    customers = 0
    while len(windows) < fitting and customers < ENOUGH_CASES:
        windows.append(_window(data, end - days * (len(windows) + 1), days))
        customers += min(windows[-1].returning, MOST_CASES)
    return tuple(windows)


def _window(data: Interactions, cut: float, days: int) -> Window:
    after = data.rows((data.day >= cut) & (data.day < cut + days))
    return Window(data.before(cut), after, float(cut), days)


def cross_sell_cases(window: Window) -> Iterator[Case]:
    """Targets: bought in the window, never before by this customer, sold before to somebody."""
    known, histories = window.known, window.histories()
    for customer, bought in _purchases(window):
        history = histories.get(customer)
        targets = np.setdiff1d(bought[known[bought]], history.codes)
        if len(history) and len(targets):
            yield Case(customer, history, targets)


def next_basket_cases(window: Window) -> Iterator[Case]:
    """Targets: the customer's first order in the window, as far as sold before."""
    known, histories = window.known, window.histories()
    first = _first_orders(window.after)
    for customer, bought in _purchases(replace(window, after=first)):
        history = histories.get(customer)
        targets = bought[known[bought]]
        if len(history) and len(targets):
            yield Case(customer, history, targets)


def newcomer_cases(window: Window) -> Iterator[Case]:
    """The first orders in the window of customers who never bought before."""
    known = window.known
    before = np.zeros(len(window.before.customers), np.bool_)
    before[window.before.customer] = True
    for customer, bought in _purchases(replace(window, after=_first_orders(window.after))):
        targets = bought[known[bought]]
        if not before[customer] and len(targets):
            yield Case(customer, History(np.zeros(0, np.int64), np.zeros(0)), targets)


def upsell_cases(window: Window, ladder: Ladder) -> Iterator[Case]:
    """One per anchor, the latest purchase of a family from which a step up was bought in the window."""
    histories = window.histories()
    known = window.known
    for customer, bought in _purchases(window):
        history = histories.get(customer)
        new = np.setdiff1d(bought, history.codes)
        latest = latest_of_families(history, ladder.family) if len(new) else {}
        steps: dict[int, list[int]] = {}
        for product in new.tolist():
            anchor = latest.get(int(ladder.family[product]), -1)
            if anchor >= 0 and known[product] and product in ladder.candidates(anchor):
                steps.setdefault(anchor, []).append(product)
        for anchor, targets in steps.items():
            choices = np.setdiff1d(ladder.candidates(anchor), history.codes)
            if known[choices].sum() >= FEWEST_CHOICES:
                yield Case(customer, history, np.array(targets), anchor)


def latest_of_families(history: History, family: Ints) -> dict[int, int]:
    """Per family, the product bought last."""
    order = np.argsort(-history.ages, kind="stable")
    return {int(family[code]): int(code) for code in history.codes[order].tolist() if family[code] >= 0}


def _purchases(window: Window) -> Iterator[tuple[int, Ints]]:
    """Customers of the window with the distinct products they bought in it."""
    bounds, product = window.after.bounds(), window.after.product
    for customer in np.unique(window.after.customer).tolist():
        yield customer, np.unique(product[bounds[customer] : bounds[customer + 1]]).astype(np.int64)


def _first_orders(data: Interactions) -> Interactions:
    customers, start = np.unique(data.customer, return_index=True)
    first = np.zeros(len(data.customers), np.int64)
    first[customers] = data.order[start]
    return data.rows(data.order == first[data.customer])
