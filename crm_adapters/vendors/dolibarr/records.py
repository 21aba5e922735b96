"""Dolibarr's rows as our records: who buys, and what is sold."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from crm_adapters import phones
from crm_adapters.fieldmap import DECLARED, FieldMap, custom_names
from crm_adapters.locales import find_country, normalise_language
from crm_adapters.model import Company, Consent, Customer, Email, Money, Phone, Product
from crm_adapters.vendors.dolibarr.api import Row

EXTRA = "array_options.options_"
"""Before the code of a complementary attribute, in a mapping."""
CATEGORIES = "categories."
CUSTOMER = {"name": "name", "language": "default_lang", "country": "country_code"}
COMPANY = {"name": "name", "domain": "url", "country": "country_code"}
PRODUCT = {"category": f"{CATEGORIES}0.label", "description": "description"}
READ = ("client", "email", "phone", "phone_mobile", "typent_code", "tva_intra", "parent", "no_email")
"""Of a third party, beside what is mapped."""
PHONES = ("phone", "phone_mobile", "phone_pro", "phone_perso")
BUYERS = frozenset({"1", "2", "3"})
"""`client`: customer, prospect, both; whoever is neither may be a supplier."""
PRIVATE, UNDECIDED = "TE_PRIVATE", frozenset({"", "TE_UNKNOWN"})
YES, NO = frozenset({"1", "yes", "true"}), frozenset({"0", "no", "false"})
SERVICE = "1"


@dataclass(frozen=True, slots=True)
class Fields:
    """Our names → Dolibarr's, as paths into a row."""

    customer: Mapping[str, str]
    company: Mapping[str, str]
    product: Mapping[str, str]


def map_fields(found: FieldMap) -> Fields:
    return Fields(found.of("customer", CUSTOMER), found.of("company", COMPANY), found.of("product", PRODUCT))


def is_buyer(row: Row) -> bool:
    return text(row.get("client")) in BUYERS


def is_private(row: Row) -> bool:
    return text(row.get("typent_code")) == PRIVATE


def is_professional(row: Row) -> bool:
    """By its type, and where nobody chose one, by a VAT number."""
    kind = text(row.get("typent_code"))
    return bool(text(row.get("tva_intra"))) if kind in UNDECIDED else not is_private(row)


def to_customer(
    row: Row, contacts: Sequence[Row], parents: Mapping[str, str], fields: Fields, *, country: str | None
) -> Customer:
    """`contacts` and `parents` (names by id) of the third party; `country`: where telephones are from that tell
    none, of those who tell none."""
    active = [one for one in contacts if text(one.get("statut")) != "0"]
    person: Row = active[0] if len(active) == 1 else {}
    got = read_fields(row, fields.customer)
    land = find_country(got.get("country"))
    company_ref, company = _company(row, parents)
    return Customer(
        ref=text(row["id"]),
        name=got.get("name") or f"Third party {row['id']}",
        given_name=got.get("given_name") or text(person.get("firstname")),
        family_name=got.get("family_name") or text(person.get("lastname")),
        emails=_emails([row, *active]),
        phones=_phones([row, *active], land or country),
        language=normalise_language(got.get("language")),
        country=land,
        company=company,
        company_ref=company_ref,
        register=got.get("register"),
        declared_ids=_some(got, fields.customer, DECLARED),
        consents=_consents((row, person), got.get("offers_consent", "").lower()),
        custom=_some(got, fields.customer, "crm."),
        created_at=read_moment(row.get("date_creation")),
        updated_at=read_moment(row.get("date_modification")),
        version=_version(row, fields.customer.values()),
    )


def to_company(row: Row, fields: Fields) -> Company:
    got = read_fields(row, fields.company)
    website = got.get("domain", "")
    host = urlsplit(website if "//" in website else f"//{website}").hostname
    return Company(
        ref=text(row["id"]),
        name=got.get("name", ""),
        domain=host.removeprefix("www.") if host else None,
        country=find_country(got.get("country")),
        industry=got.get("industry"),
        custom=_some(got, fields.company, "crm."),
        updated_at=read_moment(row.get("date_modification")),
    )


def to_product(row: Row, fields: Mapping[str, str], *, currency: str) -> Product:
    """The price is before tax, as those of lines are. Zero is one that nobody has entered: Dolibarr has no other
    way of saying so."""
    got = read_fields(row, fields)
    price, tier = read_price(row), read_number(got.get("tier"))
    ref, sku = text(row["id"]), text(row.get("ref"))
    return Product(
        ref=ref,
        sku=got.get("sku") or sku or ref,
        name=text(row.get("label")) or sku or ref,
        family=got.get("family"),
        category=got.get("category"),
        tier=None if tier is None else int(tier),
        prices=(Money(price, currency),) if price and price > 0 else (),
        active=text(row.get("status")) == "1",
        stock=_stock(row),
        description=got.get("description", ""),
        updated_at=read_moment(row.get("date_modification")),
    )


def read_price(row: Row) -> Decimal | None:
    """Where there are price lists, the first."""
    lists = row.get("multiprices")
    first = lists.get("1") if isinstance(lists, dict) else None
    return read_number(first) or read_number(row.get("price"))


def read_fields(row: Row, fields: Mapping[str, str]) -> dict[str, str]:
    """Our names → what is there."""
    found = {ours: read_value(row, theirs) for ours, theirs in fields.items()}
    return {ours: value for ours, value in found.items() if value}


def read_value(row: Any, path: str) -> str:
    """`country_code`, `categories.0.label`, `array_options.options_shop`; empty where nothing is."""
    for name in path.split("."):
        if isinstance(row, list):
            row = row[int(name)] if name.isdecimal() and int(name) < len(row) else None
        else:
            row = row.get(name) if isinstance(row, dict) else None
    return text(row)


def text(value: Any) -> str:
    return "" if value is None or isinstance(value, list | dict) else str(value).strip()


def read_number(value: Any) -> Decimal | None:
    try:
        found = Decimal(text(value)) if text(value) else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None


def read_moment(value: Any) -> datetime | None:
    """Of seconds since 1970; zero is none."""
    seconds = read_number(value)
    try:
        return datetime.fromtimestamp(int(seconds), UTC) if seconds else None
    except (OverflowError, OSError, ValueError):
        return None


def _company(row: Row, parents: Mapping[str, str]) -> tuple[str | None, str | None]:
    """A professional buys for itself, a person for the parent company, if there is one."""
    if is_professional(row):
        return text(row["id"]), text(row.get("name")) or None
    parent = text(row.get("parent"))
    return (parent, parents[parent]) if parent in parents else (None, None)


def _emails(rows: Sequence[Row]) -> tuple[Email, ...]:
    found = dict.fromkeys(text(row.get("email")).lower() for row in rows)
    return tuple(Email(one) for one in found if "@" in one)


def _phones(rows: Sequence[Row], country: str | None) -> tuple[Phone, ...]:
    """A contact's own country goes before the third party's."""
    found: dict[str, Phone] = {}
    for row in rows:
        land = find_country(text(row.get("country_code"))) or country
        for raw in (text(row.get(name)) for name in PHONES):
            phone = phones.parse(raw, country=land)
            if raw:
                found.setdefault(phone.e164 or raw, phone)
    return tuple(found.values())


def _consents(rows: Sequence[Row], stated: str) -> tuple[Consent, ...]:
    """Whoever takes no mass mailings takes no offers, whatever another field says."""
    if any(text(row.get("no_email")) == "1" for row in rows):
        return (Consent("offers", granted=False),)
    return (Consent("offers", granted=stated in YES),) if stated in YES | NO else ()


def _version(row: Row, mapped: Any) -> str:
    """Moments are whole seconds, and two changes may share one: the values tell them apart."""
    values = {name: read_value(row, name) for name in sorted({*READ, *mapped})}
    digest = sha256(json.dumps(values).encode()).hexdigest()[:16]
    return f"{text(row.get('date_modification'))} {digest}"


def _stock(row: Row) -> int | None:
    """Services have none; nor has what never moved, or (from 21 on) is said not to be stocked."""
    counted = text(row.get("type")) != SERVICE and text(row.get("stockable_product")) != "0"
    found = read_number(row.get("stock_reel"))
    return int(found) if counted and found is not None else None


def _some(got: Mapping[str, str], fields: Mapping[str, str], prefix: str) -> dict[str, str]:
    names = custom_names(fields, prefix)
    return {name: got[f"{prefix}{name}"] for name in names if f"{prefix}{name}" in got}
