"""What Frappe does when a document is saved from outside: checks, silent losses, and rows of tables."""

from collections.abc import Mapping
from typing import Any

from crm_adapters.fakes.store import Row
from crm_adapters.fakes.vendors.erpnext.database import Database, FrappeError, Values, missing
from crm_adapters.fakes.vendors.erpnext.schema import DOCTYPES, Field, tables_of

LONGEST = 140
"""*Source*: of what a field of the type Data holds."""


def save(database: Database, doctype: str, name: str, data: Mapping[str, Any]) -> Values:
    """*Seen*: what was changed by somebody else in between is refused with 417, as is all that is invalid. *Source*:
    fields that there are not are taken and dropped, and nobody is told."""
    row = database.get(doctype, name)
    if row is None:
        raise missing(doctype, name)
    current = database.show(doctype, row)
    if data.get("modified", current["modified"]) != current["modified"]:
        raise FrappeError(
            "TimestampMismatchError", 417, "Document has been modified after you have opened it"
        )
    if row.values["docstatus"] != 0:
        raise FrappeError("UpdateAfterSubmitError", 417, "Not allowed to change after submission")
    tables = tables_of(doctype)
    values = {
        field: _checked(database, known, data[field])
        for field, known in DOCTYPES[doctype].items()
        if field in data and field not in tables and not known.read_only
    }
    if any(
        known.reqd and not values.get(field, row.values.get(field))
        for field, known in DOCTYPES[doctype].items()
    ):
        raise FrappeError("MandatoryError", 417, f"[{doctype}, {name}]: customer_name")
    for field, child in tables.items():
        if field in data:
            values[field] = _rows(database, row, child, row.values[field], data[field])
    database.change(doctype, row, values)
    return database.show(doctype, row)


def _checked(database: Database, field: Field, value: Any) -> Any:
    if field.type == "Select" and value and value not in field.options.split("\n"):
        raise FrappeError("ValidationError", 417, f"{value} is not one of {field.options}")
    if field.type == "Data" and len(str(value or "")) > LONGEST:
        raise FrappeError("CharacterLengthExceededError", 417, f"{value} will get truncated")
    known = field.type == "Link" and field.options in database.tables
    if known and value and database.get(field.options, value) is None:
        raise FrappeError("LinkValidationError", 417, f"Could not find {value}")
    return value


def _rows(database: Database, row: Row, child: str, old: list[Values], sent: list[Values]) -> list[Values]:
    """*Source*: the rows that are sent replace all there were. One with a name is taken for an old one, and written
    to where there is none of that name: it is lost. One that says it is new keeps the name it has."""
    names = {one["name"] for one in old}
    rows = []
    for one in sent:
        new = not one.get("name") or one.get("__islocal")
        if new and one.get("name") and _is_taken(database, child, one["name"]):
            raise FrappeError("DuplicateEntryError", 409, f"{child} {one['name']} already exists")
        if new or one["name"] in names:
            values = {
                field: _checked(database, known, one.get(field)) for field, known in DOCTYPES[child].items()
            }
            rows.append(
                {**({"name": one["name"]} if one.get("name") else {}), **_priced(database, row, values)}
            )
    return rows


def _is_taken(database: Database, child: str, name: str) -> bool:
    return any(
        one["name"] == name
        for doctype in DOCTYPES
        for field, known in tables_of(doctype).items()
        if known == child
        for row in database.tables[doctype].live()
        for one in row.values.get(field, ())
    )


def _priced(database: Database, row: Row, values: Values) -> Values:
    """*Source*: a line without a price gets that of the document's price list."""
    if "item_code" not in values:
        return values
    item = database.get("Item", values["item_code"] or "")
    if item is None:
        raise FrappeError("MandatoryError", 417, "item_code")
    filters = [["item_code", "=", item.id], ["price_list", "=", row.values.get("selling_price_list") or ""]]
    prices = database.find("Item Price", filters, ["price_list_rate"])
    usual = prices[0]["price_list_rate"] if prices else 0.0
    rate = values["rate"] or usual
    told = {"item_name": item.values["item_name"], "price_list_rate": usual, "rate": rate}
    return values | told | {"amount": rate * values["qty"]}
