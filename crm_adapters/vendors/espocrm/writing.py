"""What we write to EspoCRM: posts on contacts, lines on quotes, and fields of a contact."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm_adapters.errors import Conflict, CRMError, NotFound, OutcomeUnknown, ValidationFailed
from crm_adapters.fieldmap import CUSTOM
from crm_adapters.locales import name_country
from crm_adapters.marks import make_mark
from crm_adapters.model import NewLine, SuggestionOutcome, WriteResult
from crm_adapters.vendors.espocrm import records
from crm_adapters.vendors.espocrm.api import Api, Row
from crm_adapters.vendors.espocrm.records import Fields, text_of
from crm_adapters.vendors.espocrm.sales import ITEMS, QUOTE, is_open_quote, items_of
from crm_adapters.vendors.espocrm.search import CONTACT

NOTE, POST = "Note", "Post"
WRITABLE = ("given_name", "family_name", "language", "country", "register")
VERSION = "versionNumber"


@dataclass(frozen=True, slots=True)
class Writing:
    api: Api
    fields: Fields

    def find_post(self, key: str, contact: str) -> WriteResult | None:
        """Among the contact's own posts, those of whoever was merged into it included."""
        mark = make_mark(key)
        try:
            found = next(
                (one for one in self.api.posts(CONTACT, contact) if mark in text_of(one, "post")), None
            )
        except NotFound:
            return None
        return WriteResult(found["id"], created=False) if found else None

    def add_post(self, outcome: SuggestionOutcome, key: str) -> WriteResult:
        if self.api.get(CONTACT, outcome.customer_ref) is None:
            raise NotFound("EspoCRM has no such contact")
        found = self.find_post(key, outcome.customer_ref)
        if found:
            return found
        mark = make_mark(key)
        body = {"type": POST, "parentType": CONTACT, "parentId": outcome.customer_ref}
        made = self.api.create(NOTE, {**body, "post": f"{outcome.note}\n\n{mark}"})
        if mark not in text_of(made, "post"):
            raise OutcomeUnknown("the answer is to another write")
        return WriteResult(made["id"], created=True)

    def add_line(self, quote_ref: str, line: NewLine, key: str) -> WriteResult:
        quote = self.api.get(QUOTE, quote_ref)
        if quote is None:
            raise NotFound("EspoCRM has no such quote")
        mark = make_mark(key)
        held = _held(quote, mark)
        if held:
            return WriteResult(held, created=False)
        if not is_open_quote(quote):
            raise Conflict("the quote was closed")
        added = {**self._line(quote, line), "description": mark}
        self.api.change(QUOTE, quote_ref, {ITEMS: [*items_of(quote), added]}, version=quote.get(VERSION))
        return WriteResult(self._find_line(quote_ref, mark), created=True)

    def _find_line(self, quote: str, mark: str) -> str:
        """A new line gets its id as it is kept."""
        try:
            found = _held(self.api.get(QUOTE, quote) or {ITEMS: []}, mark)
        except CRMError:
            found = None
        if found is None:
            raise OutcomeUnknown("the line was sent, and is not seen yet")
        return found

    def _line(self, quote: Row, line: NewLine) -> dict[str, Any]:
        """EspoCRM takes a line as it comes: its name and price are copied by whoever adds it."""
        product = self.api.get("Product", line.product_ref)
        if product is None:
            raise ValidationFailed("EspoCRM has no such product", fields={"product_ref": "unknown"})
        if product.get("type") == records.TEMPLATE:
            raise ValidationFailed(
                "the product is sold by its variants", fields={"product_ref": "a template"}
            )
        currency = text_of(quote, "amountCurrency").upper()
        usual = next(iter(records.price_of(product)), None)
        price = line.unit_price or usual
        if price is None or (currency and price.currency != currency):
            raise ValidationFailed(
                "there is no price in the quote's currency", fields={"unit_price": currency}
            )
        money = {"unitPrice": float(price.amount), "unitPriceCurrency": price.currency}
        listed = {name.replace("unit", "list"): value for name, value in money.items()}
        total = {"amount": float(price.amount * line.quantity), "amountCurrency": price.currency}
        named = {"name": text_of(product, "name"), "productId": line.product_ref}
        return {**named, "quantity": float(line.quantity), **listed, **money, **total}

    def update(self, ref: str, patch: Mapping[str, str], *, expected_version: str | None) -> None:
        """The version is compared just before, and by EspoCRM itself where it has numbers."""
        body = self._body(patch)
        row = self.api.get(CONTACT, ref)
        if row is None:
            raise NotFound("EspoCRM has no such contact")
        current = records.version_of(row)
        if expected_version not in {None, current}:
            raise Conflict("the contact was changed in between", existing=current)
        version = row.get(VERSION) if expected_version else None
        try:
            kept = self.api.change(CONTACT, ref, body, version=version, repeatable=True)
        except ValidationFailed as error:
            ours = {theirs: name for name, theirs in self.fields.contact.items()}
            fields = {ours.get(name, name): why for name, why in error.fields.items()}
            raise ValidationFailed(str(error), fields=fields) from None
        self._expect_kept(patch, body, kept)

    def _expect_kept(self, patch: Mapping[str, str], body: Mapping[str, Any], kept: Row) -> None:
        """What does not exist, or may not be changed by us, EspoCRM leaves out without a word."""
        lost = [
            name
            for name in patch
            if text_of(kept, self.fields.contact[name]) != text_of(body, self.fields.contact[name])
        ]
        if lost:
            told = dict.fromkeys(lost, "EspoCRM does not take it from us: does the role allow it?")
            raise ValidationFailed(f"not changed: {', '.join(sorted(lost))}", fields=told)

    def _body(self, patch: Mapping[str, str]) -> dict[str, Any]:
        fields = self.fields.contact
        refused = {name: why for name, value in patch.items() if (why := _refusal(name, value, fields))}
        if refused:
            raise ValidationFailed(f"cannot change {', '.join(sorted(refused))}", fields=refused)
        return {
            fields[name]: (name_country(value) if name == "country" else value.strip()) or None
            for name, value in patch.items()
        }


def is_writable(name: str) -> bool:
    return name in WRITABLE or name.startswith(CUSTOM)


def _held(quote: Row, mark: str) -> str | None:
    return next((str(one["id"]) for one in items_of(quote) if mark in text_of(one, "description")), None)


def _refusal(name: str, value: str, fields: Mapping[str, str]) -> str | None:
    if name not in fields or not is_writable(name):
        return "cannot be changed"
    if name == "family_name" and not value.strip():
        return "cannot be empty"
    return "two capital letters, as ES" if name == "country" and value and not name_country(value) else None
