"""ERPNext's rows as our records."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from crm_adapters import phones
from crm_adapters.fieldmap import DECLARED, FieldMap, custom_names
from crm_adapters.locales import find_country, normalise_language
from crm_adapters.model import Company, Consent, Customer, Email, Money, Phone, Product
from crm_adapters.vendors.erpnext.api import Row
from crm_adapters.vendors.erpnext.site import LocalTime

CUSTOMER, CONTACT, ADDRESS, ITEM = "Customer", "Contact", "Address", "Item"
CUSTOMER_FIELDS = {"name": "customer_name", "language": "language"}
"""Our names → ERPNext's."""
COMPANY_FIELDS = {"name": "customer_name", "domain": "website", "industry": "industry"}
PRODUCT_FIELDS = {"category": "item_group", "description": "description"}
CUSTOMER_KEYS = (
    "name", "customer_name", "customer_type", "territory", "disabled", "customer_primary_contact",
    "customer_primary_address", "creation", "modified",
)  # fmt: skip
CONTACT_KEYS = (
    "name", "first_name", "last_name", "company_name", "unsubscribed", "is_primary_contact", "links.link_name",
    "email_ids.email_id", "email_ids.is_primary", "phone_nos.phone",
)  # fmt: skip
ADDRESS_KEYS = ("name", "country", "is_primary_address", "disabled", "links.link_name")
ITEM_KEYS = (
    "name", "item_name", "variant_of", "disabled", "is_sales_item", "has_variants", "is_stock_item", "stock_uom",
    "modified",
)  # fmt: skip
INDIVIDUAL = "Individual"
EVERYTHING = "All Item Groups"
"""The group above all others, which says nothing."""
GRANTED, OBJECTED = frozenset({"1", "true", "granted", "yes"}), frozenset({"0", "false", "objected", "no"})


@dataclass(frozen=True, slots=True)
class Fields:
    """Our names → ERPNext's fields, per kind of record."""

    customer: Mapping[str, str]
    company: Mapping[str, str]
    product: Mapping[str, str]

    @property
    def of_customer(self) -> list[str]:
        return sorted({*self.customer.values()} - {*CUSTOMER_KEYS})

    @property
    def of_company(self) -> list[str]:
        return sorted({*self.company.values()} - {*CUSTOMER_KEYS})

    @property
    def of_item(self) -> list[str]:
        return sorted({*self.product.values()} - {*ITEM_KEYS})


def map_fields(found: FieldMap) -> Fields:
    return Fields(
        found.of("customer", CUSTOMER_FIELDS),
        found.of("company", COMPANY_FIELDS),
        found.of("product", PRODUCT_FIELDS),
    )


@dataclass(frozen=True, slots=True)
class Reach:
    """What is linked to one customer."""

    contacts: Sequence[Row] = ()
    """A row for each combination of an address and a telephone."""
    addresses: Sequence[Row] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    fields: Fields
    time: LocalTime
    country: str | None
    """Where telephones are from of those who tell none."""

    def customer(self, row: Row, reach: Reach) -> Customer:
        """A person, or a company: whoever buys. A company is its own company."""
        got = read_mapped(row, self.fields.customer)
        people = _primary_first(row, reach.contacts)
        person = _speaker(row, people)
        land = _country(row, got, reach)
        company = text(row["customer_name"]) if is_company(row) else _employer(people)
        return Customer(
            ref=row["name"],
            name=got.get("name") or row["name"],
            given_name=got.get("given_name") or text(person.get("first_name")),
            family_name=got.get("family_name") or text(person.get("last_name")),
            emails=_emails(people),
            phones=_phones(people, land or self.country),
            language=normalise_language(got.get("language")),
            country=land,
            company=got.get("company") or company,
            company_ref=row["name"] if is_company(row) else None,
            register=got.get("register"),
            declared_ids=_some(got, custom_names(self.fields.customer, DECLARED), DECLARED),
            consents=_consents(people, got),
            custom=_some(got, custom_names(self.fields.customer), "crm."),
            created_at=self.time.read(row["creation"]),
            updated_at=self.time.read(row["modified"]),
            version=str(row["modified"]),
        )

    def company(self, row: Row, reach: Reach) -> Company:
        got = read_mapped(row, self.fields.company)
        website = got.get("domain", "")
        host = urlsplit(website if "//" in website else f"//{website}").hostname
        count = read_number(got.get("employees"))
        return Company(
            ref=row["name"],
            name=got.get("name") or row["name"],
            domain=host.removeprefix("www.") if host else None,
            country=_country(row, got, reach),
            industry=got.get("industry"),
            employees=None if count is None else int(count),
            custom=_some(got, custom_names(self.fields.company), "crm."),
            updated_at=self.time.read(row["modified"]),
        )

    def product(self, row: Row, prices: Sequence[Money], stock: int | None) -> Product:
        got = read_mapped(row, self.fields.product)
        tier = read_number(got.get("tier"))
        category = got.get("category")
        return Product(
            ref=row["name"],
            sku=got.get("sku") or row["name"],
            name=text(row["item_name"]) or row["name"],
            family=got.get("family") or text(row["variant_of"]) or None,
            category=None if category == EVERYTHING else category,
            tier=None if tier is None else int(tier),
            prices=tuple(prices),
            active=bool(row["is_sales_item"]) and not row["disabled"] and not row["has_variants"],
            stock=stock if row["is_stock_item"] else None,
            description=strip_html(got.get("description", "")),
            updated_at=self.time.read(row["modified"]),
        )


def is_company(row: Row) -> bool:
    return text(row["customer_type"]) != INDIVIDUAL


def text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def strip_html(value: str) -> str:
    """An editor writes descriptions."""
    return unescape(re.sub(r"<[^>]*>", " ", value)).strip()


def read_number(value: Any) -> Decimal | None:
    """As written: a float's digits, not its binary neighbour."""
    if isinstance(value, bool) or value is None or value == "":
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def read_money(amount: Any, currency: Any) -> Money | None:
    number, code = read_number(amount), text(currency).upper()
    return None if number is None or len(code) != 3 else Money(number, code)


def read_mapped(row: Row, names: Mapping[str, str]) -> dict[str, str]:
    """Our names → what is there."""
    found = {ours: text(row.get(theirs)) for ours, theirs in names.items()}
    return {ours: value for ours, value in found.items() if value}


def _some(got: Mapping[str, str], names: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {name: got[f"{prefix}{name}"] for name in names if f"{prefix}{name}" in got}


def _primary_first(row: Row, contacts: Sequence[Row]) -> list[Row]:
    """The contact that the customer names, then those that say of themselves that they are."""
    named = text(row["customer_primary_contact"])
    return sorted(contacts, key=lambda one: (one["name"] != named, not one["is_primary_contact"]))


def _speaker(row: Row, people: Sequence[Row]) -> Row:
    """The one person who can be meant; of several, none of whom is primary, nobody."""
    names = {one["name"] for one in people}
    first = people[0] if people else {}
    chosen = first and (first["name"] == row["customer_primary_contact"] or first["is_primary_contact"])
    return first if chosen or len(names) == 1 else {}


def _employer(people: Sequence[Row]) -> str | None:
    return next((name for one in people if (name := text(one["company_name"]))), None)


def _country(row: Row, got: Mapping[str, str], reach: Reach) -> str | None:
    """Of an address, or of the sales territory where that is a country."""
    named = text(row["customer_primary_address"])
    used = [one for one in reach.addresses if not one["disabled"]]
    used.sort(key=lambda one: (one["name"] != named, not one["is_primary_address"]))
    written = [got.get("country"), *(text(one["country"]) for one in used), text(row["territory"])]
    return next((code for name in written if (code := find_country(name))), None)


def _emails(people: Sequence[Row]) -> tuple[Email, ...]:
    names = list(dict.fromkeys(one["name"] for one in people))
    ordered = sorted(people, key=lambda one: (names.index(one["name"]), not one["is_primary"]))
    found = (text(one["email_id"]).lower() for one in ordered)
    return tuple(Email(one) for one in dict.fromkeys(found) if "@" in one)


def _phones(people: Sequence[Row], country: str | None) -> tuple[Phone, ...]:
    found = dict.fromkeys(text(one["phone"]) for one in people)
    return tuple(phones.parse(one, country=country) for one in found if one)


def _consents(people: Sequence[Row], got: Mapping[str, str]) -> tuple[Consent, ...]:
    """Where one of a customer's contacts has unsubscribed, nobody is offered anything: who is asking, nothing says."""
    offers = got.get("offers_consent", "").lower()
    if any(one["unsubscribed"] for one in people) or offers in OBJECTED:
        return (Consent("offers", granted=False),)
    return (Consent("offers", granted=True),) if offers in GRANTED else ()
