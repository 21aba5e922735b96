"""Finds partners by what they can be reached at; whatever Odoo finds alike is compared again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from crm_adapters.model import Customer, CustomerKey, KeyKind
from crm_adapters.phones import LAST_DIGITS, e164, match_key
from crm_adapters.vendors.odoo import records
from crm_adapters.vendors.odoo.api import Api, Domain, Row
from crm_adapters.vendors.odoo.records import PARTNER, Fields

LOOKED_AT = 100
"""Partners alike, before they are compared."""
PERSONS = ["type", "not in", ["invoice", "delivery", "other", "private"]]
"""And companies; addresses are partners too."""
SEARCHED = ("email_normalized", "phone_sanitized", "phone_mobile_search", "phone", "mobile", "type")


@dataclass(frozen=True, slots=True)
class Search:
    api: Api
    fields: Fields
    country: str | None

    def get(self, ref: str) -> Row | None:
        return self.api.get(PARTNER, ref, self.fields.of_partner)

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
        """The normalised one is the first of the field only, and empty where Odoo takes it for none."""
        if "@" not in email:
            return []
        domain = any_of([["email_normalized", "=", email], ["email", "ilike", escape(email)]])
        return self._keep(domain, lambda one: email in {found.value for found in one.emails})

    def _by_phone(self, number: str | None) -> list[Customer]:
        """Of a partner's two numbers only one is kept in sanitized form."""
        if number is None:
            return []
        end = number.lstrip("+")[-LAST_DIGITS:]
        known = self.api.known(PARTNER, SEARCHED)
        ways = ["phone_mobile_search"] if "phone_mobile_search" in known else ["phone", "mobile"]
        alike = [_alike(name, end) for name in ways if name in known]
        exact = [["phone_sanitized", "=", number]] if "phone_sanitized" in known else []
        domain = any_of([*exact, *alike])
        return self._keep(domain, lambda one: match_key(number) in _numbers(one))

    def _by_declared_id(self, system: str, value: str = "") -> list[Customer]:
        name = self.fields.customer.get(f"id.{system}")
        if not name or not value:
            return []
        return self._keep([[name, "=", value]], lambda one: one.declared_ids.get(system) == value)

    def _keep(self, domain: Domain, fits: Callable[[Customer], bool]) -> list[Customer]:
        rows = self.api.search(PARTNER, [PERSONS, *domain], self.fields.of_partner, limit=LOOKED_AT)
        return [customer for customer in map(self.read, rows) if fits(customer)]


def any_of(conditions: Sequence[Domain]) -> list[Any]:
    return ["|"] * (len(conditions) - 1) + list(conditions)


def escape(value: str) -> str:
    """For `ilike`, whose wildcards an address may hold."""
    return value.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


def _alike(name: str, digits: str) -> Domain:
    """The field that is made for it leaves out what is written between digits, and is indexed."""
    if name == "phone_mobile_search":
        return [name, "ilike", digits]
    return [name, "=ilike", f"%{'%'.join(digits)}%"]


def _numbers(customer: Customer) -> set[str]:
    return {match_key(phone.e164) for phone in customer.phones if phone.e164}
