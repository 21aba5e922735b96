"""Products with their prices in all price lists, what sells with what, and currencies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crm_adapters.errors import VendorChanged
from crm_adapters.model import Product, ProductRelation
from crm_adapters.vendors.dynamics365 import records
from crm_adapters.vendors.dynamics365.api import Api, Row
from crm_adapters.vendors.dynamics365.odata import read_guid
from crm_adapters.vendors.dynamics365.records import FAMILY, PRICE_KEYS, Fields, text

KINDS = {0: "upsell", 1: "cross_sell", 2: "accessory"}
"""3 is a substitute for what is out of stock: nothing to offer beside."""
BOTH_WAYS = 1


@dataclass(slots=True)
class Catalogue:
    api: Api
    fields: Fields
    _currencies: dict[str, str] = field(default_factory=dict)

    @property
    def currencies(self) -> Mapping[str, str]:
        """Ids → ISO codes; asked once."""
        if not self._currencies:
            columns = ("transactioncurrencyid", "isocurrencycode")
            rows = self.api.find("transactioncurrencies", columns, "statecode eq 0")
            self._currencies = {row[columns[0]]: str(row[columns[1]]).upper() for row in rows}
        return self._currencies

    def load(self, rows: Sequence[Row]) -> tuple[Product, ...]:
        """Without families, which only hold others."""
        sold = [row for row in rows if row.get("productstructure") != FAMILY]
        prices: dict[str, list[Row]] = {row["productid"]: [] for row in sold}
        for price in self.api.find_by("productpricelevels", PRICE_KEYS, "_productid_value", [*prices]):
            prices[text(price, "_productid_value")].append(price)
        return tuple(
            records.to_product(row, prices[row["productid"]], self.fields, self.currencies) for row in sold
        )

    def relations(self, ref: str) -> list[ProductRelation]:
        guid = read_guid(ref)
        if guid is None:
            return []
        one, other = "_productid_value", "_substitutedproductid_value"
        where = f"statecode eq 0 and ({one} eq {guid} or ({other} eq {guid} and direction eq {BOTH_WAYS}))"
        columns = ("productsubstituteid", one, other, "salesrelationshiptype", "direction")
        found = [self._relation(row, guid) for row in self.api.find("productsubstitutes", columns, where)]
        return [relation for relation in found if relation]

    def _relation(self, row: Row, guid: str) -> ProductRelation | None:
        pair = (text(row, "_productid_value"), text(row, "_substitutedproductid_value"))
        if guid not in pair:
            raise VendorChanged("the answer holds what was not asked for")
        kind = KINDS.get(row.get("salesrelationshiptype", -1))
        return ProductRelation(guid, pair[1] if pair[0] == guid else pair[0], kind) if kind else None
