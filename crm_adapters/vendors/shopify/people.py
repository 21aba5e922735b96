"""Who the customers are, and what they are found by. Whoever buys has a record, guests too."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crm_adapters import phones
from crm_adapters.errors import VendorChanged
from crm_adapters.fieldmap import DECLARED
from crm_adapters.model import Customer, CustomerKey, KeyKind
from crm_adapters.vendors.shopify import records
from crm_adapters.vendors.shopify.api import Api, Row, is_id, to_gid, to_ref
from crm_adapters.vendors.shopify.queries import FIND_CUSTOMER, LIST_CUSTOMERS, READ_CUSTOMER
from crm_adapters.vendors.shopify.records import METAFIELDS, Fields

ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")
MOST_ALIKE = 25
"""Customers, among whom those with the telephone are looked for."""


@dataclass(frozen=True, slots=True)
class People:
    api: Api
    fields: Fields
    country: str | None

    def read(self, row: Row) -> Customer:
        return records.to_customer(row, self.fields.customer, country=self.country)

    def get_row(self, ref: str) -> Row | None:
        """Who was merged into somebody else is nobody."""
        if not is_id(ref):
            return None
        found = self.api.ask(READ_CUSTOMER, id=to_gid("Customer", ref), **self.asked)
        row: Row | None = found["customer"]
        if row and to_ref(row) != ref:
            raise VendorChanged("this is no answer to the question")
        return row

    def find(self, key: CustomerKey) -> list[Customer]:
        value = key.value.strip()
        match key.kind:
            case KeyKind.EMAIL:
                return self._by_email(value.lower())
            case KeyKind.PHONE:
                return self._by_phone(value)
            case KeyKind.DECLARED:
                return self._by_declared(*value.partition(":")[::2])
        row = self.get_row(value)
        return [self.read(row)] if row else []

    @property
    def asked(self) -> Mapping[str, Any]:
        return records.ask_metafields(self.fields.customer.values())

    def _by_email(self, email: str) -> list[Customer]:
        """No two customers share one. Not by the search, which knows of words and prefixes, and of a new customer
        later."""
        if not ADDRESS.fullmatch(email):
            return []
        found = self._identify({"emailAddress": email})
        return [one for one in found if email in {own.value for own in one.emails}]

    def _by_declared(self, system: str, value: str) -> list[Customer]:
        """Shopify finds by metafields that are defined as ids, whose values no two customers share."""
        path = self.fields.customer.get(f"{DECLARED}{system}", "")
        if not path.startswith(METAFIELDS) or not value:
            return []
        namespace, _, name = path.removeprefix(METAFIELDS).rpartition(".")
        found = self._identify({"customId": {"namespace": namespace, "key": name, "value": value}})
        return [one for one in found if one.declared_ids.get(system) == value]

    def _identify(self, identifier: Mapping[str, Any]) -> list[Customer]:
        row = self.api.ask(FIND_CUSTOMER, identifier=identifier, **self.asked)["found"]
        return [self.read(row)] if row else []

    def _by_phone(self, value: str) -> list[Customer]:
        """Also by that of an address, which several may share; the search finds more, so that each hit is compared."""
        number = phones.e164(value, country=self.country)
        if number is None:
            return []
        wanted = phones.match_key(number)
        query = " OR ".join(term for one in _spellings(wanted) for term in (f'phone:"{one}"', f'"{one}"'))
        page = self.api.list_some(LIST_CUSTOMERS, query, limit=MOST_ALIKE, **self.asked)
        return [one for one in map(self.read, page.rows) if wanted in _numbers(one)]


def _numbers(customer: Customer) -> set[str]:
    return {phones.match_key(phone.e164) for phone in customer.phones if phone.e164}


def _spellings(number: str) -> Iterator[str]:
    """Shopify keeps numbers in E.164, as they were valid when they were entered."""
    yield number
    if re.fullmatch(r"\+55\d\d9[6-9]\d{7}", number):
        yield number[:5] + number[6:]
    if number.startswith("+52"):
        yield f"+521{number[3:]}"
