"""Finds contacts by what they can be reached at; whatever EspoCRM finds alike is compared again."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from crm_adapters.model import Customer, CustomerKey, KeyKind
from crm_adapters.phones import LAST_DIGITS, e164, match_key
from crm_adapters.vendors.espocrm import records
from crm_adapters.vendors.espocrm.api import MOST_LISTED, Api, Row, Where, condition
from crm_adapters.vendors.espocrm.records import Fields

CONTACT = "Contact"


@dataclass(frozen=True, slots=True)
class Search:
    api: Api
    fields: Fields
    country: str | None
    main_only: bool
    """Of the contacts that are listed the main address and telephone are enough."""

    def get(self, ref: str) -> Customer | None:
        row = self.api.get(CONTACT, ref)
        return records.to_customer(row, self.fields, country=self.country) if row else None

    def find(self, key: CustomerKey) -> list[Customer]:
        value = key.value.strip()
        match key.kind:
            case KeyKind.EMAIL:
                return self._by_email(value.lower())
            case KeyKind.PHONE:
                return self._by_phone(e164(value, country=self.country))
            case KeyKind.REF:
                found = self.get(value)
                return [found] if found else []
        return self._by_declared_id(*value.split(":", 1))

    def read(self, rows: Sequence[Row]) -> list[Customer]:
        """As listed; each is read once more for what lists leave out."""
        whole = rows if self.main_only else list(self._reread(rows))
        return [records.to_customer(row, self.fields, country=self.country) for row in whole]

    def _reread(self, rows: Sequence[Row]) -> Iterator[Row]:
        """Whoever was deleted meanwhile is left out."""
        for row in rows:
            found = self.api.get(CONTACT, row["id"])
            if found:
                yield found

    def _by_email(self, email: str) -> list[Customer]:
        """Any of a contact's addresses, in any case; accents may count as nothing."""
        if "@" not in email:
            return []
        return self._look(
            condition("equals", "emailAddress", email),
            lambda one: email in {found.value for found in one.emails},
        )

    def _by_phone(self, number: str | None) -> list[Customer]:
        """Beside what was typed EspoCRM keeps the digits of each number."""
        if number is None:
            return []
        wanted = match_key(number)
        return self._look(
            condition("endsWith", "phoneNumberNumeric", wanted[-LAST_DIGITS:].lstrip("+")),
            lambda one: wanted in {match_key(phone.e164) for phone in one.phones if phone.e164},
        )

    def _by_declared_id(self, system: str, value: str = "") -> list[Customer]:
        name = self.fields.contact.get(f"id.{system}")
        if not name or not value:
            return []
        return self._look(condition("equals", name, value), lambda one: one.declared_ids.get(system) == value)

    def _look(self, where: Where, fits: Callable[[Customer], bool]) -> list[Customer]:
        """Read whole: the key may be another than the main address."""
        rows = self.api.select(CONTACT, [where], limit=MOST_LISTED, fields=("name",))
        found = (records.to_customer(row, self.fields, country=self.country) for row in self._reread(rows))
        return [one for one in found if fits(one)]
