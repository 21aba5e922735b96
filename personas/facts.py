"""What may be known about a customer, and what is known about one."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache, partial
from types import MappingProxyType
from typing import TypeAlias, TypeVar

from personas.fact import Fact, FactType, Source
from personas.languages import REGISTERS

FactValue: TypeAlias = bool | int | Decimal | str | date | frozenset[str]
"""Never a float: the same facts must give the same decision on any machine."""


T = TypeVar("T")
LONGEST = 20_000
"""Letters of a text that are looked at: a CRM may keep books in a field, and a condition ask for 200 words of it."""


_NUMBER, _TEXT, _BOOLEAN, _SET, _DATE = FactType
_whole = partial(Fact, whole=True)

FACTS: tuple[Fact, ...] = (
    Fact("customer.country", _TEXT, Source.CUSTOMER, "Country, ISO 3166-1 alpha-2", unit="country"),
    Fact("customer.language", _TEXT, Source.CUSTOMER, "Language, BCP 47", unit="language"),
    Fact("customer.company_known", _BOOLEAN, Source.CUSTOMER, "A company is on record for this customer"),
    Fact(
        "customer.register",
        _TEXT,
        Source.CUSTOMER,
        "Form of address on record",
        values=REGISTERS,
    ),
    _whole(
        "customer.months_since_first",
        _NUMBER,
        Source.ORDERS,
        "Whole months since the first order",
        "months",
        low=0,
    ),
    Fact(
        "customer.lifecycle",
        _TEXT,
        Source.ORDERS,
        "Where the customer stands between first and last order",
        values=("prospect", "new", "active", "loyal", "at_risk", "lapsed"),
    ),
    Fact(
        "customer.churn_risk",
        _BOOLEAN,
        Source.ORDERS,
        "Silent for longer than three times the usual gap, after three orders or more",
    ),
    _whole("order.count", _NUMBER, Source.ORDERS, "Orders ever placed and not called off", "orders", low=0),
    _whole("order.count_12m", _NUMBER, Source.ORDERS, "Orders of the last 365 days", "orders", low=0),
    Fact("order.last_on", _DATE, Source.ORDERS, "Day of the last order"),
    _whole("order.days_since_last", _NUMBER, Source.ORDERS, "Days since the last order", "days", low=0),
    Fact("order.median_gap_days", _NUMBER, Source.ORDERS, "Usual days between two orders", "days", low=0),
    Fact("order.currency", _TEXT, Source.ORDERS, "The one currency of the last 365 days' orders"),
    Fact(
        "order.value_12m",
        _NUMBER,
        Source.ORDERS,
        "Spent in the last 365 days less returns, in order.currency",
        "money",
    ),
    Fact("order.average_value", _NUMBER, Source.ORDERS, "order.value_12m per order", "money"),
    Fact("order.has_open", _BOOLEAN, Source.ORDERS, "An order is still under way"),
    _whole(
        "order.late_days", _NUMBER, Source.ORDERS, "Days the most overdue open order is late", "days", low=0
    ),
    Fact(
        "order.return_share_12m",
        _NUMBER,
        Source.ORDERS,
        "Returned pieces per piece bought",
        "share",
        low=0,
        high=1,
    ),
    _whole(
        "rfm.r",
        _NUMBER,
        Source.FIGURES,
        "Recency fifth among all customers, 5 is latest",
        "fifth",
        low=1,
        high=5,
    ),
    _whole("rfm.f", _NUMBER, Source.FIGURES, "Frequency fifth, 5 is most often", "fifth", low=1, high=5),
    _whole(
        "rfm.m", _NUMBER, Source.FIGURES, "Money fifth within the currency, 5 is most", "fifth", low=1, high=5
    ),
    Fact(
        "category.share.*",
        _NUMBER,
        Source.ORDERS,
        "Share of the category in all purchases",
        "share",
        low=0,
        high=1,
    ),
    _whole("category.count.*", _NUMBER, Source.ORDERS, "Purchases in the category", "purchases", low=0),
    Fact("category.owned", _SET, Source.ORDERS, "Categories bought and kept"),
    Fact("family.owned", _SET, Source.ORDERS, "Product families bought and kept"),
    _whole(
        "product.owned_tier_max", _NUMBER, Source.ORDERS, "Highest tier owned in any product family", "tier"
    ),
    Fact("case.open_complaint", _BOOLEAN, Source.CASES, "A complaint is open"),
    _whole(
        "case.open_count", _NUMBER, Source.CASES, "Cases that are open, complaints included", "cases", low=0
    ),
    Fact(
        "consent.offers", _TEXT, Source.CONSENTS, "Stated wish about offers", values=("granted", "objected")
    ),
    _whole("cart.count", _NUMBER, Source.CART, "Pieces in the basket", "pieces", low=0),
    Fact("cart.value", _NUMBER, Source.CART, "What the basket costs, in cart.currency", "money", low=0),
    Fact("cart.currency", _TEXT, Source.CART, "Currency of the basket's prices"),
    Fact("cart.categories", _SET, Source.CART, "Categories in the basket"),
    Fact("cart.in_stock", _BOOLEAN, Source.CART, "Everything in the basket is in stock"),
    Fact("conversation.channel", _TEXT, Source.CONVERSATION, "Where the customer writes or calls from"),
    Fact("agent.role", _TEXT, Source.CONVERSATION, "Role of the agent in this conversation"),
    _whole("today.month", _NUMBER, Source.CLOCK, "Month of the year", "month", low=1, high=12),
    Fact(
        "today.season",
        _TEXT,
        Source.CLOCK,
        "Season where the customer lives",
        values=("spring", "summer", "autumn", "winter"),
    ),
    Fact(
        "today.is_holiday",
        _BOOLEAN,
        Source.CLOCK,
        "A public holiday in all of the country where the customer lives",
    ),
    _whole(
        "calendar.*",
        _NUMBER,
        Source.CLOCK,
        "Days until the next such day of the release's calendar, where the customer lives",
        "days",
        low=0,
    ),
    Fact("crm.*", _TEXT, Source.CRM, "A field mapped from the CRM, as the CRM words it"),
)

_BY_NAME = {fact.name: fact for fact in FACTS}

_SLUG = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)*+")


@lru_cache(4096)
def find_fact(name: str) -> Fact | None:
    """The declaration behind a name, patterns included."""
    if exact := _BY_NAME.get(name):
        return None if exact.is_pattern else exact
    head, _, tail = name.rpartition(".")
    return _BY_NAME.get(f"{head}.*") if tail and tail == slug(tail) else None


@lru_cache(maxsize=10_000)  # categories and families, again with every customer
def slug(text: str) -> str:
    """A category, family or CRM field as facts spell it: `Screen protectors` → `screen_protectors`."""
    if _SLUG.fullmatch(text):
        return text
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(char for char in plain if not unicodedata.combining(char))
    return re.sub(r"[\W_]+", "_", kept).strip("_")


class FactSet(Mapping[str, FactValue]):
    """What is known, immutable; an absent name is unknown, and a None given is left out."""

    __slots__ = ("_values", "folded")

    folded: Mapping[str, FactValue]
    """For comparing without regard to case."""

    def __init__(self, values: Mapping[str, FactValue | None] = MappingProxyType({})) -> None:
        """Raises ValueError for a name that is not declared, or a value its declaration rules out."""
        self._values = {name: _fit(name, value) for name, value in values.items() if value is not None}
        self.folded = {
            name: fold(value) if isinstance(value, str) else value for name, value in self._values.items()
        }

    def __getitem__(self, name: str) -> FactValue:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def recall(self, name: str) -> FactValue | None:
        """What is known, None where nothing is; quicker than `get`."""
        return self._values.get(name)

    def number(self, name: str) -> int | Decimal | None:
        """A number's value, None where it is unknown."""
        value = self._values.get(name)
        return value if isinstance(value, int | Decimal) else None

    def __or__(self, other: "FactSet") -> "FactSet":
        """Both together; `other` wins where both know a fact."""
        joined = FactSet.__new__(FactSet)  # both fit their declarations already
        joined._values = {**self._values, **other._values}
        joined.folded = {**self.folded, **other.folded}
        return joined

    def __repr__(self) -> str:
        return f"FactSet({', '.join(sorted(self._values))})"  # names only: values are a customer's


def fold(value: T) -> T:
    """A text without regard to case, its first LONGEST letters; anything else as it is."""
    return value[:LONGEST].casefold() if isinstance(value, str) else value  # type: ignore[return-value]


_PLAIN = {_NUMBER: int, _TEXT: str, _BOOLEAN: bool, _SET: frozenset, _DATE: date}
"""The class that nearly all values of a type have: it is seen at a glance."""


def _fit(name: str, value: FactValue) -> FactValue:
    fact = find_fact(name)
    if fact is None:
        raise ValueError(f"{name} is not declared in personas.facts.FACTS")
    if value.__class__ is not _PLAIN[fact.type] and not _is(fact.type, value):
        raise ValueError(f"{name} is a {fact.type}, not a {type(value).__name__}")
    if fact.values and value not in fact.values:
        raise ValueError(f"{name} is none of {', '.join(fact.values)}")
    return value


def _is(wanted: FactType, value: FactValue) -> bool:
    match wanted:
        case FactType.BOOLEAN:
            return isinstance(value, bool)
        case FactType.NUMBER:
            return is_number(value)
        case FactType.DATE:
            return isinstance(value, date) and not isinstance(value, datetime)
        case FactType.SET:
            return isinstance(value, frozenset)
        case FactType.TEXT:
            return isinstance(value, str)


def is_number(value: object) -> bool:
    """A whole or decimal number; no truth value, no float, no NaN."""
    if isinstance(value, Decimal):
        return value.is_finite()
    return isinstance(value, int) and not isinstance(value, bool)
