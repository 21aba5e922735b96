"""Finds contacts by what they can be reached at; whatever Salesforce finds alike is compared again."""

from collections.abc import Callable
from dataclasses import dataclass

import phonenumbers

from crm_adapters.errors import Merged, NotFound
from crm_adapters.model import Customer, CustomerKey, KeyKind
from crm_adapters.phones import e164, match_key
from crm_adapters.vendors.salesforce import records
from crm_adapters.vendors.salesforce.api import Api, Row
from crm_adapters.vendors.salesforce.records import PHONES, Fields
from crm_adapters.vendors.salesforce.soql import is_id, is_same, one_of, quote

LOOKED_AT = 100
"""Contacts alike, before they are compared."""
LAST_DIGITS = 8
"""What written forms of a telephone agree in, with or without a ninth digit, area or country code."""
Fits = Callable[[Customer], bool]


@dataclass(frozen=True, slots=True)
class Contacts:
    api: Api
    fields: Fields

    def get(self, ref: str) -> Row:
        """Raises NotFound, or Merged as long as the loser lies in the bin: fifteen days."""
        where = f"Id = {quote(ref)}"
        rows = (
            self.api.select("Contact", self.fields.contact_names, where, deleted=True) if is_id(ref) else []
        )
        row = next((row for row in rows if is_same(row["Id"], ref)), None)
        if row is None or (row.get("IsDeleted") and not row.get("MasterRecordId")):
            raise NotFound("Salesforce has no such contact")
        if row.get("IsDeleted"):
            raise Merged("the contact was merged into another", new_ref=str(row["MasterRecordId"]))
        return row

    def read(self, row: Row) -> Customer:
        return records.to_customer(row, self.fields)

    def find(self, key: CustomerKey) -> list[Customer]:
        value = key.value.strip()
        match key.kind:
            case KeyKind.EMAIL:
                email = value.lower()
                return self._look(f"Email = {quote(email)}", lambda one: email in _emails(one))
            case KeyKind.PHONE:
                return self._by_phone(e164(value, country=self.fields.country))
            case KeyKind.REF:
                return self._by_ref(value)
        return self._by_declared_id(*value.split(":", 1))

    def _by_ref(self, ref: str) -> list[Customer]:
        try:
            return [self.read(self.get(ref))]
        except (NotFound, Merged):
            return []

    def _by_phone(self, number: str | None) -> list[Customer]:
        """By the index; where that knows nobody, or not yet, by going through all that is written."""
        if number is None:
            return []

        def fits(one: Customer) -> bool:
            return match_key(number) in _numbers(one)

        ids = self.api.search_phones(_digits(match_key(number)))[:LOOKED_AT]
        found = self._look(one_of("Id", ids), fits) if ids else []
        pattern = quote("%" + "%".join(number[-LAST_DIGITS:]) + "%")
        return found or self._look(" OR ".join(f"{name} LIKE {pattern}" for name in PHONES), fits)

    def _by_declared_id(self, system: str, value: str = "") -> list[Customer]:
        name = self.fields.contact.get(f"id.{system}")
        if not name or not value:
            return []
        return self._look(f"{name} = {quote(value)}", lambda one: one.declared_ids.get(system) == value)

    def _look(self, where: str, fits: Fits) -> list[Customer]:
        rows = self.api.select("Contact", self.fields.contact_names, where, order="Id", limit=LOOKED_AT)
        found = (self.read(row) for row in rows if not row.get("IsDeleted"))
        return [customer for customer in found if fits(customer)]


def _digits(number: str) -> list[str]:
    """With and without the country code: the index keeps what was written, less its punctuation."""
    national = phonenumbers.national_significant_number(phonenumbers.parse(number))
    return [number.removeprefix("+"), str(national)]


def _emails(customer: Customer) -> set[str]:
    return {email.value for email in customer.emails}


def _numbers(customer: Customer) -> set[str]:
    return {match_key(phone.e164) for phone in customer.phones if phone.e164}
