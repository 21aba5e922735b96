"""What we write to Tryton: notes on parties, lines on drafts and opportunities, and fields of a party."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm_adapters.errors import (
    Conflict,
    Merged,
    NotFound,
    Unsupported,
    ValidationFailed,
)
from crm_adapters.fieldmap import CUSTOM
from crm_adapters.locales import normalise_language
from crm_adapters.marks import make_mark
from crm_adapters.model import NewLine, SuggestionOutcome, WriteResult
from crm_adapters.vendors.tryton import records
from crm_adapters.vendors.tryton.api import Api, Row, to_id
from crm_adapters.vendors.tryton.failures import Unknown
from crm_adapters.vendors.tryton.search import Search


@dataclass(frozen=True, slots=True)
class Target:
    """Where a line is put."""

    deal: str
    """The model of the deal."""
    line: str
    owner: str
    """The line's field for its deal."""
    states: tuple[str, ...]
    """In which it takes lines."""


SALE = Target("sale.sale", "sale.line", "sale", ("draft",))
OPPORTUNITY = Target("sale.opportunity", "sale.opportunity.line", "opportunity", records.OPEN_OPPORTUNITIES)


@dataclass(frozen=True, slots=True)
class Writing:
    api: Api
    search: Search

    def find_note(self, key: str, customer_ref: str) -> int | None:
        """Notes stay with the party they were written about, also when another has replaced it."""
        number = to_id(customer_ref)
        if number is None:
            return None
        domain = [("resource", "=", f"party.party,{number}"), ("message", "like", f"%{make_mark(key)}%")]
        rows = self.api.find("ir.note", domain, ["message"], limit=1)
        return next((row["id"] for row in rows if make_mark(key) in row["message"]), None)

    def add_note(self, outcome: SuggestionOutcome, key: str) -> WriteResult:
        row = self._require(outcome.customer_ref)
        found = self.find_note(key, outcome.customer_ref)
        if found:
            return WriteResult(str(found), created=False)
        # PostgreSQL takes no character 0.
        message = f"{outcome.note}\n\n{make_mark(key)}".replace("\0", "")
        note = {"resource": f"party.party,{row['id']}", "message": message}
        return WriteResult(str(self.api.create("ir.note", note, ("party.party", "write"))), created=True)

    def add_line(self, deal_ref: str, line: NewLine, key: str) -> WriteResult:
        target = OPPORTUNITY if deal_ref.startswith(records.OPPORTUNITY_REF) else SALE
        number = to_id(deal_ref.removeprefix(records.OPPORTUNITY_REF))
        deal = self._find_deal(target, number) if number else None
        if deal is None:
            raise NotFound("Tryton has no such sale or opportunity")
        found = self._find_line(target, deal, make_mark(key))
        if found:
            return WriteResult(str(found), created=False)
        if deal["state"] not in target.states:
            raise Conflict("lines are put on drafts and open opportunities only", existing=deal["state"])
        values = self._line(target, deal, line) | {"note": make_mark(key)}
        return WriteResult(str(self._create_line(target, values)), created=True)

    def update(self, ref: str, patch: Mapping[str, str], *, expected_version: str | None) -> None:
        row = self._require(ref)
        values = self._values(patch)
        self.api.change("party.party", row["id"], values, version=expected_version)

    def _require(self, ref: str) -> Row:
        row = self.search.get(ref)
        if row and row["replaced_by"]:
            raise Merged("the party was replaced by another", new_ref=str(row["replaced_by"]))
        if row is None or not records.is_living(row):
            raise NotFound("Tryton has no such party")
        return row

    def _find_deal(self, target: Target, number: int) -> Row | None:
        rows = self.api.find(target.deal, [("id", "=", number)], ["state", "party", "currency.code"])
        return next(iter(rows), None)

    def _find_line(self, target: Target, deal: Row, mark: str) -> int | None:
        """Where opportunities have lines without notes, lines cannot be put on them."""
        domain = [(target.owner, "=", deal["id"]), ("note", "=", mark)]
        try:
            rows = self.api.find(target.line, domain, ["note"], limit=1)
        except Unknown:
            rows = None
        if rows is None:
            raise Unsupported("this series of Tryton keeps no notes with an opportunity's lines")
        return next((row["id"] for row in rows if row["note"] == mark), None)

    def _line(self, target: Target, deal: Row, line: NewLine) -> dict[str, Any]:
        product = to_id(line.product_ref)
        units = (
            [] if product is None else self.api.find("product.product", [("id", "=", product)], ["sale_uom"])
        )
        if not units:
            raise ValidationFailed("Tryton has no such product", fields={"product_ref": "unknown"})
        quantity = float(line.quantity)
        values = {
            target.owner: deal["id"],
            "product": product,
            "quantity": quantity,
            "unit": units[0]["sale_uom"],
        }
        return values | self._price(deal, values, line) if target is SALE else values

    def _price(self, deal: Row, values: Row, line: NewLine) -> dict[str, Any]:
        """Nobody but the client computes a new line's price and taxes, so it is asked as the client asks."""
        asked = {**values, "type": "line", "taxes": []}
        told = self.api.run("sale.line", "on_change_product", asked)
        found = {name: told[name] for name in ("unit", "unit_price") if name in told}
        found["taxes"] = [["add", _read_added(told.get("taxes"))]]
        if line.unit_price is None:
            return found
        if line.unit_price.currency != (deal["currency."] or {}).get("code"):
            raise ValidationFailed(
                "the price is not in the sale's currency", fields={"unit_price": "currency"}
            )
        return found | {"unit_price": line.unit_price.amount}

    def _create_line(self, target: Target, values: Row) -> int:
        try:
            return self.api.create(target.line, values)
        except ValidationFailed:
            fields = {"product_ref": "not for sale in this quantity, or without a price"}
        raise ValidationFailed("Tryton refuses the line", fields=fields)

    def _values(self, patch: Mapping[str, str]) -> dict[str, Any]:
        fields, values = self.search.fields.customer, dict[str, Any]()
        refused: dict[str, str] = {}
        for name, value in patch.items():
            if name == "name" and value.strip():
                values["name"] = value
            elif name == "language":
                values["lang"] = self._find_language(value, refused)
            elif is_writable(name, fields):
                values[fields[name]] = value or None
            else:
                refused[name] = "cannot be changed"
        if refused:
            raise ValidationFailed(f"cannot change {', '.join(sorted(refused))}", fields=refused)
        return values

    def _find_language(self, value: str, refused: dict[str, str]) -> int | None:
        if not value:
            return None
        rows = self.api.find("ir.lang", [], ["code"])
        known = {normalise_language(row["code"]): row["id"] for row in rows}
        short = value.partition("-")[0]
        if value not in known and short not in known:
            refused["language"] = "no language of this Tryton"
        return known.get(value, known.get(short))


def _read_added(told: Any) -> list[int]:
    """Ids, of what a client is told to add: `{"add": [[position, {"id": …}]]}`."""
    added = told.get("add", []) if isinstance(told, dict) else []
    return [record["id"] for _, record in added]


def is_writable(name: str, fields: Mapping[str, str]) -> bool:
    """Beside the name and the language: what an admin has mapped, where it is a party's own."""
    return name.startswith(CUSTOM) and "." not in fields.get(name, ".")
