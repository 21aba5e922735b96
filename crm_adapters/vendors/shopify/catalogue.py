"""The catalogue: variants as products, and which products the shop's people have related."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

from crm_adapters.errors import VendorChanged
from crm_adapters.model import Product, ProductRelation
from crm_adapters.vendors.shopify import records
from crm_adapters.vendors.shopify.api import Api, Row, is_id, to_gid, to_nodes, to_ref
from crm_adapters.vendors.shopify.queries import LIST_VARIANTS, READ_RELATIONS, READ_SHOP
from crm_adapters.vendors.shopify.records import Fields

SEARCH_AND_DISCOVERY = "shopify--discovery--product_recommendation"
"""Where the app keeps what people chose there; what Shopify finds by itself is not among it."""
KINDS = {"complementary": "cross_sell", "related": "upsell"}
"""Related products are what somebody may take instead."""


class Catalogue:
    def __init__(self, api: Api, fields: Fields) -> None:
        self._api = api
        self._fields = fields

    @cached_property
    def currency(self) -> str:
        return str(self._api.ask(READ_SHOP)["shop"]["currencyCode"]).upper()

    @property
    def asked(self) -> dict[str, Any]:
        return records.ask_metafields(self._fields.product.values())

    def read(self, rows: Sequence[Row]) -> tuple[Product, ...]:
        fields = self._fields.product
        return tuple(records.to_product(row, fields, currency=self.currency) for row in rows)

    def of_products(self, rows: Sequence[Row], *, limit: int) -> tuple[Product, ...]:
        """All variants of these products."""
        if not rows:
            return ()
        query = f"product_ids:{','.join(map(to_ref, rows))}"
        return self.read(list(self._api.list_all(LIST_VARIANTS, query, limit=limit, **self.asked)))

    def relations(self, product_ref: str) -> list[ProductRelation]:
        """Those of a variant are its product's, and lead to the first variant of each."""
        if not is_id(product_ref):
            return []
        asked = {"id": to_gid("ProductVariant", product_ref), "namespace": SEARCH_AND_DISCOVERY}
        row = self._api.ask(READ_RELATIONS, **asked)["productVariant"]
        if row and to_ref(row) != product_ref:
            raise VendorChanged("this is no answer to the question")
        return list(_relations(product_ref, row["product"])) if row else []


def _relations(product_ref: str, product: Row) -> Iterator[ProductRelation]:
    for name, kind in KINDS.items():
        held = product.get(name)
        for other in to_nodes(held["references"]) if held and held.get("references") else ():
            for variant in to_nodes(other["variants"]) if "variants" in other else ():
                yield ProductRelation(product_ref, to_ref(variant), kind)
