"""What we write to Odoo: notes on partners and lines on quotations."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from crm_adapters.errors import Conflict, NotFound, OutcomeUnknown, Retryable, ValidationFailed, VendorChanged
from crm_adapters.marks import make_mark
from crm_adapters.model import NewLine, SuggestionOutcome, WriteResult
from crm_adapters.vendors.odoo.api import Api, Row
from crm_adapters.vendors.odoo.records import PARTNER, PRODUCT, currency
from crm_adapters.vendors.odoo.sales import LINE, ORDER, ORDER_KEYS, QUOTED
from crm_adapters.vendors.odoo.search import Search

MESSAGE = "mail.message"
NAMES = "ir.model.data"
MODULE = "sales_assist"
"""Before the dot of the names that our lines get."""
SAYS_HTML = 17
"""The first version that takes a body for text unless it is told otherwise; before, it was HTML always."""
LONGEST_NOTE = 60_000


@dataclass(frozen=True, slots=True)
class Writing:
    api: Api
    search: Search

    def find_note(self, key: str, partner: str) -> Row | None:
        """Among the partner's own messages: the database, which lags in nothing."""
        mark = make_mark(key)
        mine = [["model", "=", PARTNER], ["res_id", "=", int(partner)], ["body", "ilike", mark]]
        found = self.api.search(MESSAGE, mine, ["body"])
        return next((row for row in found if mark in str(row["body"])), None)

    def add_note(self, outcome: SuggestionOutcome, key: str) -> WriteResult:
        partner = outcome.customer_ref
        if self.search.get(partner) is None:
            raise NotFound("Odoo has no such partner")
        found = self.find_note(key, partner)
        if found:
            return WriteResult(str(found["id"]), created=False)
        self._post(partner, outcome.note, key)
        return WriteResult(str(self._confirm(key, partner)["id"]), created=True)

    def _post(self, partner: str, note: str, key: str) -> None:
        """As an internal note: any other kind is mailed to whoever follows the partner."""
        told = escape(note[:LONGEST_NOTE]).replace("\n", "<br>")
        html: dict[str, Any] = {"body": f"<p>{told}</p><p>{make_mark(key)}</p>"}
        html |= {"body_is_html": True} if self.api.server.release.major >= SAYS_HTML else {}
        kind = {"message_type": "comment", "subtype_xmlid": "mail.mt_note"}
        self.api.call(PARTNER, "message_post", [int(partner)], repeatable=False, **html, **kind)

    def _confirm(self, key: str, partner: str) -> Row:
        """The answer is a number, which does not tell whose: the record is read."""
        try:
            found = self.find_note(key, partner)
        except (Retryable, VendorChanged):
            found = None
        if found is None:
            raise OutcomeUnknown("the note that was just written cannot be read yet")
        return found

    def find_line(self, key: str) -> str | None:
        named = [["module", "=", MODULE], ["name", "=", make_mark(key)], ["model", "=", LINE]]
        found = self.api.search(NAMES, named, ["name", "res_id"])
        if any(row["name"] != make_mark(key) for row in found):
            raise VendorChanged("the answer holds what was not asked for")
        return str(found[0]["res_id"]) if found else None

    def add_line(self, deal_ref: str, line: NewLine, key: str) -> WriteResult:
        """By the way in which Odoo imports files: a name of our own goes with the line, and importing the same
        name again changes the line instead of adding one."""
        known = self.find_line(key)
        if known:
            return WriteResult(known, created=False)
        values = self._line(self._open_quotation(deal_ref), line)
        names, row = ["id", *values], [f"{MODULE}.{make_mark(key)}", *values.values()]
        answer = self.api.call(LINE, "load", repeatable=True, fields=names, data=[row])
        _check_import(answer)
        written = self.find_line(key)
        if written is None:
            raise OutcomeUnknown("the line that was just written cannot be read yet")
        return WriteResult(written, created=True)

    def _open_quotation(self, ref: str) -> Row:
        row = self.api.get(ORDER, ref, ORDER_KEYS)
        if row is None:
            raise NotFound("Odoo has no such quotation")
        if row["state"] not in QUOTED or row.get("locked"):
            raise Conflict("the quotation was confirmed, cancelled or locked")
        return row

    def _line(self, quotation: Row, line: NewLine) -> dict[str, str]:
        """Without a price Odoo works it out from the customer's price list."""
        product = self.api.get(PRODUCT, line.product_ref, ["sale_ok"])
        if product is None or not product["sale_ok"]:
            raise ValidationFailed("Odoo sells no such product", fields={"product_ref": "unknown"})
        price, code = line.unit_price, currency(quotation)
        if price and price.currency != code:
            raise ValidationFailed(
                "the price is not in the quotation's currency", fields={"unit_price": code}
            )
        stated = {"price_unit": f"{price.amount:f}"} if price else {}
        quantity = {"product_uom_qty": f"{line.quantity:f}"}
        return {
            "order_id/.id": str(quotation["id"]),
            "product_id/.id": line.product_ref,
            **quantity,
            **stated,
        }


def _check_import(answer: Any) -> None:
    """What is refused comes with 200 and a list of reasons, and nothing was written. The reasons hold values."""
    if not isinstance(answer, Mapping):
        raise OutcomeUnknown("the answer to a write cannot be read")
    messages = answer.get("messages") or ()
    fields = {str(one.get("field") or "line"): "refused" for one in messages if one.get("type") == "error"}
    if not answer.get("ids"):
        raise ValidationFailed("Odoo refuses the line", fields=fields)
