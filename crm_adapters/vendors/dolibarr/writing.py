"""What we write to Dolibarr: notes as events of the agenda, and lines on proposals that are still drafts."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from crm_adapters.errors import (
    Conflict,
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    Retryable,
    ValidationFailed,
    VendorChanged,
)
from crm_adapters.marks import make_mark
from crm_adapters.model import NewLine, SuggestionOutcome, WriteResult
from crm_adapters.vendors.dolibarr import filters, sales
from crm_adapters.vendors.dolibarr.api import Api, NoSuchCallError, Row, is_id, row_id
from crm_adapters.vendors.dolibarr.catalogue import PATH as PRODUCTS
from crm_adapters.vendors.dolibarr.people import People
from crm_adapters.vendors.dolibarr.purchases import PROPOSALS
from crm_adapters.vendors.dolibarr.records import read_number, read_price, text

EVENTS = "agendaevents"
KIND = "AC_OTH"
NOT_A_TASK = -1
"""Of `percentage`: nothing that has to be done."""
LONGEST_LABEL = 100
DRAFT = "0"


@dataclass(frozen=True, slots=True)
class Writing:
    api: Api
    people: People
    currency: sales.Currency

    def find_note(self, key: str, customer: str) -> Row | None:
        """Among the customer's own events: the database, which lags in nothing."""
        if not is_id(customer):
            return None
        mark = make_mark(key)
        asked = [filters.equals("t.fk_soc", customer), filters.holds("t.note", mark)]
        rows = self.api.list_some(EVENTS, asked, key="t.id")
        return next((row for row in rows if mark in _note(row)), None)

    def add_note(self, outcome: SuggestionOutcome, key: str) -> WriteResult:
        """An event, for a third party's own private note would be written over."""
        customer = outcome.customer_ref
        if self.people.get(customer) is None:
            raise NotFound("Dolibarr has no such customer")
        found = self.find_note(key, customer)
        if found:
            return WriteResult(text(found["id"]), created=False)
        self.api.send("POST", EVENTS, self._event(outcome, key))
        return WriteResult(text(self._confirm(key, customer)["id"]), created=True)

    def _event(self, outcome: SuggestionOutcome, key: str) -> dict[str, Any]:
        """The note is HTML. By which of two names it is taken differs from version to version; the other is
        ignored without a word (seen on 20)."""
        note = f"{escape(outcome.note)}<br>\n{make_mark(key)}"
        return {
            "userownerid": self._user_id(),
            "type_code": KIND,
            "label": " ".join(outcome.note.split())[:LONGEST_LABEL] or outcome.product_sku,
            "note": note,
            "note_private": note,
            "datep": int(outcome.at.timestamp()),
            "socid": int(outcome.customer_ref),
            "percentage": NOT_A_TASK,
        }

    def _user_id(self) -> int:
        """Whose key this is: only they may own an event that we make."""
        found = self.api.get("users/info")
        if found is None:
            raise PermissionDenied("Dolibarr does not tell whose key this is", scope="user.self.creer")
        return row_id(found)

    def _confirm(self, key: str, customer: str) -> Row:
        """The answer is a number, which does not tell whose: the record is read."""
        try:
            found = self.find_note(key, customer)
        except (Retryable, VendorChanged):
            found = None
        if found is None:
            raise OutcomeUnknown("the note that was just written cannot be read yet")
        return found

    def add_line(self, deal_ref: str, line: NewLine, key: str) -> WriteResult:
        proposal = self._proposal(deal_ref)
        found = find_line(proposal, make_mark(key))
        if found:
            return WriteResult(found, created=False)
        if sales.status_of(proposal) != DRAFT:
            raise Conflict(
                "the proposal is no draft any more: Dolibarr takes no lines unless it is set back to one"
            )
        number = self._post_line(deal_ref, self._line(proposal, line, key))
        return WriteResult(self._confirm_line(deal_ref, key, number), created=True)

    def _proposal(self, ref: str) -> Row:
        row = self.api.read(PROPOSALS, ref)
        if row is None:
            raise NotFound("Dolibarr has no such proposal")
        return row

    def _post_line(self, ref: str, line: Mapping[str, Any]) -> str:
        """Where there is a call for several lines, the one for a single line is called otherwise (from
        Dolibarr's source; which version brought it is not known). The call that is missing does nothing."""
        try:
            return text(self.api.send("POST", f"{PROPOSALS}/{ref}/line", line))
        except NoSuchCallError:
            return text(self.api.send("POST", f"{PROPOSALS}/{ref}/lines", line))

    def _confirm_line(self, ref: str, key: str, number: str) -> str:
        try:
            proposal = self._proposal(ref)
        except (Retryable, VendorChanged):
            proposal = {}
        found = find_line(proposal, make_mark(key))
        if found:
            return found
        if number in {str(row_id(line)) for line in proposal.get("lines") or ()}:
            raise VendorChanged("the line is there, and Dolibarr took our mark out of it")
        raise OutcomeUnknown("the line that was just written cannot be read yet")

    def _line(self, proposal: Row, line: NewLine, key: str) -> dict[str, Any]:
        """Dolibarr looks nothing up: price, tax and type are the product's as we read it."""
        product = self.api.read(PRODUCTS, line.product_ref)
        if product is None or text(product.get("status")) != "1":
            raise ValidationFailed("Dolibarr sells no such product", fields={"product_ref": "unknown"})
        return {
            "fk_product": int(line.product_ref),
            "qty": f"{line.quantity:f}",
            "desc": f'<span id="{make_mark(key)}">&nbsp;</span>',
            "product_type": int(text(product.get("type")) or 0),
            "tva_tx": text(product.get("tva_tx")) or "0",
            **self._price(proposal, product, line),
        }

    def _price(self, proposal: Row, product: Row, line: NewLine) -> dict[str, str]:
        """In another currency than Dolibarr's own it works the other amount out itself."""
        code, foreign = sales.money_of(proposal, self.currency)
        price = line.unit_price
        if price and price.currency != code:
            raise ValidationFailed("the price is not in the proposal's currency", fields={"unit_price": code})
        listed = f"{read_price(product) or 0:f}"
        if price and foreign:
            rate = read_number(proposal.get("multicurrency_tx")) or 1
            return {"multicurrency_subprice": f"{price.amount:f}", "subprice": f"{price.amount / rate:f}"}
        return {"subprice": f"{price.amount:f}" if price else listed}


def find_line(proposal: Row, mark: str) -> str | None:
    """An element in the line's description in which nobody sees anything. Its id survives Dolibarr's cleaning of
    HTML, which takes comments and classes out (from its source, and not verified on a real one)."""
    lines = proposal.get("lines") or ()
    found = (line for line in lines if any(mark in text(line.get(name)) for name in ("desc", "description")))
    return next((str(row_id(line)) for line in found), None)


def _note(event: Row) -> str:
    return " ".join(text(event.get(name)) for name in ("note_private", "note", "note_public"))
