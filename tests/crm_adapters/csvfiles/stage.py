"""The shop's exports as somebody exports them anew."""

import csv
from pathlib import Path

from crm_adapters.fakes.seed import Record
from crm_adapters.model import Customer, Kind
from crm_adapters.testing import Stage

FILES = {
    Kind.CUSTOMERS: ("customers.csv", "id"),
    Kind.PRODUCTS: ("products.csv", "sku"),
    Kind.ORDERS: ("lines.csv", "order"),
}


class FilesStage(Stage):
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def put(self, record: Record) -> str:
        assert isinstance(record, Customer), "only customers are put by the suite"
        path = self.folder / FILES[Kind.CUSTOMERS][0]
        rows = _read(path)
        ref = record.ref or f"new{len(rows)}"
        emails, phones = [one.value for one in record.emails], [one.raw for one in record.phones]
        row = {
            "id": ref,
            "name": record.name,
            "email": emails[0] if emails else "",
            "phone": phones[0] if phones else "",
            "country": record.country or "",
        }
        _write(path, [*(one for one in rows if one["id"] != ref), row])
        return ref

    def delete(self, kind: Kind, ref: str) -> None:
        """Customers with their orders: lines alone would tell of them."""
        name, key = FILES[kind]
        _write(self.folder / name, [row for row in _read(self.folder / name) if row[key] != ref])
        if kind is Kind.CUSTOMERS:
            lines = self.folder / FILES[Kind.ORDERS][0]
            _write(lines, [row for row in _read(lines) if row["customer"] != ref])

    def count_written(self, key: str | None = None) -> int:
        path = self.folder / "outcomes.csv"
        keys = [row["key"] for row in _read(path)] if path.exists() else []
        return len(keys) if key is None else keys.count(key)


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text))


def _write(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open(encoding="utf-8", newline="") as text:
        header = next(csv.reader(text))
    with path.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
