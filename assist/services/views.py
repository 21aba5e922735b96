"""What the sidebar shows, independent of HTML or JSON: one view model for every chat tool.

Texts from a CRM are plain, untrusted strings; whoever renders them escapes and bounds them. `code` fields are
stable words that the border translates; nothing here is a sentence in one language except talk tracks and
reasons, which were made for the language asked for.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Price:
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class CustomerChoice:
    """One of several customers that carry the same key; the agent picks, we never merge silently."""

    id: int
    name: str
    company: str | None
    country: str | None
    connection: str
    last_order_at: datetime | None
    masked_key: str
    """`a…z@example.com`, `+34 … 678`: enough to ask the customer, not enough to copy."""


@dataclass(frozen=True, slots=True)
class PersonaView:
    key: str
    name: str
    summary: str
    coverage: float
    score: float
    reasons: tuple[str, ...]
    """Sentences for true criteria."""
    against: tuple[str, ...]
    missing: tuple[str, ...]
    """What we would need to know, in words."""
    goals: tuple[str, ...] = ()
    do: tuple[str, ...] = ()
    dont: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionView:
    """What to ask, because the answer would tell most about who this is; or what was asked already."""

    fact: str
    asks: str
    answers: tuple[tuple[str, str], ...]
    """Value and words of each."""
    said: str | None = None
    """The words of the answer that was given."""


@dataclass(frozen=True, slots=True)
class PersonaResult:
    state: str
    """`strong` · `likely` · `two_possible` · `not_enough_data` · `none` · `chosen`, by the agent."""
    personas: tuple[PersonaView, ...]
    options: tuple[tuple[str, str], ...] = ()
    """Key and name of every persona, for the agent to choose from; empty where there is no conversation."""


@dataclass(frozen=True, slots=True)
class IcpView:
    grade: str | None
    """`B2`; None where too little is known."""
    reasons: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Purchase:
    """One line of the purchase history."""

    at: datetime
    name: str
    quantity: Decimal
    price: Price | None
    order_number: str
    status: str
    """`won` · `open` · `late` · `returned` · `cancelled` · `refunded` · `unknown`."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Why nothing is sold now; it lifts itself when we learn that the cause is gone."""

    code: str
    """`late_order` · `open_complaint` · `agent_closed` · `rule`."""
    subject: str
    """The order's number, the case's subject, or the rule's reason in the agent's language."""
    days: int | None = None


@dataclass(frozen=True, slots=True)
class WriteBack:
    """What the CRM has been told about this customer."""

    waiting: int
    failed: int
    delivered_at: datetime | None
    """Of the last one."""
    shadow: bool = False
    """The connection that would be told is in shadow mode."""
    kept: int = 0
    """Not written, because a connection is or was in shadow mode."""
    supported: bool = True
    """False where no connection of this customer takes notes."""
    held: bool = False
    """Writes are switched off for all."""


@dataclass(frozen=True, slots=True)
class Freshness:
    synced_at: datetime | None
    live: bool
    """The live CRM answered for this card."""
    crm_down: bool = False


@dataclass(frozen=True, slots=True)
class Header:
    customer_id: int
    """Of the local mirror; what later requests name."""
    name: str
    register: str | None
    language: str | None
    country: str | None
    company: str | None
    matched_on: str
    """`email` · `phone` · `ref` · `picked`."""
    connections: tuple[str, ...]
    orders: int
    months: int | None
    """Since the first order; None without one."""
    lifecycle: str
    """`prospect` · `new` · `active` · `loyal` · `at_risk` · `lapsed`."""


@dataclass(frozen=True, slots=True)
class Card:
    """Who this is. `state` decides which of the others is filled."""

    state: str
    """`match` · `ambiguous` · `unknown` · `no_key`."""
    header: Header | None = None
    persona: PersonaResult | None = None
    icp: IcpView | None = None
    gate: Gate | None = None
    history: tuple[Purchase, ...] = ()
    more_purchases: int = 0
    """Purchases beyond `history`."""
    choices: tuple[CustomerChoice, ...] = ()
    write_back: WriteBack | None = None
    freshness: Freshness | None = None
    complaints_visible: bool = True
    """Whether any CRM that knows the customer shows cases: none seen is not none open."""
    question: QuestionView | None = None
    """What to ask next."""
    asked: tuple[QuestionView, ...] = ()


@dataclass(frozen=True, slots=True)
class DealView:
    """What the customer is about to buy."""

    kind: str
    """`deal` · `quote` · `order`."""
    name: str
    stage: str
    total: Price | None
    changed_at: datetime | None
    token: str | None
    """What `lines.add` takes; None where no line can be put on it."""


@dataclass(frozen=True, slots=True)
class LineView:
    """A suggestion that the agent put on a deal."""

    id: str
    kind: str
    deal: str
    """The deal's name."""
    state: str
    """`waiting` · `delivered` · `dead`, or what else the outbox says."""
    closed: bool
    """Dead because the deal was closed meanwhile."""
    undo_until: datetime


@dataclass(frozen=True, slots=True)
class EvidenceView:
    anchor: str
    """The anchor product's name."""
    buyers: int
    also: int
    days: int
    shop_wide: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class BecauseView:
    name: str
    share: float


@dataclass(frozen=True, slots=True)
class MovedView:
    """A rule of people's that moved a suggestion."""

    rule: str
    """Its key."""
    effect: str
    """`boost` · `first` · `mandatory`."""
    factor: str | None
    """Of a boost."""
    reason: str
    """In the agent's language."""


@dataclass(frozen=True, slots=True)
class WorthView:
    """P · V · C · L − A, money in the currency of the price."""

    probability: float
    value: float
    context: float
    lever: float
    attention: float
    expected: float
    assumed: tuple[str, ...]
    """Which of `price` and `margin_rate` were not known."""


@dataclass(frozen=True, slots=True)
class OutcomeView:
    """The last word on a suggestion."""

    id: str
    act: str
    """`offered` · `accepted` · `declined` · `wrong_data`."""
    reason: str | None
    undo_until: datetime


@dataclass(frozen=True, slots=True)
class SuggestionView:
    id: str
    position: int
    kind: str
    """`cross_sell` · `upsell` · `replenish`."""
    sku: str
    name: str
    price: Price | None
    difference: Price | None
    """For an upsell: how much dearer than the anchor."""
    anchor: str | None
    """The anchor product's name."""
    popular: bool
    evidence: EvidenceView | None
    because: tuple[BecauseView, ...]
    talk_track: str
    """Ready to send, in the customer's language and register."""
    language: str
    stock: int | None
    linked: bool = False
    """Somebody relates it to the anchor in the CRM's catalogue."""
    messages: tuple[str, ...] = ()
    """What rules tell the agent with this one."""
    given: str | None = None
    """Percent that the price was lowered by, as a concession."""
    moved: tuple[MovedView, ...] = ()
    worth: WorthView | None = None
    """For those who look after rules; None where an older version of the program decided."""
    outcome: OutcomeView | None = None


@dataclass(frozen=True, slots=True)
class Suggestions:
    """A decision as shown. An empty list is an answer; `silence` says why."""

    decision_id: str | None
    suggestions: tuple[SuggestionView, ...]
    silence: str | None = None
    """`gate` · `objection` · `no_consent` · `nothing_fits` · `no_model` · `switched_off` · `no_customer`."""
    gate: Gate | None = None
    model_version: str | None = None
    messages: tuple[str, ...] = ()
    """What rules tell the agent whatever is offered."""
