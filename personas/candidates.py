"""What might be offered, the situation it would be offered in, and why it was not."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from personas.policies import ConsentPolicy

KINDS = ("cross_sell", "upsell", "replenish", "popular")


@dataclass(frozen=True, slots=True)
class Tally:
    """How often something was offered, and how often that ended in a yes or a purchase. Declines that count
    half make `offered` fractional."""

    yes: float = 0.0
    offered: float = 0.0


class Candidate(NamedTuple):
    # A decision makes dozens, and a frozen dataclass costs three times as much to make.
    product: str
    """SKU."""
    kind: str
    """One of KINDS."""
    score: float
    """The recommender's; only compared among candidates of one kind."""
    likelihood: float | None = None
    """Probability that the customer buys it soon, as the recommender learned it; comparable between kinds.
    None: not known, the score then moves the rate of its stratum."""
    support: tuple[float, float] | None = None
    """The least share of the anchor's buyers who bought it too (the low end of its interval), and the share
    of all customers who did; None where too few are counted."""
    category: str | None = None
    price: Decimal | None = None
    """What the customer would pay more; all candidates of one decision in one currency."""
    margin_rate: Decimal | None = None
    """Of the price, 0 to 1, after any concession."""
    offer: Tally = Tally()
    """Of this offer's lineage, which editing the offer does not break."""
    stratum: Tally = Tally()
    """Of all offers of this kind to this persona."""
    overall: Tally = Tally()
    context: float = 1.0
    lever: float = 1.0
    owned: bool = False
    active: bool = True
    stock: int | None = None
    """None: not known or not counted, which is no obstacle."""
    asked_for: bool = False
    """The customer asks about it in this conversation."""
    suppressed_until: datetime | None = None
    snoozed_until: datetime | None = None
    """Of its category."""
    doubled_cost: bool = False
    """Its category costs double: something of it was declined lately."""


@dataclass(frozen=True, slots=True)
class Situation:
    now: datetime
    consent: ConsentPolicy
    is_customer: bool = True
    """Has bought before."""
    offers: bool | None = None
    """The stated wish about offers."""
    open_complaint: bool | None = None
    """None: complaints are not visible, which closes no gate but has to be said."""
    late_days: int | Decimal | None = None
    closed_by_agent: bool = False
    currency: str | None = None
    recent_offers: int = 0
    recent_declines: float = 0
    """Those that count half make it fractional."""
    most_offers: int | None = None
    """As many recent offers as are enough."""


class Stage(StrEnum):
    """Where a candidate can fall, in this order."""

    CONSENT = "consent"
    GATE = "gate"
    CANDIDATES = "candidates"
    """It never was one: nothing leads to it."""
    ELIGIBILITY = "eligibility"
    APPLICABILITY = "applicability"
    SUITABILITY = "suitability"
    CONTACT = "contact"
    STOCK = "stock"
    WORTH = "worth"
    SLOTS = "slots"


class Removal(NamedTuple):
    """Why a candidate is not offered; `rule` is a code that the application has words for, or `rule:` and the key
    of a rule that people wrote."""

    stage: Stage
    rule: str
    product: str
    actual: str
    wanted: str
    """The value that would have let it pass."""
    clause: str = ""
    """What was asked, where that is part of a rule people wrote."""
