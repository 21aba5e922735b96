"""How customers and products are kept in the index: as JSON, for nothing in them is searched."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from crm_adapters.model import Consent, Customer, Email, Money, Phone, Product

_encode = json.JSONEncoder(ensure_ascii=False).encode


def dump_customer(customer: Customer) -> str:
    plain = {
        "ref": customer.ref,
        "name": customer.name,
        "given_name": customer.given_name,
        "family_name": customer.family_name,
        "emails": [(email.value, email.verified) for email in customer.emails],
        "phones": [(phone.raw, phone.e164) for phone in customer.phones],
        "language": customer.language,
        "country": customer.country,
        "company": customer.company,
        "register": customer.register,
        "declared_ids": dict(customer.declared_ids),
        "consents": [(consent.purpose, consent.granted) for consent in customer.consents],
        "custom": dict(customer.custom),
        "created_at": _dump_moment(customer.created_at),
        "updated_at": _dump_moment(customer.updated_at),
    }
    return _encode({name: value for name, value in plain.items() if value})


def load_customer(text: str) -> Customer:
    plain: dict[str, Any] = json.loads(text)
    return Customer(
        **plain
        | {
            "emails": tuple(Email(value, verified=sure) for value, sure in plain.get("emails", ())),
            "phones": tuple(Phone(raw, e164) for raw, e164 in plain.get("phones", ())),
            "consents": tuple(Consent(purpose, granted=yes) for purpose, yes in plain.get("consents", ())),
            "created_at": _load_moment(plain.get("created_at")),
            "updated_at": _load_moment(plain.get("updated_at")),
        }
    )


def dump_product(product: Product) -> str:
    plain = {
        "ref": product.ref,
        "sku": product.sku,
        "name": product.name,
        "family": product.family,
        "category": product.category,
        "tier": product.tier,
        "prices": [(str(price.amount), price.currency) for price in product.prices],
        "active": product.active,
        "stock": product.stock,
        "description": product.description,
        "updated_at": _dump_moment(product.updated_at),
    }
    return _encode(plain)


def load_product(text: str) -> Product:
    plain: dict[str, Any] = json.loads(text)
    prices = tuple(Money(Decimal(amount), currency) for amount, currency in plain["prices"])
    return Product(**plain | {"prices": prices, "updated_at": _load_moment(plain["updated_at"])})


def _dump_moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _load_moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
