"""Finds contacts by what they can be reached at; whatever Dynamics 365 finds alike is compared again."""

from collections.abc import Callable
from dataclasses import dataclass

from crm_adapters.errors import Merged, NotFound
from crm_adapters.model import Customer, CustomerKey, KeyKind
from crm_adapters.phones import e164, match_key
from crm_adapters.vendors.dynamics365 import records
from crm_adapters.vendors.dynamics365.api import Api, Row
from crm_adapters.vendors.dynamics365.odata import quote, read_guid
from crm_adapters.vendors.dynamics365.records import EMAILS, PHONES, Fields

LOOKED_AT = 1_000
"""Contacts alike, before they are compared."""
LAST_DIGITS = 4
"""What nearly every written form of a telephone has side by side."""
Fits = Callable[[Customer], bool]


@dataclass(frozen=True, slots=True)
class Contacts:
    api: Api
    fields: Fields

    def get(self, ref: str) -> Row:
        """Raises NotFound, or Merged."""
        guid = read_guid(ref)
        row = self.api.get("contacts", guid, self.fields.contact_columns) if guid else None
        if row is None:
            raise NotFound("Dynamics 365 has no such contact")
        master = records.merged_into(row)
        if master:
            raise Merged("the contact was merged into another", new_ref=master)
        return row

    def read(self, row: Row) -> Customer:
        return records.to_customer(row, self.fields)

    def find(self, key: CustomerKey) -> list[Customer]:
        value = key.value.strip()
        match key.kind:
            case KeyKind.EMAIL:
                return self._by_email(value.lower())
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

    def _by_email(self, email: str) -> list[Customer]:
        """Dynamics 365 compares without regard to case and accents."""
        if "@" not in email:
            return []
        where = " or ".join(f"{name} eq {quote(email)}" for name in EMAILS)
        return self._look(where, lambda one: email in {found.value for found in one.emails})

    def _by_phone(self, number: str | None) -> list[Customer]:
        if number is None:
            return []
        where = " or ".join(f"contains({name},{quote(number[-LAST_DIGITS:])})" for name in PHONES)
        wanted = match_key(number)
        return self._look(
            where, lambda one: wanted in {match_key(phone.e164) for phone in one.phones if phone.e164}
        )

    def _by_declared_id(self, system: str, value: str = "") -> list[Customer]:
        name = self.fields.contact.get(f"id.{system}")
        if not name or not value:
            return []
        return self._look(f"{name} eq {quote(value)}", lambda one: one.declared_ids.get(system) == value)

    def _look(self, where: str, fits: Fits) -> list[Customer]:
        """Those that were merged away live on as others."""
        columns = self.fields.contact_columns
        rows = self.api.find("contacts", columns, where, order="contactid asc", top=LOOKED_AT)
        found = (self.read(row) for row in rows if not records.merged_into(row))
        return [customer for customer in found if fits(customer)]
