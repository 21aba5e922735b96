"""What we write to Pipedrive: notes on persons, products on deals, and fields of a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from crm_adapters.errors import Conflict, NotFound, ValidationFailed
from crm_adapters.locales import find_country
from crm_adapters.marks import make_mark
from crm_adapters.model import NewLine, SuggestionOutcome, WriteResult
from crm_adapters.vendors.pipedrive import records
from crm_adapters.vendors.pipedrive.api import V1, V2, Api, Row, ref_of
from crm_adapters.vendors.pipedrive.deals import Deals
from crm_adapters.vendors.pipedrive.fields import Fields, is_writable


@dataclass(frozen=True, slots=True)
class Writing:
    api: Api
    fields: Fields
    deals: Deals

    def find_note(self, key: str, person: str) -> WriteResult | None:
        """Among the person's own notes: a search would lag."""
        mark = make_mark(key)
        notes = self.api.list_notes(person)
        found = next((note for note in notes if mark in str(note.get("content"))), None)
        return WriteResult(ref_of(found), created=False) if found else None

    def add_note(self, outcome: SuggestionOutcome, key: str) -> WriteResult:
        if self.api.get("persons", outcome.customer_ref) is None:
            raise NotFound("Pipedrive has no such person")
        found = self.find_note(key, outcome.customer_ref)
        if found:
            return found
        text = escape(outcome.note).replace("\n", "<br>")
        content = f"<p>{text}</p><p>{make_mark(key)}</p>"
        body = {"content": content, "person_id": int(outcome.customer_ref)}
        return WriteResult(self.api.create(f"{V1}/notes", body, make_mark(key)), created=True)

    def add_line(self, deal_ref: str, line: NewLine, key: str) -> WriteResult:
        deal = self.api.get("deals", deal_ref)
        if deal is None:
            raise NotFound("Pipedrive has no such deal")
        mark = make_mark(key)
        lines = self.deals.lines([deal])[deal_ref]
        found = next((one for one in lines if mark in str(one.get("comments"))), None)
        if found:
            return WriteResult(ref_of(found), created=False)
        if not records.is_open(deal):
            raise Conflict("the deal was closed")
        body = {**self._line(deal, line), "comments": mark}
        return WriteResult(self.api.create(f"{V2}/deals/{deal_ref}/products", body, mark), created=True)

    def _line(self, deal: Row, line: NewLine) -> dict[str, Any]:
        """Pipedrive wants a price, and takes it for one in the deal's currency."""
        product = self.api.get("products", line.product_ref)
        if product is None:
            raise ValidationFailed("Pipedrive has no such product", fields={"product_ref": "unknown"})
        currency = str(deal.get("currency") or "").upper()
        if line.unit_price and line.unit_price.currency != currency:
            raise ValidationFailed("the price is not in the deal's currency", fields={"unit_price": currency})
        price = line.unit_price.amount if line.unit_price else records.price_in(product, currency)
        if price is None:
            raise ValidationFailed(
                "the product has no price in the deal's currency", fields={"unit_price": currency}
            )
        return {
            "product_id": int(line.product_ref),
            "item_price": float(price),
            "quantity": float(line.quantity),
        }

    def update(self, ref: str, patch: Mapping[str, str], *, expected_version: str | None) -> None:
        """Pipedrive guards nothing: the version, of whole seconds, is compared just before."""
        body = self._body(patch)
        row = self.api.get("persons", ref)
        if row is None:
            raise NotFound("Pipedrive has no such person")
        current = row.get("update_time")
        if expected_version not in {None, current}:
            raise Conflict("the person was changed in between", existing=current)
        self.api.change("persons", ref, body)

    def _body(self, patch: Mapping[str, str]) -> dict[str, Any]:
        names = {"name": "name", **self.fields.customer}
        refused = {name: why for name, value in patch.items() if (why := _refusal(name, value, names))}
        values: dict[str, Any] = {}
        for name, value in patch.items():
            if name not in refused:
                known, values[name] = self._choose(names[name], value)
                refused |= {} if known else {name: "is none of the field's choices"}
        if refused:
            raise ValidationFailed(f"cannot change {', '.join(sorted(refused))}", fields=refused)
        custom = {names[name]: value for name, value in values.items() if name != "name"}
        own = {"name": values["name"]} if "name" in values else {}
        return own | ({"custom_fields": custom} if custom else {})

    def _choose(self, field: str, value: str) -> tuple[bool, Any]:
        """Whether the field takes it, and as what: null clears, a choice is a number."""
        choices = self.fields.person_choices.get(field) if field != "name" else None
        if not choices or not value:
            return True, value or None
        found = next((one for one, label in choices.items() if label.casefold() == value.casefold()), None)
        return found is not None, int(found) if found and found.isdecimal() else found


def _refusal(name: str, value: str, names: Mapping[str, str]) -> str | None:
    if name not in names or not is_writable(name):
        return "cannot be changed"
    if name == "name" and not value.strip():
        return "cannot be empty"
    return "two capital letters, as ES" if name == "country" and value and not find_country(value) else None
