"""What a shop keeps: customers, products with their variants, orders and draft orders, and metafields of some."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from crm_adapters.fakes.store import Row, Table

CURRENCY = "EUR"
FIRST_IDS = {"customers": 7001, "products": 8001, "variants": 40001, "orders": 5001, "drafts": 9001}


@dataclass(slots=True)
class Shop:
    now: Callable[[], datetime]
    lag: timedelta
    customers: Table = field(init=False)
    products: Table = field(init=False)
    variants: Table = field(init=False)
    orders: Table = field(init=False)
    drafts: Table = field(init=False)
    definitions: dict[str, tuple[str, int | None]] = field(
        default_factory=lambda: {
            "custom.shop_number": ("id", None),
            "custom.offers_ok": ("boolean", 1),
            "sales_assist.outcomes": ("multi_line_text_field", 2),
        }
    )
    """Of customers' metafields: their type, and where they are pinned on the customer's page."""

    def __post_init__(self) -> None:
        for name, first in FIRST_IDS.items():
            setattr(self, name, Table(self.now, lag=self.lag, ids=map(str, count(first))))

    def add(self, table: Table, values: Mapping[str, Any]) -> Row:
        """With its id and moments among the values, for the search knows them."""
        now = self.now()
        row = table.add({"createdAt": now, "updatedAt": now, "metafields": {}, **values})
        row.values["id"] = int(row.id)
        return row

    def change(self, table: Table, row: Row, values: Mapping[str, Any]) -> Row:
        return table.change(row, {**values, "updatedAt": self.now()})

    def set_metafields(self, table: Table, row: Row, held: Mapping[str, Mapping[str, str] | None]) -> None:
        """By `namespace.key`; None takes one away. That it counts as a change of its owner is not verified."""
        merged = {**row.values["metafields"], **held}
        kept = {path: one for path, one in merged.items() if one and one["value"]}
        self.change(table, row, {"metafields": kept})

    def find_customer(self, name: str, value: str | None) -> Row | None:
        """No two customers have the same address or telephone."""
        live = self.customers.live()
        return next((row for row in live if value and row.values[name] == value), None)
