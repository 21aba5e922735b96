"""What we write to HubSpot: notes on contacts, line items on deals, and fields of a contact."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape

from crm_adapters.errors import Conflict, Merged, NotFound, OutcomeUnknown, ValidationFailed
from crm_adapters.fieldmap import CUSTOM
from crm_adapters.locales import name_country
from crm_adapters.marks import make_mark
from crm_adapters.model import NewLine, SuggestionOutcome, WriteResult
from crm_adapters.vendors.hubspot import records
from crm_adapters.vendors.hubspot.api import Api, Row
from crm_adapters.vendors.hubspot.search import Search, is_id

LONGEST_NOTE = 65_000
"""Of 65,536 characters that HubSpot takes."""
WRITABLE = ("given_name", "family_name", "language", "country", "company", "register", "offers_consent")


@dataclass(frozen=True, slots=True)
class Writing:
    api: Api
    search: Search
    key_property: str
    """A unique property of notes and line items that holds our marks; without, notes hold them in their text."""

    def find_note(self, key: str, customer_ref: str) -> Row | None:
        """Asks where nothing lags: by the unique property, or among the contact's own notes."""
        mark = make_mark(key)
        if self.key_property:
            return self.api.get("notes", mark, [self.key_property], by=self.key_property)
        refs = self.api.associated("contacts", "notes", [customer_ref])[customer_ref]
        notes = self.api.read_many("notes", refs, ["hs_note_body"])
        return next((note for note in notes if mark in _body(note)), None)

    def add_note(self, outcome: SuggestionOutcome, key: str) -> WriteResult:
        row = self.search.get(outcome.customer_ref)
        if row is None:
            raise NotFound("HubSpot has no such contact")
        if row["id"] != outcome.customer_ref:
            raise Merged("the contact was merged into another", new_ref=row["id"])
        found = self.find_note(key, outcome.customer_ref)
        if found:
            return WriteResult(found["id"], created=False)
        return self._create(
            "notes", self._note(outcome, key), key, other="contacts", ref=outcome.customer_ref
        )

    def add_line(self, deal_ref: str, line: NewLine, key: str, *, currency: str) -> WriteResult:
        """`currency`: of deals that name none."""
        found = self.api.get("line_items", make_mark(key), [self.key_property], by=self.key_property)
        if found:
            return WriteResult(found["id"], created=False)
        deal = self.api.get("deals", deal_ref, records.DEAL_KEYS) if is_id(deal_ref) else None
        if deal is None:
            raise NotFound("HubSpot has no such deal")
        if not records.is_open(deal):
            raise Conflict("the deal was closed")
        properties = self._line(line, key, deal["properties"].get("deal_currency_code") or currency)
        return self._create("line_items", properties, key, other="deals", ref=deal_ref)

    def _create(
        self, kind: str, properties: Mapping[str, str], key: str, *, other: str, ref: str
    ) -> WriteResult:
        mark = make_mark(key)
        try:
            row = self.api.create(kind, properties, other=other, ref=ref)
        except (Conflict, ValidationFailed):
            # Somebody else has written it meanwhile, where a unique property says so; which of the two
            # errors HubSpot then gives is not documented.
            found = self.key_property and self.api.get(kind, mark, [self.key_property], by=self.key_property)
            if not found:
                raise
            return WriteResult(found["id"], created=False)
        if not any(mark in str(value) for value in row["properties"].values()):
            raise OutcomeUnknown("the answer is to another write")
        return WriteResult(row["id"], created=True)

    def _note(self, outcome: SuggestionOutcome, key: str) -> dict[str, str]:
        text = escape(outcome.note[:LONGEST_NOTE]).replace("\n", "<br>")
        body = {"hs_timestamp": _milliseconds(outcome.at)}
        if self.key_property:
            return body | {"hs_note_body": f"<p>{text}</p>", self.key_property: make_mark(key)}
        return body | {"hs_note_body": f"<p>{text}</p><p>{make_mark(key)}</p>"}

    def _line(self, line: NewLine, key: str, currency: str) -> dict[str, str]:
        """HubSpot fills in what it knows of the product, its price too."""
        known = is_id(line.product_ref) and self.api.get("products", line.product_ref, ["name"])
        if not known:
            raise ValidationFailed("HubSpot has no such product", fields={"product_ref": "unknown"})
        price = line.unit_price
        if price and price.currency != currency:
            raise ValidationFailed("the price is not in the deal's currency", fields={"unit_price": currency})
        stated = {"price": f"{price.amount:f}"} if price else {}
        quantity = {"quantity": f"{line.quantity:f}"}
        return {"hs_product_id": line.product_ref, self.key_property: make_mark(key), **quantity, **stated}

    def update(self, ref: str, patch: Mapping[str, str], *, expected_version: str | None) -> None:
        """HubSpot guards nothing: the version is compared just before."""
        properties = self._properties(patch)
        row = self.search.get(ref)
        if row is None:
            raise NotFound("HubSpot has no such contact")
        if row["id"] != ref:
            raise Merged("the contact was merged into another", new_ref=row["id"])
        current = row["properties"].get("lastmodifieddate")
        if expected_version not in {None, current}:
            raise Conflict("the contact was changed in between", existing=current)
        self.api.change("contacts", ref, properties)

    def _properties(self, patch: Mapping[str, str]) -> dict[str, str]:
        fields = self.search.fields.contact
        refused = {name: reason for name, value in patch.items() if (reason := _refusal(name, value, fields))}
        if refused:
            raise ValidationFailed(f"cannot change {', '.join(sorted(refused))}", fields=refused)
        return {fields[name]: _written(name, value) for name, value in patch.items()}


def is_writable(name: str) -> bool:
    return name in WRITABLE or name.startswith(CUSTOM)


def _refusal(name: str, value: str, fields: Mapping[str, str]) -> str | None:
    if name not in fields or not is_writable(name):
        return "cannot be changed"
    return "two capital letters, as ES" if name == "country" and value and not name_country(value) else None


def _written(name: str, value: str) -> str:
    """HubSpot's language tags are in small letters; its country is a name."""
    if name == "language":
        return value.lower()
    return name_country(value) or "" if name == "country" else value


def _body(note: Row) -> str:
    return str(note["properties"].get("hs_note_body") or "")


def _milliseconds(moment: datetime) -> str:
    return str(int(moment.timestamp() * 1000))
