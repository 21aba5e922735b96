"""Finds contacts by what they can be reached at; whatever HubSpot finds alike is compared again."""

from collections.abc import Callable
from dataclasses import dataclass

from crm_adapters.model import Customer, CustomerKey, KeyKind
from crm_adapters.phones import e164, match_key
from crm_adapters.vendors.hubspot import records
from crm_adapters.vendors.hubspot.api import Api, Filter, Row
from crm_adapters.vendors.hubspot.records import Fields

LOOKED_AT = 100
"""Contacts alike, before they are compared."""
LAST_DIGITS = 8
"""What written forms of a telephone agree in, with or without a ninth digit, area or country code."""
Fits = Callable[[Customer], bool]


@dataclass(frozen=True, slots=True)
class Search:
    api: Api
    fields: Fields
    country: str | None

    def get(self, ref: str) -> Row | None:
        """Of a contact that was merged away HubSpot gives the surviving one, under its own id."""
        return self.api.get("contacts", ref, self.fields.contact_properties) if is_id(ref) else None

    def find(self, key: CustomerKey) -> list[Customer]:
        value = key.value.strip()
        match key.kind:
            case KeyKind.EMAIL:
                return self._by_email(value.lower())
            case KeyKind.PHONE:
                return self._by_phone(e164(value, country=self.country))
            case KeyKind.REF:
                row = self.get(value)
                return [self.read(row)] if row else []
        return self._by_declared_id(*value.split(":", 1))

    def read(self, row: Row) -> Customer:
        return records.to_customer(row, self.fields, country=self.country)

    def _by_email(self, email: str) -> list[Customer]:
        if "@" not in email:
            return []
        primary = self.api.get("contacts", email, self.fields.contact_properties, by="email")
        alike = self._look([("email", "EQ", email)], [("hs_additional_emails", "CONTAINS_TOKEN", email)])
        return self._keep([primary, *alike] if primary else alike, lambda one: email in _emails(one))

    def _by_phone(self, number: str | None) -> list[Customer]:
        if number is None:
            return []
        typed, end = number, f"*{number[-LAST_DIGITS:]}"
        alike = self._look(
            [("hs_searchable_calculated_phone_number", "CONTAINS_TOKEN", end)],
            [("hs_searchable_calculated_mobile_number", "CONTAINS_TOKEN", end)],
            [("phone", "EQ", typed)],
            [("mobilephone", "EQ", typed)],
        )
        return self._keep(alike, lambda one: match_key(number) in _numbers(one))

    def _by_declared_id(self, system: str, value: str = "") -> list[Customer]:
        name = self.fields.contact.get(f"id.{system}")
        if not name or not value:
            return []
        return self._keep(
            self._look([(name, "EQ", value)]), lambda one: one.declared_ids.get(system) == value
        )

    def _look(self, *groups: list[Filter]) -> list[Row]:
        found = self.api.search("contacts", groups, self.fields.contact_properties, limit=LOOKED_AT)
        return list(found.rows)

    def _keep(self, rows: list[Row], fits: Fits) -> list[Customer]:
        customers = {row["id"]: self.read(row) for row in rows}
        return [customer for customer in customers.values() if fits(customer)]


def is_id(ref: str) -> bool:
    return ref.isascii() and ref.isdecimal()


def _emails(customer: Customer) -> set[str]:
    return {email.value for email in customer.emails}


def _numbers(customer: Customer) -> set[str]:
    return {match_key(phone.e164) for phone in customer.phones if phone.e164}
