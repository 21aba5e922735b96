"""The sample CRM's fields, and how a customer's are changed."""

from collections.abc import Mapping, Sequence
from dataclasses import fields as fields_of
from dataclasses import replace
from datetime import datetime
from typing import Any

from crm_adapters.errors import ValidationFailed
from crm_adapters.model import Case, Consent, Customer, FieldInfo, FieldOption, Kind, Order, Product
from crm_adapters.sampling import add_samples
from crm_adapters.vendors.sample.documents import Record

PLAIN = ("name", "given_name", "family_name")
OPTIONAL = ("language", "country", "company", "register")
"""Empty text takes the value away."""
CUSTOM = {"store": "Nearest shop", "loyalty_card": "Has a loyalty card", "buys_for": "Who it is bought for"}
OURS = "crm."
OFFERS = "offers_consent"
CHOICES = {"register": ("", "formal", "neutral", "informal"), OFFERS: ("", "granted", "objected")}
PERSONAL = frozenset({*PLAIN, "emails", "phones", "company", "declared_ids"})
RECORDS = {Kind.PRODUCTS: Product, Kind.CUSTOMERS: Customer, Kind.ORDERS: Order, Kind.CASES: Case}


def describe(kind: Kind) -> list[FieldInfo]:
    names = [field.name for field in fields_of(RECORDS[kind]) if field.name not in {"custom", "version"}]
    found = [_field(name, writable=kind is Kind.CUSTOMERS and name in PLAIN + OPTIONAL) for name in names]
    if kind is Kind.CUSTOMERS:
        found += [
            FieldInfo(name, label, "text", writable=True, mapped=f"{OURS}{name}")
            for name, label in CUSTOM.items()
        ]
        found.append(
            FieldInfo(
                OFFERS,
                "May be offered things",
                "choice",
                writable=True,
                options=_options(OFFERS),
                mapped=OFFERS,
            )
        )
    return found


def sampled(found: Sequence[FieldInfo], records: Sequence[Record]) -> list[FieldInfo]:
    return add_samples(found, [_row(record) for record in records])


def _row(record: Record) -> dict[str, Any]:
    row = {field.name: getattr(record, field.name) for field in fields_of(record)}
    if isinstance(record, Customer):
        offers = [consent.granted for consent in record.consents if consent.purpose == "offers"]
        row |= {name: record.custom.get(name, "") for name in CUSTOM} | {
            OFFERS: all(offers) if offers else None
        }
    return row


def _field(name: str, *, writable: bool) -> FieldInfo:
    label = name.replace("_", " ").capitalize()
    return FieldInfo(
        name,
        label,
        _type(name),
        writable=writable,
        personal=name in PERSONAL,
        options=_options(name),
        mapped=name,
    )


def _options(name: str) -> tuple[FieldOption, ...]:
    return tuple(FieldOption(value, value) for value in CHOICES.get(name, ()) if value)


def _type(name: str) -> str:
    if name.endswith("_at"):
        return "datetime"
    if name in {"active", "complaint", "open"}:
        return "boolean"
    if name in {"tier", "stock"}:
        return "number"
    return {"register": "choice", "status": "choice", "prices": "other", "lines": "other"}.get(name, "text")


def patched(customer: Customer, patch: Mapping[str, str], *, at: datetime) -> Customer:
    """Raises ValidationFailed, naming the fields and never their values."""
    refused = {name: reason for name, value in patch.items() if (reason := _refusal(name, value))}
    if refused:
        raise ValidationFailed(f"The sample CRM refuses: {', '.join(sorted(refused))}", fields=refused)
    for name, value in patch.items():
        customer = _changed(customer, name, value, at=at)
    return replace(customer, updated_at=at)


def _refusal(name: str, value: str) -> str | None:
    if name not in (*PLAIN, *OPTIONAL, *(f"{OURS}{custom}" for custom in CUSTOM), OFFERS):
        return "cannot be changed"
    if name in CHOICES and value not in CHOICES[name]:
        return f"one of: {', '.join(filter(None, CHOICES[name]))}"
    if name == "name" and not value.strip():
        return "must not be empty"
    two_letters = len(value) == 2 and value.isascii() and value.isalpha() and value.isupper()
    return "two capital letters, as ES" if name == "country" and value and not two_letters else None


def _changed(customer: Customer, name: str, value: str, *, at: datetime) -> Customer:
    if name.startswith(OURS):
        return replace(customer, custom={**customer.custom, name.removeprefix(OURS): value})
    if name == OFFERS:
        return replace(customer, consents=_consents(customer, value, at))
    change: dict[str, Any] = {name: value if name in PLAIN else value or None}
    return replace(customer, **change)


def _consents(customer: Customer, value: str, at: datetime) -> tuple[Consent, ...]:
    others = tuple(consent for consent in customer.consents if consent.purpose != "offers")
    return (*others, Consent("offers", granted=value == "granted", at=at)) if value else others
