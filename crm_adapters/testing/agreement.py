"""Whether what an adapter reads is what the CRM holds, field by field."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from crm_adapters.fakes.seed import Record
from crm_adapters.model import Case, Company, Customer, OpenDeal, Order, OrderLine, Product

Read = Callable[[Any], object]


def _same(*names: str) -> dict[str, Read]:
    return {name: lambda record, name=name: getattr(record, name) for name in names}  # type: ignore[misc]  # a default keeps the name


FIELDS: Mapping[type, Mapping[str, Read]] = {
    Customer: {
        **_same("name", "given_name", "family_name", "language", "country", "company", "company_ref"),
        "emails": lambda one: {email.value for email in one.emails},
        "phones": lambda one: {phone.e164 for phone in one.phones},
        "consents": lambda one: {(consent.purpose, consent.granted) for consent in one.consents},
        "declared_ids": lambda one: dict(one.declared_ids),
    },
    Product: {
        **_same("sku", "name", "family", "category", "active", "stock"),
        "price": lambda one: one.prices[:1],
        "further_prices": lambda one: set(one.prices[1:]),
    },
    Order: {
        **_same("customer_ref", "status"),
        "placed_at": lambda one: one.placed_at.date(),
        "time": lambda one: one.placed_at,
        "lines": lambda one: [read_line(line) for line in one.lines],
    },
    Case: _same("customer_ref", "subject", "complaint", "open", "opened_at"),
    Company: _same("name", "domain", "country", "industry", "employees"),
    OpenDeal: {
        **_same("kind", "name", "customer_ref", "amount"),
        "lines": lambda one: [read_line(line) for line in one.lines],
    },
}


def read_line(line: OrderLine) -> tuple[object, ...]:
    """A product's name is not compared: a CRM may keep it with the product alone."""
    named = line.name if line.product_ref is None else None
    return line.product_ref, named, line.quantity, line.unit_price


def find_differences(found: Record, wanted: Record, *, lacks: Collection[str]) -> list[str]:
    """Sentences, without what is personal in them."""
    kind = type(wanted).__name__.lower()
    return [
        f"{kind}.{name}"
        for name, read in FIELDS[type(wanted)].items()
        if f"{kind}.{name}" not in lacks and read(found) != read(wanted)
    ]
