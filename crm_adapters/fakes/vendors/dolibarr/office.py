"""What a Dolibarr keeps, and how it shows it: numbers as texts, moments as seconds, empty tables as lists (seen)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from crm_adapters.fakes.store import Row, Table, Values

SERVER = timedelta(hours=-3)
"""The server's own time, from UTC."""
CURRENCY = "EUR"
TABLES = (
    "thirdparties", "contacts", "products", "orders", "invoices", "proposals", "tickets", "agendaevents",
    "categories",
)  # fmt: skip
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "thirdparties": {"nom": "name", **{name: name for name in ("email", "phone", "phone_mobile", "ref_ext", "client")}},
    "contacts": {
        "fk_soc": "socid", "phone": "phone_pro", **{name: name for name in ("email", "phone_mobile", "phone_perso")},
    },
    "products": {"ref": "ref"},
    "orders": {"fk_soc": "socid", "fk_statut": "statut"},
    "invoices": {"fk_soc": "socid", "type": "type"},
    "proposals": {"fk_soc": "socid"},
    "tickets": {"fk_soc": "fk_soc"},
    "agendaevents": {"fk_soc": "socid", "note": "note_private"},
    "categories": {},
}  # fmt: skip
"""The database's columns → what answers call them."""
WHOLE = frozenset({"date", "date_creation", "datec", "datep", "delivery_date"})


@dataclass(slots=True)
class Office:
    now: Callable[[], datetime]
    tables: dict[str, Table] = field(init=False)
    members: set[tuple[str, str]] = field(default_factory=set)
    """Products in categories."""
    associated: list[tuple[str, str, str]] = field(default_factory=list)
    """Products, what was associated with them, and whether its stock moves along."""
    line_ids: Any = field(default_factory=lambda: count(90_001))

    def __post_init__(self) -> None:
        self.tables = {
            name: Table(self.now, ids=map(str, count(number * 1000 + 1)))
            for number, name in enumerate(TABLES, 1)
        }

    def contacts_of(self, ref: str) -> list[Row]:
        return [row for row in self.tables["contacts"].live() if row.values.get("socid") == ref]

    def column(self, table: str, row: Row, name: str) -> str:
        """As the database has it: its stamps are in the server's time (seen)."""
        alias, _, plain = name.rpartition(".")
        if alias == "ef":
            return _text(row.values.get("array_options", {}).get(f"options_{plain}"))
        if plain == ("id" if table == "agendaevents" else "rowid"):
            return row.id
        if plain == "tms":
            return (row.modified_at + SERVER).strftime("%Y-%m-%d %H:%M:%S")
        return _text(row.values.get(COLUMNS[table][plain]))


def show(row: Row) -> Values:
    values = {name: _shown(name, value) for name, value in row.values.items()}
    stamps = {"date_creation": seconds(row.created_at), "date_modification": seconds(row.modified_at)}
    return {"id": row.id, **stamps, **values}


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def midnight(moment: datetime) -> int:
    """Of the day that it is where the server is."""
    local = moment.astimezone(UTC) + SERVER
    return seconds(local.replace(hour=0, minute=0, second=0, microsecond=0) - SERVER)


def _shown(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return value or []
    return value if value is None or name in WHOLE else _text(value)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
