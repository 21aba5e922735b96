"""The sample CRM's records as the JSON text it keeps them in, and back."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from crm_adapters.model import (
    Act,
    Case,
    Consent,
    Customer,
    DealKind,
    Email,
    Kind,
    Money,
    OpenDeal,
    Order,
    OrderLine,
    OrderStatus,
    Phone,
    Product,
    SuggestionOutcome,
)

Record = Product | Customer | Order | Case
Document = dict[str, Any]


def write(record: Record | OpenDeal | SuggestionOutcome) -> str:
    return _WRITER.encode(record)


def read(kind: Kind, body: str) -> Record:
    return _READERS[kind](json.loads(body))


def read_deal(body: str) -> OpenDeal:
    found: Document = json.loads(body)
    found["lines"] = tuple(_line(line) for line in found["lines"])
    found["kind"] = DealKind(found["kind"])
    found["amount"] = _money(found["amount"]) if found["amount"] else None
    return OpenDeal(**_dated(found))


def read_outcome(body: str) -> SuggestionOutcome:
    found: Document = json.loads(body)
    return SuggestionOutcome(
        **{
            **found,
            "act": Act(found["act"]),
            "at": datetime.fromisoformat(found["at"]),
            "price": _money(found["price"]) if found["price"] else None,
        }
    )


def _plain(value: Any) -> Any:
    """For what JSON has no form of its own; what is none of these types is one of our records."""
    form = _FORMS.get(type(value))
    return form(value) if form else {name: getattr(value, name) for name in value.__slots__}


def _product(found: Document) -> Product:
    found["prices"] = tuple(_money(price) for price in found["prices"])
    return Product(**_dated(found))


def _customer(found: Document) -> Customer:
    found["emails"] = tuple(Email(**email) for email in found["emails"])
    found["phones"] = tuple(Phone(**phone) for phone in found["phones"])
    found["consents"] = tuple(Consent(**_dated(consent)) for consent in found["consents"])
    return Customer(**_dated(found))


def _order(found: Document) -> Order:
    found["lines"] = tuple(_line(line) for line in found["lines"])
    found["status"] = OrderStatus(found["status"])
    return Order(**_dated(found))


def _line(found: Document) -> OrderLine:
    found["quantity"] = Decimal(found["quantity"])
    found["unit_price"] = _money(found["unit_price"]) if found["unit_price"] else None
    return OrderLine(**found)


def _case(found: Document) -> Case:
    return Case(**_dated(found))


def _dated(found: Document) -> Document:
    for name, value in found.items():
        if value is not None and (name == "at" or name.endswith("_at")):
            found[name] = datetime.fromisoformat(value)
    return found


def _money(text: str) -> Money:
    amount, currency = text.split()
    return Money(Decimal(amount), currency)


_FORMS: Mapping[type, Callable[[Any], Any]] = {
    Money: lambda money: f"{money.amount} {money.currency}",
    Decimal: str,
    datetime: datetime.isoformat,
    MappingProxyType: dict,
}
_WRITER = json.JSONEncoder(default=_plain, ensure_ascii=False, separators=(",", ":"))
_READERS: Mapping[Kind, Callable[[Document], Record]] = {
    Kind.PRODUCTS: _product,
    Kind.CUSTOMERS: _customer,
    Kind.ORDERS: _order,
    Kind.CASES: _case,
}
