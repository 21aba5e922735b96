"""The seed's records as a shop keeps them, and what its people do with them."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import count
from typing import Any

from crm_adapters.fakes.seed import Record
from crm_adapters.fakes.store import Values
from crm_adapters.fakes.vendors.woocommerce.shop import CURRENCY, Shop, make_meta
from crm_adapters.model import Customer, OpenDeal, Order, OrderLine, OrderStatus, Product, ProductRelation

GUEST = "guest:"
STATUSES = {
    OrderStatus.WON: "completed",
    OrderStatus.OPEN: "pending",
    OrderStatus.CANCELLED: "cancelled",
    OrderStatus.REFUNDED: "refunded",
}
_line_ids = count(70_001)


def put(shop: Shop, record: Record) -> str:
    """Companies and cases have no place in it."""
    match record:
        case Customer():
            return _put_customer(shop, record)
        case Product():
            row = shop.products.get(record.ref)
            values = _product(record)
            return (shop.change(shop.products, row, values) if row else shop.products.add(values)).id
        case ProductRelation():
            _relate(shop, record)
            return ""
        case Order():
            made = {"status": STATUSES.get(record.status, "pending"), "made": record.placed_at}
            return _put_order(shop, record.ref, record.customer_ref, record.lines, made)
        case OpenDeal():
            return _put_order(shop, record.ref, record.customer_ref, record.lines, {"status": "pending"})
    return f"none-{type(record).__name__}-{id(record)}"


def _put_customer(shop: Shop, customer: Customer) -> str:
    """Whose address has an account already buys as a guest."""
    values = _customer(customer)
    email = values["email"]
    other = shop.find_account(email)
    if customer.ref.startswith(GUEST) or (other and other.id != customer.ref):
        shop.guests[email] = values["billing"]
        return f"{GUEST}{email}"
    row = shop.customers.get(customer.ref)
    return (shop.change(shop.customers, row, values) if row else shop.customers.add(values)).id


def _customer(customer: Customer) -> Values:
    """WordPress refuses addresses with a backslash."""
    email = customer.emails[0].value if customer.emails else ""
    email = "" if "\\" in email else email
    offers = [consent.granted for consent in customer.consents if consent.purpose == "offers"]
    names = {"first_name": customer.given_name, "last_name": customer.family_name}
    meta = {
        "locale": (customer.language or "").replace("-", "_"),
        "shop_number": customer.declared_ids.get("shop"),
        "offers_ok": ("yes" if all(offers) else "no") if offers else None,
    }
    billing = {
        "company": customer.company or "",
        "country": customer.country or "",
        "email": email,
        "phone": customer.phones[0].raw if customer.phones else "",
    }
    return {
        **names,
        "email": email,
        "role": "customer",
        "billing": {**names, **billing},
        "meta_data": make_meta(meta),
    }


def _product(product: Product) -> Values:
    """An unknown price is an empty text; the currency is the shop's."""
    price = next((str(one.amount) for one in product.prices if one.currency == CURRENCY), "")
    return {
        "name": product.name,
        "type": "simple",
        "status": "publish" if product.active else "private",
        "sku": product.sku,
        "price": price,
        "regular_price": price,
        "short_description": product.description,
        "manage_stock": product.stock is not None,
        "stock_quantity": product.stock,
        "categories": [{"id": 1, "name": product.category, "slug": product.category}]
        if product.category
        else [],
        "upsell_ids": [],
        "cross_sell_ids": [],
        "related_ids": [1],
        "meta_data": make_meta({"product_line": product.family}),
    }


def _relate(shop: Shop, relation: ProductRelation) -> None:
    row = shop.products.get(relation.product_ref)
    name = f"{relation.kind}_ids"
    if row:
        shop.change(shop.products, row, {name: [*row.values[name], int(relation.related_ref)]})


def _put_order(shop: Shop, ref: str, customer: str, lines: Sequence[OrderLine], made: Values) -> str:
    account = shop.customers.get(customer)
    billing = account.values["billing"] if account else shop.guests.get(customer.removeprefix(GUEST), {})
    values = {
        **made,
        "currency": next((line.unit_price.currency for line in lines if line.unit_price), CURRENCY),
        "customer_id": int(account.id) if account else 0,
        "billing": dict(billing),
        "line_items": [make_line(shop, line) for line in lines],
        "refunds": [],
        "meta_data": [],
    }
    values["total"] = total(values["line_items"])
    row = shop.orders.get(ref)
    kept = shop.change(shop.orders, row, values) if row else shop.orders.add(values)
    kept.values["number"] = kept.id
    return kept.id


def make_line(shop: Shop, line: OrderLine, **more: Any) -> Values:
    """WC 4: a price is a number, sums are texts; what is no product has the id 0."""
    price = line.unit_price.amount if line.unit_price else Decimal(0)
    variation = shop.variations.get(line.product_ref or "")
    product = variation.values["parent_id"] if variation else int(line.product_ref or 0)
    return {
        "id": next(_line_ids),
        "name": line.name,
        "product_id": product,
        "variation_id": int(variation.id) if variation else 0,
        "quantity": int(line.quantity),
        "price": float(price),
        "subtotal": str(price * line.quantity),
        "total": str(price * line.quantity),
        "meta_data": [],
        **more,
    }


def total(lines: Sequence[Values]) -> str:
    return f"{sum((Decimal(line['total']) for line in lines), Decimal(0)):.2f}"
