"""What we write to ERPNext: notes on customers, lines on draft quotations, and fields of a customer."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from crm_adapters.errors import (
    AuthExpired,
    Conflict,
    Merged,
    NotFound,
    OutcomeUnknown,
    Retryable,
    Unavailable,
    ValidationFailed,
    VendorChanged,
)
from crm_adapters.marks import make_mark
from crm_adapters.model import NewLine, SuggestionOutcome, WriteResult
from crm_adapters.vendors.erpnext.api import Api, Row
from crm_adapters.vendors.erpnext.gone import Graveyard
from crm_adapters.vendors.erpnext.people import People
from crm_adapters.vendors.erpnext.records import CUSTOMER, ITEM
from crm_adapters.vendors.erpnext.sales import DRAFT, QUOTATION

NOTE_METHOD = "frappe.desk.form.utils.add_comment"
"""Comments may be created by administrators only; by this way whoever reads a document can leave one on it."""
NOTES_METHOD = "frappe.desk.form.load.get_docinfo"
"""And reading comments is for administrators too: these come with the document."""
QUOTED_ITEM = "Quotation Item"
LONGEST_NOTE = 60_000
ATTEMPTS = 3
UNREADABLE = (AuthExpired, Retryable, ValidationFailed, VendorChanged)
"""How it can fail to look for what was just written."""


@dataclass(frozen=True, slots=True)
class Writing:
    api: Api
    people: People
    deletions: bool

    def require(self, ref: str) -> Row:
        """Raises NotFound, or Merged where another customer took over, or the customer has another name now."""
        row = self.people.get_row(ref)
        if row is not None:
            return row
        heir = Graveyard(self.api).find_heir(CUSTOMER, ref) if self.deletions else None
        if heir and heir != ref:
            raise Merged("the customer lives on under another name", new_ref=heir)
        raise NotFound("ERPNext has no such customer")

    def find_note(self, key: str, customer: str) -> str | None:
        """None of a customer who is not there, too: notes go where the customer goes."""
        mark = make_mark(key)
        try:
            found = self.api.load(NOTES_METHOD, doctype=CUSTOMER, name=customer)
        except NotFound:
            return None
        notes = _read_notes(found, customer)
        return next((str(note["name"]) for note in notes if mark in str(note.get("content"))), None)

    def add_note(self, outcome: SuggestionOutcome, key: str) -> WriteResult:
        customer = self.require(outcome.customer_ref)["name"]
        found = self.find_note(key, customer)
        if found:
            return WriteResult(found, created=False)
        self._post(customer, outcome.note, key)
        return WriteResult(self._confirm(key, customer), created=True)

    def _post(self, customer: str, note: str, key: str) -> None:
        told = escape(note[:LONGEST_NOTE].replace("\0", "")).replace("\n", "<br>")
        user = self.api.site.user
        self.api.do(
            f"{CUSTOMER}: read",
            NOTE_METHOD,
            reference_doctype=CUSTOMER,
            reference_name=customer,
            content=f"<p>{told}</p><p>{make_mark(key)}</p>",
            comment_email=user,
            comment_by=user,
        )

    def _confirm(self, key: str, customer: str) -> str:
        """The answer is a comment, which need not be ours: it is looked for."""
        try:
            found = self.find_note(key, customer)
        except UNREADABLE:
            found = None
        if found is None:
            raise OutcomeUnknown("the note that was just written cannot be read yet")
        return found

    def add_line(self, deal_ref: str, line: NewLine, key: str) -> WriteResult:
        """The row is named by us, and the document is written only if it still is what was read: a line cannot be
        there twice, whoever else writes at the same time."""
        mark = make_mark(key)
        for _ in range(ATTEMPTS):
            if self._has_line(deal_ref, mark):
                return WriteResult(mark, created=False)
            quotation = self._open_quotation(deal_ref)
            if self._append(quotation, self._row(quotation, line) | {"name": mark, "__islocal": 1}):
                return WriteResult(mark, created=True)
        raise Unavailable("others are changing the quotation")

    def _has_line(self, quotation: str, mark: str) -> bool:
        filters = [["name", "=", mark], ["parent", "=", quotation]]
        rows = self.api.find(QUOTED_ITEM, filters, ["name", "parent"], parent=QUOTATION)
        if any((row["name"], row["parent"]) != (mark, quotation) for row in rows):
            raise VendorChanged("the answer holds what was not asked for")
        return bool(rows)

    def _append(self, quotation: Row, row: Row) -> bool:
        """Whether it was done; not where somebody else was faster. A line that got another name would never be found
        again, and put there once more: that is for a person to look at."""
        rows = [*quotation["items"], row]
        try:
            found = self.api.change(
                QUOTATION, quotation["name"], {"items": rows, "modified": quotation["modified"]}
            )
        except Conflict:
            return False
        kept = found.get("items") if isinstance(found, dict) else None
        if row["name"] not in {one.get("name") for one in kept or ()}:
            raise VendorChanged("the line was written under another name than ours")
        if not self._is_there(quotation["name"], row["name"]):
            raise OutcomeUnknown("the line that was just written cannot be read yet")
        return True

    def _is_there(self, quotation: str, mark: str) -> bool:
        try:
            return self._has_line(quotation, mark)
        except UNREADABLE:
            return False

    def _open_quotation(self, ref: str) -> Row:
        found = self.api.read(QUOTATION, ref)
        if found.get("docstatus") != DRAFT:
            raise Conflict("the quotation was submitted or cancelled", existing=str(found.get("status")))
        if not isinstance(found.get("items"), list):
            raise VendorChanged("the quotation has no lines")
        return found

    def _row(self, quotation: Row, line: NewLine) -> dict[str, Any]:
        """Without a price ERPNext works it out from the quotation's price list."""
        item = self.api.get(ITEM, line.product_ref, ["name", "disabled", "is_sales_item", "has_variants"])
        if item is None or item["disabled"] or not item["is_sales_item"] or item["has_variants"]:
            raise ValidationFailed("ERPNext sells no such item", fields={"product_ref": "unknown"})
        price, code = line.unit_price, str(quotation.get("currency"))
        if price and price.currency != code:
            raise ValidationFailed(
                "the price is not in the quotation's currency", fields={"unit_price": code}
            )
        stated: Mapping[str, Any] = {"rate": float(price.amount)} if price else {}
        return {"doctype": QUOTED_ITEM, "item_code": item["name"], "qty": float(line.quantity), **stated}


def _read_notes(answer: Row, customer: str) -> list[Row]:
    """Raises VendorChanged for another document's."""
    info = answer.get("docinfo")
    notes = info.get("comments") if isinstance(info, dict) else None
    if not isinstance(info, dict) or not isinstance(notes, list) or info.get("name", customer) != customer:
        raise VendorChanged("the answer holds no comments of this customer")
    return notes
