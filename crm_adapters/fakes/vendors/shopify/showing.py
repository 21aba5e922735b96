"""The shop's rows as GraphQL shows them, with more than anybody asks for."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from crm_adapters.fakes.store import Row, Values
from crm_adapters.fakes.vendors.shopify.shop import CURRENCY, Shop

RATES = {CURRENCY: Decimal(1), "USD": Decimal("0.9")}
"""What one of another currency is worth in the shop's own."""


def gid(kind: str, ref: object) -> str:
    return f"gid://shopify/{kind}/{ref}"


def show_moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def show_money(amount: str, currency: str) -> Values:
    """An amount in both currencies, as texts."""
    own = Decimal(amount) * RATES[currency]
    return {
        "shopMoney": {"amount": str(own), "currencyCode": CURRENCY},
        "presentmentMoney": {"amount": amount, "currencyCode": currency},
    }


def show_list(nodes: Sequence[Any], cursor: str | None = None) -> Values:
    """`cursor`: where the list goes on, if it does."""
    return {"nodes": list(nodes), "pageInfo": {"hasNextPage": cursor is not None, "endCursor": cursor}}


def page(nodes: Sequence[Any], variables: Mapping[str, Any]) -> Values:
    """By a cursor that names a place; Shopify's names a row, which lists that nothing joins cannot tell apart."""
    start = int(variables.get("after") or 0)
    end = start + int(variables["first"])
    return show_list(nodes[start:end], str(end) if end < len(nodes) else None)


def show_customer(row: Row, variables: Mapping[str, Any]) -> Values:
    values = row.values
    names = " ".join(filter(None, (values["firstName"], values["lastName"])))
    email, phone = values["email"], values["phone"]
    return {
        "id": gid("Customer", row.id),
        "firstName": values["firstName"],
        "lastName": values["lastName"],
        "displayName": names or email or phone or "",
        "locale": values["locale"],
        "note": values.get("note"),
        "tags": values.get("tags", []),
        "createdAt": show_moment(values["createdAt"]),
        "updatedAt": show_moment(values["updatedAt"]),
        "defaultEmailAddress": _show_email(values) if email else None,
        "defaultPhoneNumber": {"phoneNumber": phone} if phone else None,
        "defaultAddress": values["address"],
        **_show_metafields(row, variables),
    }


def _show_email(values: Values) -> Values:
    state = values.get("marketing", "NOT_SUBSCRIBED")
    at = values.get("marketingAt")
    return {"emailAddress": values["email"], "marketingState": state, "marketingUpdatedAt": show_moment(at)}


def _show_metafields(row: Row, variables: Mapping[str, Any]) -> Values:
    if not variables.get("mapped"):
        return {}
    held = row.values["metafields"]
    shown = [show_metafield(path, held[path]) for path in variables["keys"] if path in held]
    return {"metafields": show_list(shown[: variables["fields"]])}


def show_metafield(path: str, held: Mapping[str, str]) -> Values:
    namespace, _, key = path.rpartition(".")
    digest = sha256(held["value"].encode()).hexdigest()
    return {"namespace": namespace, "key": key, **held, "compareDigest": digest}


def show_definition(path: str, kind: str, pinned: int | None) -> Values:
    namespace, _, key = path.rpartition(".")
    return {
        "namespace": namespace,
        "key": key,
        "name": key.replace("_", " ").capitalize(),
        "pinnedPosition": pinned,
        "type": {"name": kind},
    }


def show_variant(shop: Shop, row: Row, variables: Mapping[str, Any]) -> Values:
    values = row.values
    return {
        "id": gid("ProductVariant", row.id),
        "sku": values["sku"],
        "title": values["title"],
        "price": values["price"],
        "inventoryQuantity": values["stock"] or 0,
        "inventoryItem": {"tracked": values["stock"] is not None},
        "updatedAt": show_moment(values["updatedAt"]),
        "product": _show_product(shop.products.rows[values["product"]], variables),
    }


def _show_product(row: Row, variables: Mapping[str, Any]) -> Values:
    values = row.values
    names = ("title", "status", "productType", "isGiftCard", "hasOnlyDefaultVariant", "description")
    return {
        "id": gid("Product", row.id),
        "updatedAt": show_moment(values["updatedAt"]),
        "vendor": "",
        "tags": [],
        "category": values.get("category"),
        **{name: values[name] for name in names},
        **_show_metafields(row, variables),
    }


def show_order(shop: Shop, row: Row, *, lines: int) -> Values:
    values = row.values
    shown = [show_line(shop, one, values["currency"]) for one in values["lines"]]
    buyer = shop.customers.get(values["customer"] or "")
    return {
        "id": gid("Order", row.id),
        "name": values["name"],
        "test": values["test"],
        "processedAt": show_moment(values["processedAt"]),
        "updatedAt": show_moment(values["updatedAt"]),
        "cancelledAt": show_moment(values["cancelledAt"]),
        "displayFinancialStatus": values["financial"],
        "displayFulfillmentStatus": values["fulfillment"],
        "customer": {"id": gid("Customer", buyer.id)} if buyer else None,
        "fulfillments": values["fulfillments"],
        "lineItems": page(shown, {"first": lines}),
    }


def show_line(shop: Shop, line: Mapping[str, Any], currency: str) -> Values:
    """A variant that is gone is none any more."""
    return {
        "id": gid("LineItem", line["id"]),
        "name": line["name"],
        "quantity": line["quantity"],
        "currentQuantity": line["current"],
        "variant": show_reference(shop, line["variant"]),
        "discountedUnitPriceAfterAllDiscountsSet": show_money(line["price"], currency),
    }


def show_reference(shop: Shop, ref: str | None) -> Values | None:
    return {"id": gid("ProductVariant", ref)} if shop.variants.get(ref or "") else None


def show_draft(shop: Shop, row: Row, variables: Mapping[str, Any]) -> Values:
    values = row.values
    total = sum((Decimal(line["price"]) * line["quantity"] for line in values["lines"]), Decimal(0))
    return {
        "id": gid("DraftOrder", row.id),
        "name": values["name"],
        "status": values["status"],
        "updatedAt": show_moment(values["updatedAt"]),
        "presentmentCurrencyCode": values["currency"],
        "customer": {"id": gid("Customer", values["customer"])} if values["customer"] else None,
        "totalPriceSet": show_money(str(total), values["currency"]),
        "lineItems": page(
            [show_draft_line(shop, one, values["currency"]) for one in values["lines"]], variables
        ),
    }


def show_draft_line(shop: Shop, line: Mapping[str, Any], currency: str) -> Values:
    own = None if line["variant"] else {"amount": line["price"], "currencyCode": currency}
    variant = shop.variants.get(line["variant"] or "")
    return {
        "uuid": line["uuid"],
        "name": line["name"],
        "title": line["name"],
        "quantity": line["quantity"],
        "sku": variant.values["sku"] if variant else line.get("sku"),
        "taxable": line.get("taxable", True),
        "requiresShipping": line.get("requiresShipping", True),
        "variant": show_reference(shop, line["variant"]),
        "weight": line.get("weight"),
        "customAttributes": line.get("attributes", []),
        "appliedDiscount": line.get("discount"),
        "priceOverride": line.get("override"),
        "originalUnitPriceWithCurrency": own,
        "approximateDiscountedUnitPriceSet": show_money(line["price"], currency),
        "components": line.get("components", []),
    }
