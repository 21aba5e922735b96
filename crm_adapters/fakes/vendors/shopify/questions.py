"""The questions that are known, by name: what each needs leave for, what a row of it costs, and who answers it."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from crm_adapters.fakes.store import Row, Table, Values
from crm_adapters.fakes.vendors.shopify.answers import VERSION, Failed
from crm_adapters.fakes.vendors.shopify.filling import DISCOVERY
from crm_adapters.fakes.vendors.shopify.searching import Search
from crm_adapters.fakes.vendors.shopify.shop import CURRENCY, Shop
from crm_adapters.fakes.vendors.shopify.showing import (
    gid,
    page,
    show_customer,
    show_definition,
    show_draft,
    show_line,
    show_list,
    show_metafield,
    show_order,
    show_reference,
    show_variant,
)

LINES = 10
"""Of an order in a list."""


@dataclass(slots=True)
class Asked:
    """One question, and what it is asked of."""

    shop: Shop
    name: str
    text: str
    variables: Mapping[str, Any]
    scopes: frozenset[str]
    hidden: Callable[[Row], bool]
    """Whether an order is too old for us."""
    warnings: list[str]

    def find(self, table: Table, kind: str, name: str = "id") -> Row | None:
        """By a global id in the variables. What is none is no answer but an error."""
        asked = str(self.variables[name])
        if not asked.startswith(f"gid://shopify/{kind}/"):
            raise Failed("argumentLiteralsIncompatible", f"Invalid global id '{asked}'")
        return table.get(asked.rpartition("/")[2])

    def search(self, table: Table, kind: str) -> list[Row]:
        search = Search(kind, self.variables["query"])
        found = search.run(table)
        self.warnings.extend(search.unknown)
        return found

    def show_found(self, table: Table, kind: str, show: Callable[[Row], Values]) -> Values:
        return show_list([show(row) for row in self.search(table, kind)[: self.variables["first"]]])


Answer = Callable[[Asked], Values]


@dataclass(frozen=True, slots=True)
class Question:
    answer: Answer
    scope: str = ""
    personal: bool = False
    """Shows who somebody is, for which an app needs an approval beside the scope."""
    each: float = 1.0
    """Points for a row that it could give."""


def read_customer(asked: Asked) -> Values:
    row = asked.find(asked.shop.customers, "Customer")
    return {"customer": show_customer(row, asked.variables) if row else None}


def find_customer(asked: Asked) -> Values:
    """By an address in any case; by a metafield that is defined as an id, or not at all. How another is refused is not
    verified."""
    ((kind, value),) = asked.variables["identifier"].items()
    if kind == "emailAddress":
        row = asked.shop.find_customer("email", str(value).lower())
    else:
        path, wanted = f"{value['namespace']}.{value['key']}", value["value"]
        if asked.shop.definitions.get(path, ("",))[0] != "id":
            raise Failed("BAD_USER_INPUT", f"{path} is not defined as an id.")
        live = asked.shop.customers.live()
        row = next((one for one in live if _metafield(one, path) == wanted), None)
    return {"found": show_customer(row, asked.variables) if row else None}


def list_customers(asked: Asked) -> Values:
    found = asked.show_found(
        asked.shop.customers, "customers", lambda row: show_customer(row, asked.variables)
    )
    return {"customers": found}


def list_orders(asked: Asked) -> Values:
    """Those that are too old for us are as if they were not there."""
    rows = [row for row in asked.search(asked.shop.orders, "orders") if not asked.hidden(row)]
    shown = [show_order(asked.shop, row, lines=LINES) for row in rows[: asked.variables["first"]]]
    return {"orders": show_list(shown)}


def list_customers_orders(asked: Asked) -> Values:
    """Without the index, the latest first."""
    buyer = asked.find(asked.shop.customers, "Customer")
    if buyer is None:
        return {"buyer": None}
    rows = [row for row in asked.shop.orders.live() if row.values["customer"] == buyer.id]
    rows.sort(key=lambda row: (row.values["processedAt"], int(row.id)), reverse=True)
    shown = [show_order(asked.shop, row, lines=LINES) for row in rows if not asked.hidden(row)]
    return {"buyer": {"id": gid("Customer", buyer.id), "orders": page(shown, asked.variables)}}


def list_lines(asked: Asked) -> Values:
    row = asked.find(asked.shop.orders, "Order")
    if row is None:
        return {"order": None}
    lines = [show_line(asked.shop, line, row.values["currency"]) for line in row.values["lines"]]
    return {"order": {"id": gid("Order", row.id), "lineItems": page(lines, asked.variables)}}


def list_variants(asked: Asked) -> Values:
    shop = asked.shop
    return {
        "productVariants": asked.show_found(
            shop.variants, "variants", lambda row: show_variant(shop, row, asked.variables)
        )
    }


def list_products(asked: Asked) -> Values:
    def show(row: Row) -> Values:
        return {"id": gid("Product", row.id), "updatedAt": row.values["updatedAt"].isoformat()}

    return {"products": asked.show_found(asked.shop.products, "products", show)}


def read_relations(asked: Asked) -> Values:
    row = asked.find(asked.shop.variants, "ProductVariant")
    if row is None:
        return {"productVariant": None}
    held = asked.shop.products.rows[row.values["product"]].values["metafields"]
    shown = {
        name: _refer(asked.shop, held.get(f"{DISCOVERY}.{name}_products"))
        for name in ("complementary", "related")
    }
    return {"productVariant": {"id": gid("ProductVariant", row.id), "product": shown}}


def _refer(shop: Shop, held: Mapping[str, str] | None) -> Values | None:
    """Products that are gone are left out of the references; their ids stay in the value."""
    if held is None:
        return None
    refs = [str(one).rpartition("/")[2] for one in json.loads(held["value"])]
    return {"references": show_list([_show_first(shop, ref) for ref in refs if shop.products.get(ref)])}


def _show_first(shop: Shop, product: str) -> Values:
    variants = [row for row in shop.variants.live() if row.values["product"] == product]
    shown = [{"id": gid("ProductVariant", row.id)} for row in variants[:1]]
    return {"__typename": "Product", "variants": show_list(shown)}


def list_drafts(asked: Asked) -> Values:
    rows = asked.search(asked.shop.drafts, "drafts")
    rows.sort(key=lambda row: (row.values["updatedAt"], int(row.id)), reverse=True)
    shown = [{"id": gid("DraftOrder", row.id), "status": row.values["status"]} for row in rows]
    return {"draftOrders": show_list(shown[: asked.variables["first"]])}


def read_draft(asked: Asked) -> Values:
    row = asked.find(asked.shop.drafts, "DraftOrder")
    return {"draftOrder": show_draft(asked.shop, row, asked.variables) if row else None}


def read_variant(asked: Asked) -> Values:
    row = asked.find(asked.shop.variants, "ProductVariant")
    return {"variant": show_reference(asked.shop, row.id if row else None)}


def read_outcomes(asked: Asked) -> Values:
    row = asked.find(asked.shop.customers, "Customer")
    if row is None:
        return {"told": None}
    path = f"{asked.variables['namespace']}.{asked.variables['key']}"
    held = row.values["metafields"].get(path)
    return {"told": {"id": gid("Customer", row.id), "metafield": held and show_metafield(path, held)}}


def read_shop(asked: Asked) -> Values:
    return {
        "shop": {"currencyCode": CURRENCY},
        "currentAppInstallation": {"accessScopes": [{"handle": one} for one in sorted(asked.scopes)]},
        "publicApiVersions": [{"handle": one, "supported": True} for one in ("2026-04", VERSION)],
    }


def list_definitions(asked: Asked) -> Values:
    held = asked.shop.definitions if asked.variables["owner"] == "CUSTOMER" else {}
    return {
        "metafieldDefinitions": show_list(
            [show_definition(path, kind, pinned) for path, (kind, pinned) in held.items()]
        )
    }


def _metafield(row: Row, path: str) -> str | None:
    held = row.values["metafields"].get(path)
    return held["value"] if held else None
