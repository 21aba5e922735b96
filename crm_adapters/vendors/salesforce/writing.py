"""What we write to Salesforce: tasks that are done, lines of opportunities, and fields of a contact."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm_adapters.errors import Conflict, NotFound, ValidationFailed
from crm_adapters.fieldmap import CUSTOM
from crm_adapters.locales import name_country
from crm_adapters.marks import make_mark
from crm_adapters.model import NewLine, SuggestionOutcome, WriteResult
from crm_adapters.vendors.salesforce import records
from crm_adapters.vendors.salesforce.api import Api, Row
from crm_adapters.vendors.salesforce.contacts import Contacts
from crm_adapters.vendors.salesforce.records import CURRENCY, Fields, text
from crm_adapters.vendors.salesforce.soql import is_id, quote

LONGEST_SUBJECT = 255
LONGEST_TEXT = 31_900
"""Of 32,000 characters of a task's description."""
WRITABLE = ("given_name", "family_name", "language", "country", "register")


@dataclass(frozen=True, slots=True)
class Writing:
    api: Api
    contacts: Contacts
    fields: Fields
    key_field: str
    """A unique external id of tasks and lines that holds our marks; without, their descriptions hold them."""

    def find_note(self, key: str, customer_ref: str) -> WriteResult | None:
        """A description cannot be searched: without the field, the contact's own tasks are gone through."""
        own = f"WhoId = {quote(customer_ref)}" if is_id(customer_ref) else ""
        return self._find("Task", key, own)

    def _find(self, name: str, key: str, own: str) -> WriteResult | None:
        """`own`: where it must be among, if it is there."""
        mark, field = make_mark(key), self.key_field or "Description"
        where = f"{field} = {quote(mark)}" if self.key_field else own
        rows = self.api.select(name, ("Id", field), where) if where else []
        found = next((row["Id"] for row in rows if mark in text(row, field)), None)
        return WriteResult(found, created=False) if found else None

    def add_note(self, outcome: SuggestionOutcome, key: str) -> WriteResult:
        self.contacts.get(outcome.customer_ref)
        found = self.find_note(key, outcome.customer_ref)
        if found:
            return found
        first = (outcome.note.splitlines() or [""])[0][:LONGEST_SUBJECT]
        values = {
            "WhoId": outcome.customer_ref,
            "Subject": first or outcome.product_name[:LONGEST_SUBJECT],
            "Description": outcome.note[:LONGEST_TEXT],
            "Status": "Completed",
            "ActivityDate": outcome.at.date().isoformat(),
        }
        return self._create("Task", values, key, "")

    def add_line(self, deal_ref: str, line: NewLine, key: str) -> WriteResult:
        own = f"OpportunityId = {quote(deal_ref)}"
        found = self._find("OpportunityLineItem", key, own) if is_id(deal_ref) else None
        return found or self._create("OpportunityLineItem", self._line(self._deal(deal_ref), line), key, own)

    def _create(self, name: str, values: dict[str, Any], key: str, own: str) -> WriteResult:
        mark = make_mark(key)
        if not self.key_field:
            held = f"{values.get('Description', '')}\n\n{mark}".strip()
            return self.api.create(name, values | {"Description": held})
        try:
            return self.api.upsert(name, self.key_field, mark, values)
        except (Conflict, ValidationFailed):
            # Of two upserts at the same moment the later one may be refused as a duplicate.
            found = self._find(name, key, own)
            if not found:
                raise
            return found

    def _deal(self, ref: str) -> Row:
        names = ("Id", "IsClosed", "Pricebook2Id", *self.fields.money)
        rows = self.api.select("Opportunity", names, f"Id = {quote(ref)}") if is_id(ref) else []
        if not rows:
            raise NotFound("Salesforce has no such opportunity")
        if rows[0].get("IsClosed"):
            raise Conflict("the opportunity was closed")
        return rows[0]

    def _line(self, deal: Row, line: NewLine) -> dict[str, Any]:
        currency = records.currency_of(deal, self.fields)
        price = line.unit_price
        if price and price.currency != currency:
            told = "the price is not in the opportunity's currency"
            raise ValidationFailed(told, fields={"unit_price": currency})
        entry = self._entry(deal, line.product_ref)
        return {
            "OpportunityId": deal["Id"],
            "PricebookEntryId": entry["Id"],
            "Quantity": float(line.quantity),
            "UnitPrice": float(price.amount) if price else entry["UnitPrice"],
        }

    def _entry(self, deal: Row, product_ref: str) -> Row:
        """Of the product in the opportunity's price book and currency; one without a price book takes the
        standard one with its first line."""
        book = text(deal, "Pricebook2Id")
        where = ["IsActive = true", f"Product2Id = {quote(product_ref)}"]
        where += [f"Pricebook2Id = {quote(book)}" if book else "Pricebook2.IsStandard = true"]
        where += [f"{CURRENCY} = {quote(text(deal, CURRENCY))}"] if self.fields.money else []
        names = ("Id", "Product2Id", "UnitPrice")
        rows = self.api.select("PricebookEntry", names, " AND ".join(where)) if is_id(product_ref) else []
        if not rows:
            raise ValidationFailed(
                "the product is not in the opportunity's price book", fields={"product_ref": "unknown"}
            )
        return rows[0]

    def update(self, ref: str, patch: Mapping[str, str], *, expected_version: str | None) -> None:
        values = self._values(patch)
        row = self.contacts.get(ref)
        current = text(row, "SystemModstamp")
        if expected_version not in {None, current}:
            raise Conflict("the contact was changed in between", existing=current)
        guard = records.moment(row, "SystemModstamp") if expected_version else None
        self.api.change("Contact", ref, values, since=guard)

    def _values(self, patch: Mapping[str, str]) -> dict[str, str | None]:
        fields = self.fields.contact
        refused = {name: reason for name, value in patch.items() if (reason := _refusal(name, value, fields))}
        if refused:
            raise ValidationFailed(f"cannot change {', '.join(sorted(refused))}", fields=refused)
        return {fields[name]: _written(name, value, fields[name]) for name, value in patch.items()}


def is_writable(name: str) -> bool:
    return name in WRITABLE or name.startswith(CUSTOM)


def _refusal(name: str, value: str, fields: Mapping[str, str]) -> str | None:
    if name not in fields or not is_writable(name) or "." in fields[name]:
        return "cannot be changed"
    if name == "family_name" and not value.strip():
        return "Salesforce wants a last name"
    return "two capital letters, as ES" if name == "country" and value and not name_country(value) else None


def _written(name: str, value: str, field: str) -> str | None:
    """A country is a name, and a code in the field of its code."""
    if name == "country" and not field.endswith("Code"):
        return name_country(value)
    return value or None
