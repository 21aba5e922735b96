"""Finds persons by what they can be reached at; whatever Pipedrive finds alike is compared again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crm_adapters.errors import VendorChanged
from crm_adapters.model import Company, Customer, CustomerKey, KeyKind
from crm_adapters.phones import e164, match_key, written_ends
from crm_adapters.vendors.pipedrive import records
from crm_adapters.vendors.pipedrive.api import Api, Row, is_id, ref_of
from crm_adapters.vendors.pipedrive.fields import Fields


@dataclass(frozen=True, slots=True)
class Search:
    api: Api
    fields: Fields
    country: str | None

    def get(self, ref: str) -> Customer | None:
        row = self.api.get("persons", ref)
        return self.read([row])[0] if row else None

    def get_company(self, ref: str) -> Company | None:
        row = self.api.get("organizations", ref)
        return records.to_company(row, self.fields) if row else None

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
        """A person holds the number of an organization only; the names are asked for together."""
        refs = sorted({str(row["org_id"]) for row in rows if row.get("org_id")}, key=int)
        found = self.api.by_ids("organizations", refs)
        names = {ref_of(row): str(row.get("name") or "") for row in found}
        return [
            records.to_customer(row, names.get(str(row.get("org_id"))), self.fields, country=self.country)
            for row in rows
        ]

    def _by_email(self, email: str) -> list[Customer]:
        if "@" not in email:
            return []
        return self._look(
            [{"term": email, "fields": "email", "exact_match": "true"}],
            lambda one: email in {found.value for found in one.emails},
        )

    def _by_phone(self, number: str | None) -> list[Customer]:
        """Pipedrive looks for the very signs that somebody typed."""
        if number is None:
            return []
        wanted = match_key(number)
        return self._look(
            [{"term": end, "fields": "phone"} for end in written_ends(wanted)],
            lambda one: wanted in {match_key(phone.e164) for phone in one.phones if phone.e164},
        )

    def _by_declared_id(self, system: str, value: str = "") -> list[Customer]:
        if f"id.{system}" not in self.fields.customer or not value:
            return []
        return self._look(
            [{"term": value, "fields": "custom_fields", "exact_match": "true"}],
            lambda one: one.declared_ids.get(system) == value,
        )

    def _look(self, searches: list[dict[str, str]], fits: Callable[[Customer], bool]) -> list[Customer]:
        refs = {ref for params in searches for ref in self.api.search("persons", params)}
        asked = sorted(filter(is_id, refs), key=int)
        rows = self.api.by_ids("persons", asked)
        if not {ref_of(row) for row in rows} <= set(asked):
            raise VendorChanged("the answer holds what was not asked for")
        return [one for one in self.read([row for row in rows if not row.get("is_deleted")]) if fits(one)]
