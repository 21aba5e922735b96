"""The seed's records as a shop keeps them, and what its people do with them."""

import json
from collections.abc import Sequence
from itertools import count
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from crm_adapters.fakes.seed import Record
from crm_adapters.fakes.store import Row, Values
from crm_adapters.fakes.vendors.shopify.shop import CURRENCY, Shop
from crm_adapters.fakes.vendors.shopify.showing import gid
from crm_adapters.model import Customer, OpenDeal, Order, OrderLine, OrderStatus, Product, ProductRelation

TEXT = "single_line_text_field"
STATUSES = {
    OrderStatus.WON: ("PAID", "FULFILLED"),
    OrderStatus.OPEN: ("PENDING", "UNFULFILLED"),
    OrderStatus.CANCELLED: ("VOIDED", "UNFULFILLED"),
    OrderStatus.REFUNDED: ("REFUNDED", "FULFILLED"),
    OrderStatus.UNKNOWN: (None, "UNFULFILLED"),
}
SHELVES = {"cross_sell": "complementary_products", "upsell": "related_products"}
DISCOVERY = "shopify--discovery--product_recommendation"
OWN = "custom."
"""Begins the metafields that the shop's people fill in; the others are apps'."""
_numbers = count(70_001)


def put(shop: Shop, record: Record) -> str:
    """Companies that are no customers, and cases, have no place in it."""
    match record:
        case Customer():
            return _put_customer(shop, record)
        case Product():
            return _put_product(shop, record)
        case ProductRelation():
            _relate(shop, record)
            return ""
        case Order():
            return _put_order(shop, record)
        case OpenDeal():
            return _put_draft(shop, record)
    return f"none-{type(record).__name__}-{id(record)}"


def _put_customer(shop: Shop, customer: Customer) -> str:
    row = shop.customers.get(customer.ref)
    values = _customer(shop, customer)
    if row is None:
        return shop.add(shop.customers, values).id
    kept = {path: one for path, one in row.values["metafields"].items() if not path.startswith(OWN)}
    return shop.change(shop.customers, row, values | {"metafields": kept | values["metafields"]}).id


def _customer(shop: Shop, customer: Customer) -> Values:
    """An address or a telephone that somebody else has is refused; the telephone may stand at the postal address.
    Telephones are kept in E.164. A customer without a language has the shop's."""
    email = customer.emails[0].value if customer.emails else None
    phone = customer.phones[0].e164 if customer.phones else None
    takes_email, takes_phone = (
        (other := shop.find_customer(name, value)) is None or other.id == customer.ref
        for name, value in (("email", email), ("phone", phone))
    )
    address = {
        "company": customer.company,
        "countryCodeV2": customer.country,
        "phone": None if takes_phone else phone,
    }
    return {
        "firstName": customer.given_name or None,
        "lastName": customer.family_name or None,
        "locale": customer.language or "en",
        "email": email if takes_email else None,
        "phone": phone if takes_phone else None,
        "address": address if any(address.values()) else None,
        "metafields": _metafields(customer),
    }


def _metafields(customer: Customer) -> dict[str, dict[str, str]]:
    offers = [one.granted for one in customer.consents if one.purpose == "offers"]
    held = {
        "custom.shop_number": ("id", customer.declared_ids.get("shop")),
        "custom.offers_ok": ("boolean", ("true" if all(offers) else "false") if offers else None),
        "custom.nearest_store": (TEXT, customer.custom.get("store")),
    }
    return {path: {"type": kind, "value": value} for path, (kind, value) in held.items() if value}


def _put_product(shop: Shop, product: Product) -> str:
    """With one variant, which is called so. There is always a price."""
    price = next((f"{one.amount:.2f}" for one in product.prices if one.currency == CURRENCY), "0.00")
    family = {"custom.product_line": {"type": TEXT, "value": product.family}} if product.family else {}
    values = {
        "title": product.name,
        "status": "ACTIVE" if product.active else "ARCHIVED",
        "productType": product.category or "",
        "isGiftCard": False,
        "hasOnlyDefaultVariant": True,
        "description": product.description,
        "metafields": family,
    }
    own = {"title": "Default Title", "sku": product.sku, "price": price, "stock": product.stock}
    row = shop.variants.get(product.ref)
    if row is None:
        parent = shop.add(shop.products, values)
        return shop.add(shop.variants, {**own, "product": parent.id}).id
    shop.change(shop.products, shop.products.rows[row.values["product"]], values)
    return shop.change(shop.variants, row, own).id


def _relate(shop: Shop, relation: ProductRelation) -> None:
    """A list of products, not of variants."""
    one, other = (
        shop.variants.rows[ref].values["product"] for ref in (relation.product_ref, relation.related_ref)
    )
    row = shop.products.rows[one]
    path = f"{DISCOVERY}.{SHELVES[relation.kind]}"
    held = json.loads(row.values["metafields"].get(path, {}).get("value", "[]"))
    value = json.dumps([*held, gid("Product", other)])
    shop.set_metafields(shop.products, row, {path: {"type": "list.product_reference", "value": value}})


def _put_order(shop: Shop, order: Order) -> str:
    financial, fulfillment = STATUSES[order.status]
    values = {
        "customer": order.customer_ref,
        "currency": _currency(order.lines),
        "processedAt": order.placed_at,
        "cancelledAt": order.placed_at if order.status is OrderStatus.CANCELLED else None,
        "financial": financial,
        "fulfillment": fulfillment,
        "fulfillments": [],
        "test": False,
        "lines": [make_line(line) for line in order.lines],
    }
    row = shop.orders.get(order.ref)
    kept = shop.change(shop.orders, row, values) if row else shop.add(shop.orders, {"name": "", **values})
    kept.values["name"] = f"#{kept.id}"
    return kept.id


def _put_draft(shop: Shop, deal: OpenDeal) -> str:
    lines = [make_line(line) for line in deal.lines]
    currency = _currency(deal.lines)
    values = {"customer": deal.customer_ref, "currency": currency, "status": "OPEN", "lines": lines}
    row = shop.drafts.get(deal.ref)
    kept = shop.change(shop.drafts, row, values) if row else shop.add(shop.drafts, values)
    kept.values["name"] = f"#D{kept.id}"
    return kept.id


def make_line(line: OrderLine, **more: Any) -> Values:
    """Of an order or a draft order."""
    number = next(_numbers)
    return {
        "id": str(number),
        "uuid": str(uuid5(NAMESPACE_URL, str(number))),
        "name": line.name,
        "variant": line.product_ref,
        "quantity": int(line.quantity),
        "current": int(line.quantity),
        "price": str(line.unit_price.amount if line.unit_price else 0),
        **more,
    }


def _currency(lines: Sequence[OrderLine]) -> str:
    return next((line.unit_price.currency for line in lines if line.unit_price), CURRENCY)


def drop_customer(shop: Shop, row: Row) -> None:
    """Shopify lets nobody delete who has ordered; they go by being merged or erased, and their orders stay."""
    shop.customers.remove(row)
    for order in shop.orders.live():
        if order.values["customer"] == row.id:
            shop.change(shop.orders, order, {"customer": None})
