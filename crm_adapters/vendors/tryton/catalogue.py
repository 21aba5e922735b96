"""Products with their prices and stock, and what Tryton recommends beside them."""

from collections.abc import Mapping, Sequence
from typing import Any

from crm_adapters.lazy import lazy
from crm_adapters.model import Product, ProductRelation
from crm_adapters.transport import Clock
from crm_adapters.vendors.tryton import records
from crm_adapters.vendors.tryton.api import Api, Domain, Row
from crm_adapters.vendors.tryton.failures import Unknown
from crm_adapters.vendors.tryton.records import Fields

RULES = "sale.product.association.rule"
PRICES = ("list_price_used", "list_price")
"""Of a variant, where a series knows such, and of its product."""
NOTHING_IN_STOCK = (
    "No goods are in stock, so none will be offered. If stock is not kept in Tryton, set stock=false."
)


class Catalogue:
    def __init__(self, api: Api, fields: Fields, clock: Clock, *, stock: bool) -> None:
        self._api = api
        self._fields = fields
        self._clock = clock
        self._stock = stock

    def find(self, domain: Domain, *, limit: int) -> list[Row]:
        """Archived ones too."""
        names = [*records.PRODUCT, *self._fields.product.values(), *(["quantity"] if self._stock else [])]
        context = self._stock_context if self._stock else {}
        fields = sorted({*names, self._price})
        return self._api.find("product.product", domain, fields, limit=limit, archived=True, **context)

    def read(self, row: Row) -> Product:
        return records.to_product(row, self._fields, currency=self._currency, price=self._price)

    def relations(self, product_ref: str) -> list[ProductRelation]:
        """The rules that need nothing but this product; those of several products say nothing of one alone."""
        return list(self._rules.get(product_ref, ()))

    def describe_stock(self) -> str:
        """In a sentence."""
        domain = [("type", "=", "goods"), ("quantity", ">", 0)]
        found = self._api.find("product.product", domain, ["type"], limit=1, **self._stock_context)
        return "There are goods in stock." if found else NOTHING_IN_STOCK

    @lazy
    def _price(self) -> str:
        """Which series knows the price of a variant is easier tried than told from its number."""
        try:
            self._api.find("product.product", [], [PRICES[0]], limit=1)
        except Unknown:
            return PRICES[1]
        return PRICES[0]

    @lazy
    def _currency(self) -> str:
        """Of the user's company; without one, prices cannot be read."""
        company = self._api.rpc.context.get("company")
        rows = self._api.find("company.company", [("id", "=", company)], ["currency.code"]) if company else []
        return str(rows[0]["currency."]["code"]) if rows else ""

    @lazy
    def _stock_context(self) -> Mapping[str, Any]:
        """On hand today in the storage of all warehouses."""
        rows = self._api.find("stock.location", [("type", "=", "warehouse")], ["storage_location"])
        places = [row["storage_location"] for row in rows if row["storage_location"]]
        return {"locations": places, "stock_date_end": self._clock().date(), "with_childs": True}

    @lazy
    def _rules(self) -> Mapping[str, Sequence[ProductRelation]]:
        """All at once, the surest first; none where the module is not activated. A lift below 1 is of products
        that are bought instead of each other."""
        if not self._api.rights.exists(RULES):
            return {}
        rows = self._api.find(RULES, [("lift", ">", 1)], ["antecedents", "consequents", "lift"])
        found: dict[str, dict[str, ProductRelation]] = {}
        for row in sorted(rows, key=lambda row: row["lift"], reverse=True):
            if len(row["antecedents"]) == 1:
                _add(found.setdefault(str(row["antecedents"][0]), {}), row)
        return {ref: list(relations.values()) for ref, relations in found.items()}


def _add(relations: dict[str, ProductRelation], row: Row) -> None:
    product = str(row["antecedents"][0])
    for other in map(str, row["consequents"]):
        relations.setdefault(other, ProductRelation(product, other, "cross_sell"))
