"""CRM records as rows of the mirror's tables."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from crm_adapters import model as crm
from crm_adapters.phones import match_key

Row = dict[str, Any]
Record = crm.Customer | crm.Product | crm.Order | crm.Case

LONGEST_REF = 190
LARGEST_WHOLE = 2**31 - 1
LARGEST_AMOUNT = Decimal(10) ** 10


def find_fault(record: Record) -> str | None:
    """Why the record has no place in the mirror; None where it has. Names and texts are cut instead: a
    reference that is cut would be another record's."""
    for ref in _references(record):
        if len(ref) > LONGEST_REF or ref != clean(ref):
            return f"a reference or SKU is longer than {LONGEST_REF} characters, or holds characters nobody can read"
    numbers, amounts = _quantities(record)
    if any(abs(number) > LARGEST_WHOLE for number in numbers):
        return f"a tier or stock is beyond {LARGEST_WHOLE:,}"
    if any(not amount.is_finite() or abs(amount) >= LARGEST_AMOUNT for amount in amounts):
        return f"a price or quantity is beyond {LARGEST_AMOUNT:,}"
    return None


def clean(text: str, length: int | None = None) -> str:
    """Without what a database refuses: PostgreSQL keeps no NUL, and half a surrogate pair has no UTF-8."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()[:length]


def _optional(text: str | None, length: int) -> str | None:
    """Blank is unknown."""
    return clean(text or "", length).strip() or None


def _code(text: str | None, length: int) -> str | None:
    """What is longer is no such code: cut, it would be another."""
    code = _optional(text, length + 1)
    return code if code and len(code) <= length else None


def _references(record: Record) -> Iterator[str]:
    yield record.ref
    match record:
        case crm.Product():
            yield record.sku
        case crm.Order():
            yield record.customer_ref
            yield from (line.product_ref for line in record.lines if line.product_ref)
        case crm.Case():
            yield record.customer_ref


def _quantities(record: Record) -> tuple[list[int], list[Decimal]]:
    match record:
        case crm.Product():
            numbers = [number for number in (record.tier, record.stock) if number is not None]
            return numbers, [price.amount for price in record.prices]
        case crm.Order():
            prices = [line.unit_price.amount for line in record.lines if line.unit_price]
            return [], [line.quantity for line in record.lines] + prices
    return [], []


def customer_row(customer: crm.Customer) -> Row:
    return {
        "name": clean(customer.name, 300),
        "given_name": clean(customer.given_name, 150),
        "language": _code(customer.language, 35),
        "country": _code(customer.country, 2),
        "company": _optional(customer.company, 300),
        "register": _code(customer.register, 20),
        "offers": _wants_offers(customer),
        "custom": dict(customer.custom),
        "created_at": customer.created_at,
    }


def _wants_offers(customer: crm.Customer) -> bool | None:
    """None where nobody asked; of several statements an objection counts."""
    stated = [consent.granted for consent in customer.consents if consent.purpose == "offers"]
    return all(stated) if stated else None


def key_rows(customer_id: int, customer: crm.Customer) -> list[Row]:
    """A key too long to be stored is no key: whoever looks for it finds nobody, rather than somebody else."""
    found = {("email", email.value.strip().lower()): email.verified for email in customer.emails}
    found |= {("phone", match_key(phone.e164)): True for phone in customer.phones if phone.e164}
    found |= {(f"id:{system}", value): True for system, value in customer.declared_ids.items()}
    return [
        {"customer_id": customer_id, "kind": kind, "value": value, "joins": joins}
        for (kind, value), joins in found.items()
        if (kind, value) == (clean(kind, 40), clean(value, 320)) and value
    ]


def product_row(product: crm.Product) -> Row:
    return {
        "sku": product.sku,
        "name": clean(product.name, 300),
        "family": _optional(product.family, 200),
        "category": _optional(product.category, 200),
        "tier": product.tier,
        "prices": {price.currency: str(price.amount) for price in product.prices},
        "active": product.active,
        "stock": product.stock,
        "description": clean(product.description, 2000),
    }


def order_row(order: crm.Order, customers: Mapping[str, int]) -> Row:
    return {
        "customer_ref": order.customer_ref,
        "customer_id": customers.get(order.customer_ref),
        "number": clean(order.number, 80),
        "placed_at": order.placed_at,
        "status": order.status.value,
        "raw_status": clean(order.raw_status, 80),
        "promised_at": order.promised_at,
        "delivered_at": order.delivered_at,
    }


def line_rows(order_id: int, order: crm.Order, products: Mapping[str, int]) -> list[Row]:
    return [
        {
            "order_id": order_id,
            "position": position,
            "product_id": products.get(line.product_ref or ""),
            "missing_ref": (line.product_ref or None) if line.product_ref not in products else None,
            "name": clean(line.name, 300),
            "quantity": line.quantity,
            "unit_price": line.unit_price.amount if line.unit_price else None,
            "currency": _code(line.unit_price.currency, 3) if line.unit_price else None,
        }
        for position, line in enumerate(order.lines)
    ]


def case_row(case: crm.Case, customers: Mapping[str, int]) -> Row:
    return {
        "customer_ref": case.customer_ref,
        "customer_id": customers.get(case.customer_ref),
        "subject": clean(case.subject, 300),
        "complaint": case.complaint,
        "open": case.open,
        "opened_at": case.opened_at,
    }
