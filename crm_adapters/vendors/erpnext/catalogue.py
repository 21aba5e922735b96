"""Items with their prices and stock, and what the shop's people have put beside them by hand."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from crm_adapters.errors import NotFound, VendorChanged
from crm_adapters.model import Money, Product, ProductRelation
from crm_adapters.vendors.erpnext.api import Api, Filters, Row
from crm_adapters.vendors.erpnext.people import People
from crm_adapters.vendors.erpnext.records import ITEM, ITEM_KEYS, read_money, read_number, text

PRICE, BIN, ALTERNATIVE, SHOWN = "Item Price", "Bin", "Item Alternative", "Website Item"
PRICE_KEYS = (
    "name", "item_code", "price_list", "price_list_rate", "currency", "uom", "customer", "batch_no", "valid_from",
    "valid_upto",
)  # fmt: skip
BIN_KEYS = ("name", "item_code", "actual_qty", "reserved_qty")
ALTERNATIVE_KEYS = ("name", "item_code", "alternative_item_code", "two_way")
RECOMMENDED = "Recommended Items"


@dataclass(frozen=True, slots=True)
class Catalogue:
    api: Api
    people: People
    price_lists: Sequence[str]
    """The main one first."""
    stock: bool

    def load(self, codes: Sequence[str]) -> list[Row]:
        filters: Filters = [["name", "in", sorted(set(codes))]]
        return self.api.find(ITEM, filters, ITEM_KEYS, may_lack=self.people.fields.of_item) if codes else []

    def read(self, rows: Sequence[Row]) -> list[Product]:
        codes = [row["name"] for row in rows]
        prices, stock = self._prices(codes), self._stock(codes)
        reader = self.people.reader
        return [
            reader.product(row, self._choose(prices[row["name"]], row), stock.get(row["name"]))
            for row in rows
        ]

    def relations(self, code: str) -> list[ProductRelation]:
        if not code:
            return []
        others = dict.fromkeys((*self._alternatives(code), *self._recommended(code)))
        return [ProductRelation(code, other, kind) for other, kind in others if other != code]

    def _alternatives(self, code: str) -> Iterator[tuple[str, str]]:
        """What can be sold instead. One that is marked as two-way says the same of both."""
        for field, other in (("item_code", "alternative_item_code"), ("alternative_item_code", "item_code")):
            for row in self.api.find(ALTERNATIVE, [[field, "=", code]], ALTERNATIVE_KEYS):
                if row[field] == code and (field == "item_code" or row["two_way"]):
                    yield row[other], "upsell"

    def _recommended(self, code: str) -> Iterator[tuple[str, str]]:
        """By the web shop, where it is installed: an app of its own from version 15 on."""
        try:
            pages = self.api.find(SHOWN, [["item_code", "=", code]], ["name", "item_code"])
        except NotFound:
            return
        names = [row["name"] for row in pages if row["item_code"] == code]
        filters: Filters = [["parent", "in", names]]
        for row in self.api.find(RECOMMENDED, filters, ["name", "item_code"], parent=SHOWN) if names else ():
            if text(row["item_code"]):
                yield row["item_code"], "cross_sell"

    def _prices(self, codes: Sequence[str]) -> Mapping[str, Sequence[Row]]:
        filters: Filters = [
            ["selling", "=", 1],
            ["price_list", "in", list(self.price_lists)],
            ["item_code", "in", list(codes)],
        ]
        return _by_item(self.api.find(PRICE, filters, PRICE_KEYS) if codes else [], codes)

    def _choose(self, rows: Sequence[Row], item: Row) -> list[Money]:
        """What anybody pays today for one piece: the latest of each list, the first list's in each currency."""
        today = self.api.site.time.day_of(self.api.site.now())
        found: dict[str, Money] = {}
        for name in self.price_lists:
            good = [row for row in rows if row["price_list"] == name and _is_for_all(row, item, today)]
            latest = max(good, key=lambda row: (text(row["valid_from"]), row["name"]), default=None)
            price = read_money(latest["price_list_rate"], latest["currency"]) if latest else None
            if price:
                found.setdefault(price.currency, price)
        return list(found.values())

    def _stock(self, codes: Sequence[str]) -> Mapping[str, int]:
        """In all warehouses, less what is promised to others; of what was never moved there is no bin."""
        if not self.stock or not codes:
            return {}
        rows = _by_item(self.api.find(BIN, [["item_code", "in", list(codes)]], BIN_KEYS), codes)
        return {code: max(0, int(sum(map(_free, rows[code]), Decimal(0)))) for code in codes}


def _by_item(rows: Sequence[Row], codes: Sequence[str]) -> Mapping[str, Sequence[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["item_code"]].append(row)
    if not {code.casefold() for code in found} <= {code.casefold() for code in codes}:
        raise VendorChanged("the answer is about other items")
    return found


def _is_for_all(row: Row, item: Row, today: str) -> bool:
    """Neither for one customer, one batch or a box of several, nor of another time."""
    special = row["customer"] or row["batch_no"] or text(row["uom"]) not in {"", text(item["stock_uom"])}
    last = text(row["valid_upto"])
    return not special and text(row["valid_from"]) <= today and (not last or today <= last)


def _free(row: Row) -> Decimal:
    return (read_number(row["actual_qty"]) or Decimal(0)) - (read_number(row["reserved_qty"]) or Decimal(0))
