"""What a shop keeps: accounts, products, orders and their notes, each shown as WooCommerce shows it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from crm_adapters.fakes.store import Row, Table, Values

SITE = timedelta(hours=-3)
"""The site's own time, from UTC."""
CURRENCY = "EUR"


@dataclass(slots=True)
class Shop:
    now: Callable[[], datetime]
    customers: Table = field(init=False)
    products: Table = field(init=False)
    orders: Table = field(init=False)
    notes: Table = field(init=False)
    variations: Table = field(init=False)
    guests: dict[str, Values] = field(default_factory=dict)
    """What those without an account give as their address with every order, by e-mail."""

    def __post_init__(self) -> None:
        for number, name in enumerate(("customers", "products", "orders", "notes", "variations"), 1):
            setattr(self, name, Table(self.now, ids=map(str, count(number * 1000 + 1))))

    def find_account(self, email: str) -> Row | None:
        """WordPress keeps addresses unique."""
        live = self.customers.live()
        return next((row for row in live if email and row.values["email"] == email), None)

    def change(self, table: Table, row: Row, values: Mapping[str, Any]) -> Row:
        return table.change(row, merge(row.values, values))


def merge(old: Mapping[str, Any], new: Mapping[str, Any]) -> Values:
    """Addresses are changed name by name, meta data by key; an empty value takes an entry away."""
    merged = {**old, **new}
    for name in ("billing", "shipping"):
        if name in new:
            merged[name] = {**old.get(name, {}), **new[name]}
    if "meta_data" in new:
        entries = {one["key"]: one["value"] for one in [*old.get("meta_data", ()), *new["meta_data"]]}
        merged["meta_data"] = make_meta(entries)
    return merged


def make_meta(entries: Mapping[str, Any]) -> list[Values]:
    kept = {key: value for key, value in entries.items() if value not in {None, ""}}
    return [
        {"id": 9000 + number, "key": key, "value": value} for number, (key, value) in enumerate(kept.items())
    ]


def show(row: Row, **more: Any) -> Values:
    """WC 10: moments carry no zone, those called gmt no Z."""
    stamps = {"date_created": row.values.get("made") or row.created_at, "date_modified": row.modified_at}
    local = {name: moment_text(moment + SITE) for name, moment in stamps.items()}
    gmt = {f"{name}_gmt": moment_text(moment) for name, moment in stamps.items()}
    values = {name: value for name, value in row.values.items() if name != "made"}
    return {"id": int(row.id), **local, **gmt, **values, **more}


def moment_text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
