"""Finds contacts by what they can be reached at; whatever Zoho finds alike is compared again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce

from crm_adapters.errors import VendorChanged
from crm_adapters.model import Customer, CustomerKey, KeyKind
from crm_adapters.phones import e164, match_key, written_ends
from crm_adapters.vendors.zoho import records
from crm_adapters.vendors.zoho.api import MOST_LISTED, MOST_PARENTS, Api, Row, link_of, quote_text
from crm_adapters.vendors.zoho.records import Fields


@dataclass(frozen=True, slots=True)
class Search:
    api: Api
    fields: Fields
    country: str | None

    def get(self, ref: str) -> Customer | None:
        row = self.api.get("Contacts", ref)
        return self.read([row])[0] if row else None

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
        """COQL tells of an account only its id; the names are asked for together."""
        told = {row["id"]: row.get("Account_Name") for row in rows}
        refs = sorted({ref for value in told.values() if (ref := link_of(value))})
        names = self._account_names(refs)
        return [
            records.to_customer(
                row, names.get(link_of(told[row["id"]]) or ""), self.fields, country=self.country
            )
            for row in rows
        ]

    def _account_names(self, refs: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for start in range(0, len(refs), MOST_PARENTS):
            part = refs[start : start + MOST_PARENTS]
            where = f"id in ({', '.join(map(quote_text, part))})"
            rows = self.api.select_all("Accounts", ("id", "Account_Name"), where)
            found |= {row["id"]: str(row["Account_Name"] or "") for row in rows}
        if not found.keys() <= set(refs):
            raise VendorChanged("the answer holds what was not asked for")
        return found

    def _by_email(self, email: str) -> list[Customer]:
        if "@" not in email:
            return []
        rows = self.api.search("Contacts", "email", email, self.fields.contact_fields)
        return self._keep(rows, lambda one: email in {found.value for found in one.emails})

    def _by_phone(self, number: str | None) -> list[Customer]:
        """Telephones are kept as they were typed."""
        if number is None:
            return []
        wanted = match_key(number)
        conditions = [f"{name} like '%{end}'" for end in written_ends(wanted) for name in ("Phone", "Mobile")]
        return self._look(
            reduce(lambda left, right: f"({left} or {right})", conditions),
            lambda one: wanted in {match_key(phone.e164) for phone in one.phones if phone.e164},
        )

    def _by_declared_id(self, system: str, value: str = "") -> list[Customer]:
        name = self.fields.contact.get(f"id.{system}")
        if not name or not value:
            return []
        return self._look(f"{name} = {quote_text(value)}", lambda one: one.declared_ids.get(system) == value)

    def _look(self, where: str, fits: Callable[[Customer], bool]) -> list[Customer]:
        found = self.api.select("Contacts", self.fields.contact_fields, where, limit=MOST_LISTED)
        return self._keep(found.rows, fits)

    def _keep(self, rows: Sequence[Row], fits: Callable[[Customer], bool]) -> list[Customer]:
        return [customer for customer in self.read(rows) if fits(customer)]
