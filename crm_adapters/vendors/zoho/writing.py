"""What we write to Zoho: notes on contacts, lines on quotes, and fields of a contact."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm_adapters.errors import Conflict, CRMError, NotFound, OutcomeUnknown, ValidationFailed
from crm_adapters.fieldmap import CUSTOM
from crm_adapters.locales import name_country
from crm_adapters.marks import make_mark
from crm_adapters.model import NewLine, SuggestionOutcome, WriteResult
from crm_adapters.vendors.zoho import records
from crm_adapters.vendors.zoho.account import Account
from crm_adapters.vendors.zoho.api import Api, Row, is_id
from crm_adapters.vendors.zoho.sales import QUOTED, QUOTES, is_open
from crm_adapters.vendors.zoho.search import Search

NOTE_TITLE = "Assist"
WRITABLE = ("given_name", "family_name", "language", "country", "register")


@dataclass(frozen=True, slots=True)
class Writing:
    api: Api
    search: Search
    account: Account

    def find_note(self, key: str, contact: str) -> WriteResult | None:
        """Among the contact's own notes: a search would lag."""
        mark = make_mark(key)
        notes = self.api.related("Contacts", contact, "Notes", ("id", "Note_Content"))
        found = next((note for note in notes if mark in str(note.get("Note_Content"))), None)
        return WriteResult(found["id"], created=False) if found else None

    def add_note(self, outcome: SuggestionOutcome, key: str) -> WriteResult:
        if self.api.get("Contacts", outcome.customer_ref) is None:
            raise NotFound("Zoho has no such contact")
        found = self.find_note(key, outcome.customer_ref)
        if found:
            return found
        note = {"Note_Title": NOTE_TITLE, "Note_Content": f"{outcome.note}\n\n{make_mark(key)}"}
        ref = self.api.write("POST", f"Contacts/{outcome.customer_ref}/Notes", note)
        return WriteResult(ref, created=True)

    def add_line(self, deal_ref: str, line: NewLine, key: str) -> WriteResult:
        quote = self.api.get(QUOTES, deal_ref)
        if quote is None:
            raise NotFound("Zoho has no such quote")
        mark = make_mark(key)
        held = _held(quote, mark)
        if held:
            return WriteResult(held, created=False)
        if not is_open(quote):
            raise Conflict("the quote was closed")
        added = {**self._line(quote, line), "Description": mark}
        kept = [{"id": one["id"]} for one in quote.get(QUOTED) or ()]
        self.api.write("PUT", f"{QUOTES}/{deal_ref}", {QUOTED: [*kept, added]})
        return WriteResult(self._find_line(deal_ref, mark), created=True)

    def _find_line(self, quote: str, mark: str) -> str:
        """Zoho answers with the quote's id."""
        try:
            found = _held(self.api.get(QUOTES, quote) or {}, mark)
        except CRMError:
            found = None
        if found is None:
            raise OutcomeUnknown("the line was sent, and is not seen yet")
        return found

    def _line(self, quote: Row, line: NewLine) -> dict[str, Any]:
        product = self.api.get("Products", line.product_ref)
        if product is None:
            raise ValidationFailed("Zoho has no such product", fields={"product_ref": "unknown"})
        home = self.account.currency
        currency = records.currency_of(quote, home)
        price = line.unit_price
        if price and price.currency != currency:
            raise ValidationFailed(
                "the price is not in the quote's currency", fields={"unit_price": currency}
            )
        usual = records.number_of(product.get("Unit_Price")) if currency == home else None
        amount = price.amount if price else usual
        if amount is None:
            raise ValidationFailed(
                "the product has no price in the quote's currency", fields={"unit_price": currency}
            )
        stated = {"Quantity": float(line.quantity), "List_Price": float(amount)}
        return {"Product_Name": {"id": line.product_ref}, **stated}

    def update(self, ref: str, patch: Mapping[str, str], *, expected_version: str | None) -> None:
        """The version, of whole seconds, is compared just before."""
        body = self._body(patch)
        row = self.api.get("Contacts", ref) if is_id(ref) else None
        if row is None:
            raise NotFound("Zoho has no such contact")
        current = row.get("Modified_Time")
        if expected_version not in {None, current}:
            raise Conflict("the contact was changed in between", existing=current)
        self.api.write("PUT", f"Contacts/{ref}", body, repeatable=True)

    def _body(self, patch: Mapping[str, str]) -> dict[str, Any]:
        """An empty text would be kept as one; null takes away."""
        fields = self.search.fields.contact
        refused = {name: why for name, value in patch.items() if (why := _refusal(name, value, fields))}
        if refused:
            raise ValidationFailed(f"cannot change {', '.join(sorted(refused))}", fields=refused)
        return {
            fields[name]: (name_country(value) if name == "country" else value) or None
            for name, value in patch.items()
        }


def is_writable(name: str) -> bool:
    return name in WRITABLE or name.startswith(CUSTOM)


def _held(quote: Row, mark: str) -> str | None:
    lines = quote.get(QUOTED) or ()
    return next((str(one["id"]) for one in lines if mark in str(one.get("Description"))), None)


def _refusal(name: str, value: str, fields: Mapping[str, str]) -> str | None:
    if name not in fields or not is_writable(name):
        return "cannot be changed"
    if name == "family_name" and not value.strip():
        return "cannot be empty"
    return "two capital letters, as ES" if name == "country" and value and not name_country(value) else None
