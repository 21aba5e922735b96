"""What a ranker looks at: each candidate beside the customer's history, and the customer."""

from collections.abc import Iterable, Mapping

import numpy as np

from recommender.content import resemble
from recommender.facts import FACTS, PRICE, QUANTITY
from recommender.fitted import OWN, STATIC, Asked
from recommender.interactions import Floats, Ints, Mask
from recommender.settings import PERSONAL, SOURCES, list_shares
from recommender.sources import History
from recommender.weights import decay

SHORT, LONG = 30.0, 120.0
"""Half-lives in days that a history's likeness to a candidate is counted with."""
NEAREST = 5
CLOSENESS = (
    "like lately",
    "like long",
    "like all",
    "like most",
    "like nearest",
    "like last order",
    "like most of last order",
)
FIT = ("price fit", "price distance", "quantity fit", "size fit")
LABELS = ("family", "category")
AFFINITY = tuple(f"{label} {what}" for label in LABELS for what in ("share", "held", "in last order"))
HABITS = ("times", "days since", "due by own gap", "due by shop's gap", "times per visit", "in last order")
CUSTOMER = (
    "customer's quantity",
    "customer's relative quantity",
    "customer's price",
    "customer's spread of price",
    "customer's days since",
    "customer's days known",
    "customer's products",
    "customer's visits",
    "customer's last order",
    "customer's gap",
    "customer due",
)
LAST = tuple(f"{name} of last order" for name in SOURCES)
PLAIN = ("plain als",)
"""Only factors' scores mean the same in a shop of any size."""
MORE = (*PLAIN, *LAST, *CLOSENESS, *FACTS, *FIT, *AFFINITY, "repeat rate", *CUSTOMER)
FEATURES = (*PERSONAL, *STATIC, *MORE)
AGAIN = (*FEATURES, *OWN, *HABITS)
"""Where what was bought before is among the candidates."""


def list_features(linked: Iterable[str] = (), *, again: bool = False) -> tuple[str, ...]:
    """FEATURES or AGAIN, and those of the sources that only some catalogues have."""
    names = tuple(linked)
    more = (*list_shares(names), *(f"{name} of last order" for name in names))
    return (*(AGAIN if again else FEATURES), *more)


def describe(asked: Asked, codes: Ints, *, again: bool) -> dict[str, Floats]:
    """Every feature of AGAIN, or else of FEATURES, for these products, sorted; the history is not empty."""
    history, fitted = asked.history, asked.fitted
    last = history.last_order()
    over = asked.over(codes)
    places = np.arange(len(codes))
    found = (over.columns(places) if again else over.common(places)) | _ask_last(asked, codes, last)
    found["plain als"] = np.log(over.scores["als"] + 1e-9)
    found["repeat rate"] = fitted.repeats.rate[codes]
    found |= _compare(asked, codes, last)
    found |= dict(zip(FACTS, fitted.facts.values[codes].T, strict=True))
    found |= _relate(asked, codes, last)
    customer = _portray(asked, last)
    found |= _fit(asked, codes, customer)
    found |= {name: np.full(len(codes), value) for name, value in customer.items()}
    return found | _habits(asked, codes, last) if again else found


def _ask_last(asked: Asked, codes: Ints, last: History) -> dict[str, Floats]:
    places, held = asked.places(codes)
    pool = asked.pool if held.all() else None
    answers, codes = (asked.near, places) if held.all() else (asked.answers, codes)
    found: dict[str, Floats] = {}
    for source in asked.fitted.sources:
        answer = answers[source.name]
        if len(last) < len(asked.history):
            answer = source.ask_part(last, asked.history, answer, pool)
        found[f"{source.name} of last order"] = answer.scores(codes) / asked.tops[source.name]
    return found


def stack(columns: Mapping[str, Floats], names: tuple[str, ...]) -> Floats:
    """Products × names, float32."""
    return np.stack([columns[name] for name in names], axis=1).astype(np.float32)


def _compare(asked: Asked, codes: Ints, last: History) -> dict[str, Floats]:
    """How names resemble those of what was bought; a product says nothing about itself."""
    owned, history = asked.owned, asked.history
    likeness = resemble(asked.fitted.facts.words, codes, owned)
    likeness[codes[:, None] == owned] = 0
    in_last = _holds(last, owned)
    weights = [history.counts(half_life)[1] for half_life in (SHORT, LONG)]
    faded = [likeness @ (some / max(some.sum(), 1e-12)) for some in weights]
    near = min(NEAREST, len(owned))
    nearest = np.partition(likeness, len(owned) - near, axis=1)[:, len(owned) - near :]
    recent = likeness[:, in_last]
    columns = (*faded, likeness.mean(axis=1), likeness.max(axis=1), nearest.mean(axis=1))
    return dict(zip(CLOSENESS, (*columns, recent.mean(axis=1), recent.max(axis=1)), strict=True))


def _relate(asked: Asked, codes: Ints, last: History) -> dict[str, Floats]:
    """How much of the history is of the candidate's family and category."""
    facts, owned = asked.fitted.facts, asked.owned
    weights = asked.history.counts(LONG)[1]
    found: dict[str, Floats] = {}
    for name, label in zip(LABELS, (facts.family, facts.category), strict=True):
        held, mine = label[owned], label[codes]
        size = int(label.max(initial=-1)) + 2  # one more place, the last, for unknown: -1
        share = np.bincount(held + 1, weights / max(weights.sum(), 1e-12), size)
        count = np.bincount(held + 1, minlength=size)
        recent = np.bincount(label[last.codes] + 1, minlength=size) > 0
        share[0] = count[0] = recent[0] = 0
        columns = (share, np.log1p(count), recent)
        keys = (f"{name} {what}" for what in ("share", "held", "in last order"))
        found |= {key: column[mine + 1] for key, column in zip(keys, columns, strict=True)}
    return found


def _portray(asked: Asked, last: History) -> dict[str, float]:
    """The customer alone, as one number each; NaN where unknown."""
    history, facts = asked.history, asked.fitted.facts
    weights = decay(history.ages, LONG) + 1e-9
    amounts = np.log(np.maximum(history.amounts, 1e-3))
    usual = facts.values[history.codes, QUANTITY]
    prices = facts.values[history.codes, PRICE].astype(np.float64)
    known = ~np.isnan(prices)
    price = _average(prices[known], weights[known])
    spread = np.sqrt(_average((prices[known] - price) ** 2, weights[known]) + 0.04)
    visits = np.unique(np.floor(history.ages))
    since = float(history.ages.min())
    gap = float(visits[-1] - visits[0]) / (len(visits) - 1) if len(visits) > 1 else np.nan
    values = (
        _average(amounts, weights),
        _average(amounts - usual, weights),
        price,
        float(spread),
        since,
        float(history.ages.max()),
        float(np.log(len(asked.owned))),
        float(np.log(len(visits))),
        float(np.log(len(last))),
        gap,
        (since + 1) / (gap + 1),
    )
    return dict(zip(CUSTOMER, values, strict=True))


def _fit(asked: Asked, codes: Ints, customer: Mapping[str, float]) -> dict[str, Floats]:
    values = asked.fitted.facts.values[codes]
    apart = values[:, PRICE] - customer["customer's price"]
    sizes = values[:, FACTS.index("size of buyers")] - np.log1p(len(asked.owned))
    columns = (
        apart,
        np.abs(apart) / customer["customer's spread of price"],
        values[:, QUANTITY] - customer["customer's quantity"],
        sizes,
    )
    return dict(zip(FIT, columns, strict=True))


def _habits(asked: Asked, codes: Ints, last: History) -> dict[str, Floats]:
    """How the customer bought the candidate itself; NaN and 0 where never."""
    history = asked.history
    owned, place = history.distinct
    times = np.bincount(place, minlength=len(owned)).astype(np.float64)
    newest, oldest = np.full(len(owned), np.inf), np.zeros(len(owned))
    np.minimum.at(newest, place, history.ages)
    np.maximum.at(oldest, place, history.ages)
    gap = np.where(times > 1, (oldest - newest) / np.maximum(times - 1, 1), np.nan)
    visits = len(np.unique(np.floor(history.ages)))
    due = (newest + 1) / (asked.fitted.repeats.cycle[owned] + 1)
    columns = (times, newest, (newest + 1) / (gap + 1), due, times / visits, _holds(last, owned))
    at = np.minimum(np.searchsorted(owned, codes), len(owned) - 1)
    bought = owned[at] == codes
    return {
        name: np.where(bought, column[at], np.nan if name.startswith(("days", "due")) else 0.0)
        for name, column in zip(HABITS, columns, strict=True)
    }


def _holds(order: History, codes: Ints) -> Mask:
    return np.asarray((order.codes[:, None] == codes).any(axis=0))


def _average(values: Floats, weights: Floats) -> float:
    return float(values @ weights / weights.sum()) if len(values) else float("nan")
