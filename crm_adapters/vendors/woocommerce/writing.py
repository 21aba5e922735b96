"""What we write to a shop: notes on orders, lines of orders that are not paid for, and fields of an account."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from crm_adapters.errors import Conflict, NotFound, OutcomeUnknown, ValidationFailed
from crm_adapters.fieldmap import CUSTOM
from crm_adapters.locales import find_country
from crm_adapters.marks import make_mark
from crm_adapters.model import NewLine, SuggestionOutcome, WriteResult
from crm_adapters.vendors.woocommerce import records
from crm_adapters.vendors.woocommerce.api import Api, Row
from crm_adapters.vendors.woocommerce.people import People, is_id
from crm_adapters.vendors.woocommerce.purchases import Purchases
from crm_adapters.vendors.woocommerce.records import GUEST, META, OPEN

MOST_SEARCHED = 10
"""Orders, the latest first, whose notes may hold an outcome: a note goes on the latest one there is."""
MARK = "_sales_assist"
"""Meta data of a line; the underscore keeps it from the customer's eyes."""
WRITABLE = ("given_name", "family_name", "language", "country", "company", "register", "offers_consent")
FIXED = ("id", "date_", "is_paying", "role", "username", "email")


@dataclass(frozen=True, slots=True)
class Writing:
    api: Api
    people: People
    purchases: Purchases

    def find_note(self, key: str, customer_ref: str) -> str | None:
        return self._find_note(key, self._latest(customer_ref))

    def _find_note(self, key: str, orders: list[Row]) -> str | None:
        mark = make_mark(key)
        for order in orders:
            notes = self.api.list_some(f"orders/{order['id']}/notes", {})
            found = next((note for note in notes if mark in str(note.get("note"))), None)
            if found:
                return str(found["id"])
        return None

    def _latest(self, customer_ref: str) -> list[Row]:
        return self.purchases.of(customer_ref)[:MOST_SEARCHED]

    def add_note(self, outcome: SuggestionOutcome, key: str) -> WriteResult:
        """Not for the customer to see. Who never ordered has no place for one."""
        orders = self._latest(outcome.customer_ref)
        if not orders and self.people.get(outcome.customer_ref) is None:
            raise NotFound("the shop has no such customer")
        if not orders:
            raise ValidationFailed("notes are kept with orders, and the customer has none")
        found = self._find_note(key, orders)
        if found:
            return WriteResult(found, created=False)
        mark = make_mark(key)
        note = {"note": f"{escape(outcome.note)}\n\n{mark}", "customer_note": False}
        made = self.api.send("POST", f"orders/{orders[0]['id']}/notes", note)
        if mark not in str(made.get("note")) or "id" not in made:
            raise OutcomeUnknown("the answer is to another write")
        return WriteResult(str(made["id"]), created=True)

    def add_line(self, deal_ref: str, line: NewLine, key: str) -> WriteResult:
        """WooCommerce itself would put lines on an order that was paid, and of a product that is not there."""
        order = self.api.get(f"orders/{deal_ref}") if is_id(deal_ref) else None
        if order is None:
            raise NotFound("the shop has no such order")
        found = _find_line(order, make_mark(key))
        if found:
            return WriteResult(found, created=False)
        if order["status"] not in OPEN:
            raise Conflict("the order is not open any more")
        body = self._line(line, order["currency"]) | {"meta_data": [{"key": MARK, "value": make_mark(key)}]}
        found = _find_line(self.api.send("PUT", f"orders/{deal_ref}", {"line_items": [body]}), make_mark(key))
        if not found:
            raise OutcomeUnknown("the answer is to another write")
        return WriteResult(found, created=True)

    def _line(self, line: NewLine, currency: str) -> dict[str, Any]:
        """WooCommerce takes whole pieces, and leaves a line's own price to whoever names its sum."""
        row = self.api.get(f"products/{line.product_ref}") if is_id(line.product_ref) else None
        refused = _refuse_line(line, row, currency)
        if refused or row is None:
            raise ValidationFailed("the line cannot be put on the order", fields=refused)
        parent = row.get("parent_id") if row.get("type") == "variation" else 0
        sold = {"product_id": parent, "variation_id": row["id"]} if parent else {"product_id": row["id"]}
        price = line.unit_price
        total = f"{price.amount * line.quantity:f}" if price else None
        return {
            **sold,
            "quantity": int(line.quantity),
            **({"subtotal": total, "total": total} if total else {}),
        }

    def update(self, ref: str, patch: Mapping[str, str], *, expected_version: str | None) -> None:
        """WooCommerce guards nothing: the version, which tells seconds, is compared just before."""
        fields = self.people.fields
        refused = {name: why for name, value in patch.items() if (why := _refuse(ref, name, value, fields))}
        if refused:
            raise ValidationFailed(f"cannot change {', '.join(sorted(refused))}", fields=refused)
        row = self.people.get_account(ref)
        if row is None:
            raise NotFound("the shop has no such account")
        current = self.people.read(row).version
        if expected_version not in {None, current}:
            raise Conflict("the account was changed in between", existing=current)
        self.api.send("PUT", f"customers/{ref}", _body(patch, fields))


def is_writable(name: str, theirs: str) -> bool:
    return (name in WRITABLE or name.startswith(CUSTOM)) and not theirs.startswith(FIXED)


def _find_line(order: Row, mark: str) -> str | None:
    found = (one for one in order.get("line_items") or () if records.read_value(one, META + MARK) == mark)
    return next((str(one["id"]) for one in found), None)


def _refuse_line(line: NewLine, row: Row | None, currency: str) -> dict[str, str]:
    if row is None or row.get("status") == "trash":
        return {"product_ref": "unknown"}
    if row.get("type") == "variable":
        return {"product_ref": "comes in variations: choose one of them"}
    if line.unit_price and line.unit_price.currency != currency:
        return {"unit_price": f"the order is in {currency}"}
    return {} if line.quantity == int(line.quantity) else {"quantity": "whole pieces only"}


def _refuse(ref: str, name: str, value: str, fields: Mapping[str, str]) -> str | None:
    if ref.startswith(GUEST):
        return "a guest has no account"
    if name not in fields or not is_writable(name, fields[name]):
        return "cannot be changed"
    return "two capital letters, as ES" if name == "country" and value and not find_country(value) else None


def _body(patch: Mapping[str, str], fields: Mapping[str, str]) -> dict[str, Any]:
    body: dict[str, Any] = {}
    for name, value in patch.items():
        theirs = fields[name]
        group, _, inner = theirs.partition(".")
        if theirs.startswith(META):
            body.setdefault("meta_data", []).append({"key": theirs.removeprefix(META), "value": value})
        elif inner:
            body.setdefault(group, {})[inner] = value
        else:
            body[theirs] = value
    return body
