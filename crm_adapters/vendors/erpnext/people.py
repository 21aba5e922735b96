"""Customers with the contacts and addresses that are linked to them, and who is found by what."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crm_adapters.errors import NotFound, VendorChanged
from crm_adapters.model import Company, Customer, CustomerKey, KeyKind
from crm_adapters.phones import LAST_DIGITS, e164, match_key
from crm_adapters.vendors.erpnext.api import Api, Filters, Row
from crm_adapters.vendors.erpnext.records import (
    ADDRESS,
    ADDRESS_KEYS,
    CONTACT,
    CONTACT_KEYS,
    CUSTOMER,
    CUSTOMER_KEYS,
    Fields,
    Reach,
    Reader,
    is_company,
)

LOOKED_AT = 100
"""Contacts alike, before they are compared."""
LINK = "Dynamic Link"
TO_CUSTOMERS = [LINK, "link_doctype", "=", CUSTOMER]


@dataclass(frozen=True, slots=True)
class People:
    api: Api
    fields: Fields
    country: str | None

    @property
    def reader(self) -> Reader:
        return Reader(self.fields, self.api.site.time, self.country)

    def get_row(self, ref: str) -> Row | None:
        """None for whom nothing can be sold to any more, too."""
        row = self.api.get(CUSTOMER, ref, CUSTOMER_KEYS, may_lack=self.fields.of_customer)
        return None if row is None or row["disabled"] else row

    def get_company(self, ref: str) -> Company:
        row = self.api.get(CUSTOMER, ref, CUSTOMER_KEYS, may_lack=self.fields.of_company)
        if row is None or not is_company(row):
            raise NotFound("ERPNext has no such company")
        return self.reader.company(row, self._reach([ref])[ref.casefold()])

    def find(self, key: CustomerKey) -> list[Customer]:
        value = key.value.strip()
        match key.kind:
            case KeyKind.EMAIL:
                return self._by_email(value.lower())
            case KeyKind.PHONE:
                return self._by_phone(e164(value, country=self.country))
            case KeyKind.REF:
                row = self.get_row(value)
                return self.read([row]) if row else []
        return self._by_declared_id(*value.split(":", 1))

    def load(self, names: Sequence[str]) -> list[Row]:
        """Those that are no longer there are left out."""
        filters: Filters = [["name", "in", sorted(set(names))]]
        rows = (
            self.api.find(CUSTOMER, filters, CUSTOMER_KEYS, may_lack=self.fields.of_customer) if names else []
        )
        return [row for row in rows if row["name"] in names]

    def find_linked(self, doctype: str, names: Sequence[str]) -> list[str]:
        """The customers to whom these contacts, or addresses, are linked."""
        filters: Filters = [TO_CUSTOMERS, ["name", "in", list(names)]]
        rows = self.api.find(doctype, filters, ["name", "links.link_name"]) if names else []
        return [row["link_name"] for row in rows]

    def read(self, rows: Sequence[Row]) -> list[Customer]:
        reach = self._reach([row["name"] for row in rows])
        return [self.reader.customer(row, reach[row["name"].casefold()]) for row in rows]

    def _reach(self, names: Sequence[str]) -> dict[str, Reach]:
        contacts = self._linked(CONTACT, CONTACT_KEYS, names)
        addresses = self._linked(ADDRESS, ADDRESS_KEYS, names)
        return {one.casefold(): Reach(contacts[one.casefold()], addresses[one.casefold()]) for one in names}

    def _linked(self, doctype: str, fields: Sequence[str], names: Sequence[str]) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        filters: Filters = [TO_CUSTOMERS, [LINK, "link_name", "in", list(names)]]
        rows = self.api.find(doctype, filters, fields) if names else []
        for row in sorted(rows, key=lambda row: str(row["name"])):
            found[str(row["link_name"]).casefold()].append(row)
        if not found.keys() <= {one.casefold() for one in names}:
            raise VendorChanged("the answer holds somebody else's contacts")
        return found

    def _by_email(self, email: str) -> list[Customer]:
        """By `=`, which is told from letters' case by PostgreSQL only: `like` has wildcards that Frappe lets nobody
        escape."""
        if "@" not in email:
            return []
        reached = [["Contact Email", "email_id", "=", email]]
        return self._through(reached, lambda one: email in {found.value for found in one.emails})

    def _by_phone(self, number: str | None) -> list[Customer]:
        """Frappe keeps telephones as they were typed: whatever stands between the last digits is skipped."""
        if number is None:
            return []
        digits = number.lstrip("+")[-LAST_DIGITS:]
        reached = [["Contact Phone", "phone", "like", f"%{'%'.join(digits)}%"]]
        return self._through(reached, lambda one: match_key(number) in _numbers(one))

    def _by_declared_id(self, system: str, value: str = "") -> list[Customer]:
        name = self.fields.customer.get(f"id.{system}")
        if not name or not value:
            return []
        filters: Filters = [[name, "=", value]]
        rows = self.api.find(
            CUSTOMER, filters, CUSTOMER_KEYS, may_lack=self.fields.of_customer, limit=LOOKED_AT
        )
        return self._keep(rows, lambda one: one.declared_ids.get(system) == value)

    def _through(self, reached: Filters, fits: Callable[[Customer], bool]) -> list[Customer]:
        rows = self.api.find(CONTACT, [TO_CUSTOMERS, *reached], ["name", "links.link_name"])
        return self._keep(self.load([row["link_name"] for row in rows[:LOOKED_AT]]), fits)

    def _keep(self, rows: Sequence[Row], fits: Callable[[Customer], bool]) -> list[Customer]:
        return [one for one in self.read([row for row in rows if not row["disabled"]]) if fits(one)]


def _numbers(customer: Customer) -> set[str]:
    return {match_key(phone.e164) for phone in customer.phones if phone.e164}
