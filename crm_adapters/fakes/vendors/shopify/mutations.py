"""What may be changed. Refusals of values come with an answer, as `userErrors`; then nothing is changed."""

from collections.abc import Mapping
from decimal import Decimal
from hashlib import sha256
from typing import Any

from crm_adapters.fakes.store import Row, Values
from crm_adapters.fakes.vendors.shopify.filling import make_line
from crm_adapters.fakes.vendors.shopify.questions import Asked
from crm_adapters.fakes.vendors.shopify.shop import CURRENCY, Shop
from crm_adapters.fakes.vendors.shopify.showing import show_draft, show_metafield
from crm_adapters.model import Money, OrderLine

MOST_BYTES = 65_536
PLAIN = ("firstName", "lastName", "locale", "note")


def _refusal(*field: str, message: str, **code: str) -> Values:
    return {"field": list(field), "message": message, **code}


def set_metafields(asked: Asked) -> Values:
    """All or none. A digest of null is for what is not there yet; without one nothing is compared."""
    given = asked.variables["metafields"]
    errors = [error for number, one in enumerate(given) if (error := _judge(asked.shop, one, number))]
    if errors:
        return {"metafieldsSet": {"metafields": None, "userErrors": errors}}
    shown = []
    for one in given:
        path, held = f"{one['namespace']}.{one['key']}", {"type": one["type"], "value": one["value"]}
        asked.shop.set_metafields(asked.shop.customers, _owner(asked.shop, one), {path: held})
        shown.append(show_metafield(path, held))
    return {"metafieldsSet": {"metafields": shown, "userErrors": []}}


def _judge(shop: Shop, given: Mapping[str, Any], number: int) -> Values | None:
    place = ("metafields", str(number))
    if shop.customers.get(given["ownerId"].rpartition("/")[2]) is None:
        return _refusal(*place, "ownerId", message="Owner does not exist.", code="INVALID")
    if len(given["value"].encode()) > MOST_BYTES:
        return _refusal(*place, "value", message="Value is too long.", code="TOO_LONG")
    held = _owner(shop, given).values["metafields"].get(f"{given['namespace']}.{given['key']}")
    digest = sha256(held["value"].encode()).hexdigest() if held else None
    if "compareDigest" in given and given["compareDigest"] != digest:
        told = "The resource has been updated since it was loaded. Try again with an updated `compareDigest` value."
        return _refusal(*place, message=told, code="STALE_OBJECT")
    return None


def _owner(shop: Shop, given: Mapping[str, Any]) -> Row:
    return shop.customers.rows[given["ownerId"].rpartition("/")[2]]


def delete_metafields(asked: Asked) -> Values:
    """What is not there is null in the answer."""
    shown: list[Values | None] = []
    for one in asked.variables["metafields"]:
        row, path = _owner(asked.shop, one), f"{one['namespace']}.{one['key']}"
        known = path in row.values["metafields"]
        shown.append({"namespace": one["namespace"], "key": one["key"]} if known else None)
        asked.shop.set_metafields(asked.shop.customers, row, {path: None})
    return {"metafieldsDelete": {"deletedMetafields": shown, "userErrors": []}}


def change_customer(asked: Asked) -> Values:
    """What is not named stays. A metafield needs a type where the shop has not defined it."""
    given = asked.variables["input"]
    row = asked.shop.customers.get(given["id"].rpartition("/")[2])
    if row is None:
        return _refuse_customer("id", "Customer does not exist")
    if len(given.get("lastName") or "") > 255:
        return _refuse_customer("lastName", f"Last name is too long: {given['lastName']}")
    held = {
        f"{one['namespace']}.{one['key']}": {"type": one["type"], "value": one["value"]}
        for one in given.get("metafields", ())
    }
    asked.shop.change(asked.shop.customers, row, {name: given[name] for name in PLAIN if name in given})
    asked.shop.set_metafields(asked.shop.customers, row, held)
    return {"customerUpdate": {"customer": {"id": given["id"]}, "userErrors": []}}


def _refuse_customer(name: str, message: str) -> Values:
    return {"customerUpdate": {"customer": None, "userErrors": [_refusal(name, message=message)]}}


def put_lines(asked: Asked) -> Values:
    """The lines that are given are all that it has afterwards; their prices are those of the catalogue, unless
    overridden. A draft order that was completed is refused."""
    row = asked.find(asked.shop.drafts, "DraftOrder")
    if row is None:
        return _refuse_lines("id", message="Draft order not found.")
    if row.values["status"] == "COMPLETED":
        return _refuse_lines("id", message="Draft order has already been completed.")
    given = asked.variables["lines"]
    known = {line["uuid"]: line for line in row.values["lines"]}
    lines = [_line(asked.shop, one, known.get(one.get("uuid", ""))) for one in given]
    if None in lines:
        return _refuse_lines(
            "lineItems", str(lines.index(None)), "variantId", message="Product is not there."
        )
    asked.shop.change(asked.shop.drafts, row, {"lines": lines})
    shown = show_draft(asked.shop, row, {"first": asked.variables["count"]})
    return {"draftOrderUpdate": {"draftOrder": shown, "userErrors": []}}


def _refuse_lines(*field: str, message: str) -> Values:
    return {"draftOrderUpdate": {"draftOrder": None, "userErrors": [_refusal(*field, message=message)]}}


def _line(shop: Shop, given: Mapping[str, Any], known: Values | None) -> Values | None:
    """None: of a variant that is not there."""
    ref = str(given["variantId"]).rpartition("/")[2] if given.get("variantId") else None
    variant = shop.variants.get(ref or "")
    if ref and variant is None:
        return None
    name = shop.products.rows[variant.values["product"]].values["title"] if variant else given["title"]
    own = variant.values["price"] if variant else given["originalUnitPriceWithCurrency"]["amount"]
    override = given.get("priceOverride")
    price = Money(Decimal(override["amount"] if override else own), CURRENCY)
    made = make_line(OrderLine("", ref, name, Decimal(given["quantity"]), price))
    kept = {name: given[name] for name in ("sku", "taxable", "requiresShipping", "weight") if name in given}
    return {
        **made,
        **kept,
        "uuid": given.get("uuid") or made["uuid"],
        "price": known["price"] if known and not override else made["price"],
        "attributes": given.get("customAttributes", []),
        "discount": given.get("appliedDiscount"),
        "override": override,
    }
