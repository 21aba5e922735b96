"""Finds parties by what they can be reached at; whatever Tryton finds alike is compared again."""

from collections.abc import Callable
from dataclasses import dataclass

from crm_adapters.model import Customer, CustomerKey, KeyKind
from crm_adapters.phones import e164, match_key
from crm_adapters.vendors.tryton import records
from crm_adapters.vendors.tryton.api import Api, Domain, Row, to_id
from crm_adapters.vendors.tryton.records import Fields

LOOKED_AT = 100
"""Parties alike, before they are compared."""
LAST_DIGITS = 8
"""What written forms of a telephone agree in, with or without a ninth digit, area or country code."""
Fits = Callable[[Customer], bool]


@dataclass(frozen=True, slots=True)
class Search:
    api: Api
    fields: Fields
    country: str | None

    def get(self, ref: str) -> Row | None:
        """Archived ones too, and those that another has replaced."""
        number = to_id(ref)
        if number is None:
            return None
        rows = self.api.find("party.party", [("id", "=", number)], self.fields.party, archived=True)
        return next((row for row in rows if row["id"] == number), None)

    def find(self, key: CustomerKey) -> list[Customer]:
        value = key.value.strip()
        match key.kind:
            case KeyKind.EMAIL:
                return self._by_email(value.lower())
            case KeyKind.PHONE:
                return self._by_phone(e164(value, country=self.country))
            case KeyKind.REF:
                row = self.get(value)
                return [self.read(row)] if row and records.is_living(row) else []
        return self._by_declared_id(*value.split(":", 1))

    def read(self, row: Row) -> Customer:
        return records.to_customer(row, self.fields, country=self.country)

    def _by_email(self, email: str) -> list[Customer]:
        if "@" not in email:
            return []
        reached = [("type", "=", "email"), ("value", "ilike", _blur(email))]
        return self._look(_through(reached), lambda one: email in {found.value for found in one.emails})

    def _by_phone(self, number: str | None) -> list[Customer]:
        if number is None:
            return []
        end = f"%{number[-LAST_DIGITS:]}"
        reached = [("type", "in", list(records.TELEPHONES)), ("value_compact", "like", end)]
        return self._look(_through(reached), lambda one: match_key(number) in _numbers(one))

    def _by_declared_id(self, system: str, value: str = "") -> list[Customer]:
        name = self.fields.customer.get(f"id.{system}")
        if not name or not value:
            return []
        return self._look([(name, "=", value)], lambda one: one.declared_ids.get(system) == value)

    def _look(self, domain: Domain, fits: Fits) -> list[Customer]:
        rows = self.api.find("party.party", domain, self.fields.party, limit=LOOKED_AT)
        customers = (self.read(row) for row in rows if records.is_living(row))
        return [customer for customer in customers if fits(customer)]


def _through(reached: Domain) -> Domain:
    """Parties one of whose contact mechanisms meets all of it."""
    return [("contact_mechanisms", "where", reached)]


def _blur(text: str) -> str:
    """Wildcards as signs that stand for any one sign: 6.0 on SQLite takes a backslash for nothing but itself, and
    finds nobody behind it (seen in November 2026)."""
    return "".join("_" if sign in "\\%_" else sign for sign in text)


def _numbers(customer: Customer) -> set[str]:
    return {match_key(phone.e164) for phone in customer.phones if phone.e164}
