"""Who the customers are: accounts, and guests, who are known by their orders alone."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumberFormat

from crm_adapters import phones
from crm_adapters.locales import find_country
from crm_adapters.model import Customer, CustomerKey, KeyKind
from crm_adapters.vendors.woocommerce import records
from crm_adapters.vendors.woocommerce.api import MOST_LISTED, Api, Row
from crm_adapters.vendors.woocommerce.records import GUEST

ADDRESS = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~.-]+@[a-z0-9-]+(\.[a-z0-9-]+)+")
"""What WordPress keeps as an address; it refuses to look for any other."""
FORMATS = (PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.NATIONAL)


def is_id(ref: str) -> bool:
    return bool(re.fullmatch(r"[1-9]\d{0,18}", ref, re.ASCII))


@dataclass(frozen=True, slots=True)
class People:
    api: Api
    fields: Mapping[str, str]
    country: str | None

    def get(self, ref: str) -> Customer | None:
        if ref.startswith(GUEST):
            return self._guest(ref.removeprefix(GUEST))
        row = self.get_account(ref)
        return self.read(row) if row else None

    def get_account(self, ref: str) -> Row | None:
        return self.api.get(f"customers/{ref}") if is_id(ref) else None

    def read(self, row: Row) -> Customer:
        return records.to_customer(row, self.fields, country=self.country)

    def read_guest(self, order: Row) -> Customer:
        return records.to_guest(order, self.fields, country=self.country)

    def find(self, key: CustomerKey) -> list[Customer]:
        value = key.value.strip()
        match key.kind:
            case KeyKind.EMAIL:
                return self._by_email(value.lower())
            case KeyKind.PHONE:
                return self._by_phone(value)
        found = self.get(value)
        return [found] if found else []

    def _by_email(self, email: str) -> list[Customer]:
        """Signs at its ends are wildcards to WordPress, so that each hit is compared."""
        if not ADDRESS.fullmatch(email):
            return []
        rows = self.api.list_some("customers", {"email": email, "role": "all"})
        accounts = [self.read(row) for row in rows if str(row.get("email")).strip().lower() == email]
        guest = self._guest(email)
        return [*accounts, *([guest] if guest else [])]

    def _by_phone(self, value: str) -> list[Customer]:
        """As it may have been written on an order; each hit is compared. Who never ordered is not found."""
        number = phones.e164(value, country=self.country)
        if number is None:
            return []
        wanted = phones.match_key(number)
        refs = {
            ref
            for term in _spellings(wanted)
            for order in self._search(term)
            if self._phone(order) == wanted and (ref := records.owner(order))
        }
        found = [self.get(ref) for ref in sorted(refs)]
        return [one for one in found if one]

    def _phone(self, order: Row) -> str | None:
        land = find_country(records.read_value(order, "billing.country"))
        number = phones.e164(records.read_value(order, "billing.phone"), country=land or self.country)
        return phones.match_key(number) if number else None

    def _guest(self, email: str) -> Customer | None:
        """As their latest order has them."""
        if not ADDRESS.fullmatch(email):
            return None
        found = [order for order in self._search(email) if is_of_guest(order, email)]
        return self.read_guest(max(found, key=lambda order: order["id"])) if found else None

    def _search(self, term: str) -> list[Row]:
        """The newest orders that hold the term anywhere in an address."""
        asked = {"search": term, "orderby": "date", "order": "desc", "per_page": str(MOST_LISTED)}
        return self.api.list_some("orders", asked)


def is_of_guest(order: Row, email: str) -> bool:
    return not order.get("customer_id") and records.read_email(order) == email


def _spellings(number: str) -> Iterator[str]:
    """Of an E.164 number; the last four digits stand together in most ways of writing one."""
    parsed = phonenumbers.parse(number)
    formatted = [phonenumbers.format_number(parsed, one) for one in FORMATS]
    return iter(dict.fromkeys([*formatted, str(parsed.national_number), number[-4:]]))
