"""What is sold: products and services, the categories they are in, and what goes with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crm_adapters.errors import VendorChanged
from crm_adapters.model import Product, ProductRelation
from crm_adapters.vendors.dolibarr import records
from crm_adapters.vendors.dolibarr.api import Api, Row, is_id
from crm_adapters.vendors.dolibarr.records import CATEGORIES, text
from crm_adapters.vendors.dolibarr.sales import Currency

PATH = "products"


@dataclass(frozen=True, slots=True)
class Catalogue:
    api: Api
    fields: Mapping[str, str]
    currency: Currency

    @property
    def categorised(self) -> bool:
        """Whether any field that is read is one of a category."""
        return any(theirs.startswith(CATEGORIES) for theirs in self.fields.values())

    def read(self, rows: Sequence[Row]) -> list[Product]:
        """A product does not tell its categories: each is asked for them."""
        known = [{**row, "categories": self._categories(row)} for row in rows] if self.categorised else rows
        return [records.to_product(row, self.fields, currency=self.currency()) for row in known]

    def relations(self, ref: str) -> list[ProductRelation]:
        """What was associated with it and does not move with its stock: the rest are a kit's parts, which whoever
        buys the kit has."""
        if not is_id(ref):
            return []
        rows = self._list(f"{PATH}/{ref}/subproducts")
        goes_with = (row for row in rows if text(row.get("incdec")) == "0")
        return [
            ProductRelation(ref, text(row.get("rowid") or row.get("id")), "accessory") for row in goes_with
        ]

    def _categories(self, row: Row) -> list[Row]:
        found = self._list(f"{PATH}/{row['id']}/categories")
        return sorted(found, key=lambda one: int(text(one.get("id")) or 0))

    def _list(self, path: str) -> list[Row]:
        found = self.api.get_list(path)
        if not all(isinstance(row, dict) for row in found):
            raise VendorChanged("the answer is no list of records")
        return found
