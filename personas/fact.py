"""What a fact is declared to be: its type and unit, where it comes from, and how old it may be."""

from dataclasses import dataclass
from enum import StrEnum


class FactType(StrEnum):
    NUMBER = "number"
    TEXT = "text"
    BOOLEAN = "boolean"
    SET = "set"
    DATE = "date"


class Freshness(StrEnum):
    """How old a value is when it is used."""

    NOW = "now"
    """Of this very moment and conversation."""
    LIVE = "live"
    """As of the last sync, until the CRM has answered for the customer whom an agent looks at."""
    SYNC = "sync"
    """As of the last sync, or of the CRM's last webhook."""
    FIGURES = "figures"
    """Beside all customers as they were when the shop's figures were last computed: after a sync."""


class Source(StrEnum):
    """What a fact is computed from."""

    CUSTOMER = "customer"
    ORDERS = "orders"
    FIGURES = "figures"
    """Orders, beside those of all customers."""
    CASES = "cases"
    CONSENTS = "consents"
    CRM = "crm"
    CART = "cart"
    CONVERSATION = "conversation"
    CLOCK = "clock"

    @property
    def freshness(self) -> Freshness:
        return _FRESHNESS[self]

    @property
    def of_conversation(self) -> bool:
        """Known in a conversation only, so never over all customers."""
        return self in {Source.CART, Source.CONVERSATION}

    @property
    def rewinds(self) -> bool:
        """Whether a past value can be told: a record says what it is today, not what it was."""
        return self in {Source.ORDERS, Source.FIGURES, Source.CASES, Source.CLOCK}


_FRESHNESS = {
    Source.CUSTOMER: Freshness.LIVE,
    Source.ORDERS: Freshness.LIVE,
    Source.FIGURES: Freshness.FIGURES,
    Source.CASES: Freshness.SYNC,
    Source.CONSENTS: Freshness.LIVE,
    Source.CRM: Freshness.LIVE,
    Source.CART: Freshness.NOW,
    Source.CONVERSATION: Freshness.NOW,
    Source.CLOCK: Freshness.NOW,
}


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    """Dotted; `*` as the last part stands for any short name (see `slug`): `category.share.*`."""
    type: FactType
    source: Source
    description: str
    unit: str = ""
    values: tuple[str, ...] = ()
    """The only words a text can hold; empty where any may come."""
    low: int | None = None
    high: int | None = None
    whole: bool = False
    """Whether a number is never between two whole ones."""

    @property
    def is_pattern(self) -> bool:
        return self.name.endswith(".*")
