"""What goes into a recommender and what comes out: a query is a history, never a customer number."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Protocol, Self

from recommender.interactions import Interactions


class Offer(StrEnum):
    """The kinds of suggestion."""

    CROSS_SELL = "cross_sell"
    UPSELL = "upsell"
    REPLENISH = "replenish"


class Task(StrEnum):
    """What is learned and measured apart; `next_basket` is cross-sell and replenishment as one list."""

    CROSS_SELL = "cross_sell"
    NEXT_BASKET = "next_basket"
    UPSELL = "upsell"


class Owned(NamedTuple):
    """One purchase in a query's history."""

    product_id: str
    at: datetime | None = None
    quantity: float = 1.0


@dataclass(frozen=True, slots=True)
class Query:
    history: Sequence[Owned] = ()
    basket: Sequence[str] = ()
    exclude: Collection[str] = ()
    """Products never to return: inactive, out of stock, declined. Applied before the top `limit`. What is
    owned need not be named: cross-sell and upsell leave out the history and the basket by themselves."""
    only: Collection[str] | None = None
    """Products that may be returned where not all may, as those sold in the customer's region; None: all. Sets
    that many queries share are best given as the same frozenset."""
    families: Collection[str] | None = None
    """Families whose products may be returned, and of other products none; None: all. One that the catalogue
    did not have at training has no products."""
    exclude_families: Collection[str] = ()
    limit: int = 10
    now: datetime | None = None
    """Recency is counted back from here; None means the end of the training data."""


class Evidence(NamedTuple):
    """A count that a person can check in the order lines: of `buyers` customers who bought `anchor`,
    `also` bought the product on the same calendar day (UTC) or in the `days` days after it;
    `shop_wide` is the share of all customers who ever bought the product."""

    anchor: str
    buyers: int
    also: int
    days: int
    shop_wide: float
    low: float
    high: float
    """Wilson 95 % interval of also / buyers."""


class Because(NamedTuple):
    """A history item's share of the score; the shares of one recommendation add up to 1."""

    product_id: str
    share: float


class Support(NamedTuple):
    """How surely the surest count speaks for a product."""

    low: float
    """The least share of the anchor's buyers who bought it too: the low end of the interval."""
    shop_wide: float


class Proposal(NamedTuple):
    """What there is to weigh of a recommendation before its reasons are put into words."""

    product_id: str
    score: float
    kind: Offer
    likelihood: float | None
    support: Support | None
    """None where no count speaks for it."""
    popular: bool
    linked: bool = False
    """Whether a link that somebody keeps in the catalogue leads to it from a purchase."""


@dataclass(frozen=True, slots=True)
class Recommendation:
    product_id: str
    score: float
    """Orders suggestions of one kind for one query; not to be compared across kinds."""
    kind: Offer
    likelihood: float | None = None
    """Estimated probability that a customer who comes back in a window of the past's length (four weeks where
    the data last that long) buys it; comparable across kinds. None where no choice model was learned."""
    anchor: str | None = None
    """The product the customer owns or is buying that this one follows from."""
    because: tuple[Because, ...] = ()
    """Empty where no purchase caused it: see `popular`."""
    evidence: tuple[Evidence, ...] = ()
    sources: dict[str, float] = field(default_factory=dict)
    """Each source's part of the score, by its name."""
    popular: bool = False
    """Not personal: offered because many buy it lately."""
    linked: str | None = None
    """The product the customer owns or is buying whose link in the catalogue leads to this one."""


class Recommender(Protocol):
    """A source of recommendations. Fitting keeps no customer's history; loading gives the same answers
    as saving."""

    def fit(self, data: Interactions) -> Self: ...

    def recommend(self, query: Query) -> list[Recommendation]:
        """Best first, at most `query.limit`; [] means no opinion."""
        ...

    def save(self, directory: Path) -> None: ...

    @classmethod
    def load(cls, directory: Path) -> Self: ...
