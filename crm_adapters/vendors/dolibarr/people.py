"""Who the customers are: third parties who buy or may buy, with the addresses of their contacts.

Documents are made out to third parties, so a contact is not a customer of their own: whoever writes from a contact's
address is answered as the third party.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from crm_adapters.errors import VendorChanged
from crm_adapters.model import Customer, CustomerKey, KeyKind
from crm_adapters.phones import LAST_DIGITS, e164, match_key
from crm_adapters.vendors.dolibarr import filters, records
from crm_adapters.vendors.dolibarr.api import MOST_LISTED, Api, Row, is_id
from crm_adapters.vendors.dolibarr.records import EXTRA, Fields, text

PATH = "thirdparties"
CONTACTS = "contacts"
COLUMNS = {"name": "nom", "idprof1": "siren", "idprof2": "siret", "idprof3": "ape"}
"""What the database calls otherwise than answers do."""
CONTACT_PHONES = ("t.phone", "t.phone_mobile", "t.phone_perso")
FIRST_WITH_MOBILE = 20
"""Before this version a third party has one telephone, and a question about a second one is refused."""


@dataclass(frozen=True, slots=True)
class People:
    api: Api
    fields: Fields
    country: str | None

    def get(self, ref: str) -> Row | None:
        """A customer's third party; suppliers and the like are none."""
        row = self.api.read(PATH, ref)
        return row if row and records.is_buyer(row) else None

    def find(self, key: CustomerKey) -> list[Customer]:
        value = key.value.strip()
        match key.kind:
            case KeyKind.EMAIL:
                return self._by_email(value.lower())
            case KeyKind.PHONE:
                return self._by_phone(e164(value, country=self.country))
            case KeyKind.REF:
                row = self.get(value)
                return self.read([row]) if row else []
        return self._by_declared_id(*value.split(":", 1))

    def load(self, refs: Iterable[str]) -> list[Row]:
        """Those of these third parties that there are."""
        wanted = sorted({ref for ref in refs if is_id(ref)}, key=int)
        rows = [row for some in _parts(wanted) for row in self._load_some(some)]
        if not {text(row["id"]) for row in rows} <= set(wanted):
            raise VendorChanged("the answer holds what was not asked for")
        return rows

    def read(self, rows: Sequence[Row]) -> list[Customer]:
        """Of third parties, those who buy, each with the contacts and the parent company it has."""
        buyers = [row for row in rows if records.is_buyer(row)]
        return self._assemble(buyers, self._contacts([text(row["id"]) for row in buyers]))

    def _assemble(self, buyers: Sequence[Row], contacts: Sequence[Row]) -> list[Customer]:
        parents = self._parents(buyers)
        theirs: dict[str, list[Row]] = {}
        for contact in contacts:
            theirs.setdefault(owner(contact), []).append(contact)
        return [
            records.to_customer(
                row, theirs.get(text(row["id"]), []), parents, self.fields, country=self.country
            )
            for row in buyers
        ]

    def _load_some(self, refs: Collection[str]) -> list[Row]:
        return self.api.list_some(PATH, [filters.one_of(refs)], limit=len(refs))

    def _contacts(self, refs: Sequence[str]) -> list[Row]:
        rows = [
            row for some in _parts(refs) for row in self.api.list_all(CONTACTS, thirdparty_ids=",".join(some))
        ]
        if not {owner(row) for row in rows} <= set(refs):
            raise VendorChanged("the answer holds somebody else's contacts")
        return rows

    def _parents(self, rows: Sequence[Row]) -> dict[str, str]:
        """Names, by id."""
        named = (text(row.get("parent")) for row in rows if not records.is_professional(row))
        return {text(row["id"]): text(row.get("name")) for row in self.load(named)}

    def _by_email(self, email: str) -> list[Customer]:
        """Not by the path made for it: of two who share an address it finds neither (seen on 20)."""
        if "@" not in email:
            return []
        asked = [filters.alike("t.email", email)]
        found = self._search(asked, asked)
        return [one for one in found if email in {known.value for known in one.emails}]

    def _by_phone(self, number: str | None) -> list[Customer]:
        """Telephones are kept as somebody typed them."""
        if number is None:
            return []
        digits = number.lstrip("+")[-LAST_DIGITS:]
        own = ["t.phone", *(["t.phone_mobile"] if self._knows_mobiles() else [])]
        asked = [filters.any_of(filters.has_digits(name, digits) for name in own)]
        contacts = [filters.any_of(filters.has_digits(name, digits) for name in CONTACT_PHONES)]
        found = self._search(asked, contacts)
        return [one for one in found if match_key(number) in _numbers(one)]

    def _knows_mobiles(self) -> bool:
        major = self.api.version()[0].partition(".")[0]
        return major.isdecimal() and int(major) >= FIRST_WITH_MOBILE

    def _by_declared_id(self, system: str, value: str = "") -> list[Customer]:
        path = self.fields.customer.get(f"id.{system}")
        if not path or not value:
            return []
        column = (
            f"ef.{path.removeprefix(EXTRA)}" if path.startswith(EXTRA) else f"t.{COLUMNS.get(path, path)}"
        )
        found = self.read(self.api.list_some(PATH, [filters.alike(column, value)]))
        return [one for one in found if one.declared_ids.get(system) == value]

    def _search(self, conditions: Sequence[str], of_contacts: Sequence[str]) -> list[Customer]:
        """Customers who are alike, or have a contact who is: mostly in two calls, for an agent waits."""
        rows = self.api.list_some(PATH, conditions)
        known = [text(row["id"]) for row in rows]
        theirs = [filters.one_of(known, field="t.fk_soc")] if known else []
        contacts = list(self.api.list_all(CONTACTS, [filters.any_of([*of_contacts, *theirs])]))
        others = self.load({owner(row) for row in contacts} - set(known))
        more = self._contacts([text(row["id"]) for row in others])
        buyers = [row for row in [*rows, *others] if records.is_buyer(row)]
        found = self._assemble(buyers, [*(row for row in contacts if owner(row) in known), *more])
        return sorted(found, key=lambda one: int(one.ref))


def owner(contact: Row) -> str:
    """The third party that a contact is of; empty for one of nobody's."""
    return text(contact.get("socid") or contact.get("fk_soc"))


def _parts(refs: Sequence[str]) -> Iterator[Sequence[str]]:
    """As many as one question may name."""
    return (refs[start : start + MOST_LISTED] for start in range(0, len(refs), MOST_LISTED))


def _numbers(customer: Customer) -> set[str]:
    return {match_key(phone.e164) for phone in customer.phones if phone.e164}
