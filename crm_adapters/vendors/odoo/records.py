"""Odoo's rows as our records."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from crm_adapters import phones
from crm_adapters.errors import VendorChanged
from crm_adapters.fieldmap import DECLARED, FieldMap, custom_names
from crm_adapters.locales import find_country, normalise_language
from crm_adapters.model import Company, Consent, Customer, Email, Money, Phone, Product
from crm_adapters.vendors.odoo.api import STAMP, Row

PARTNER = "res.partner"
PRODUCT = "product.product"
TEMPLATE = "product.template"
CUSTOMER_FIELDS = {"name": "name", "language": "lang", "country": "country_id"}
"""Our names → Odoo's."""
COMPANY_FIELDS = {
    "name": "name",
    "domain": "website",
    "country": "country_id",
    "industry": "industry_id",
}
PRODUCT_FIELDS = {"category": "categ_id", "description": "description_sale"}
PARTNER_KEYS = (
    "email", "phone", "mobile", "country_code", "is_company", "commercial_partner_id", "company_name",
    "is_blacklisted", "active", "create_date", "write_date",
)  # fmt: skip
PRODUCT_KEYS = (
    "display_name", "default_code", "lst_price", "currency_id", "active", "sale_ok", "product_tmpl_id",
    "product_variant_count", "qty_available", "is_storable", "type", "write_date",
)  # fmt: skip
TEMPLATE_KEYS = ("optional_product_ids", "accessory_product_ids", "alternative_product_ids")
EVERYTHING = "All"
"""The category above all others, which says nothing."""
GRANTED, OBJECTED = frozenset({"true", "granted", "yes"}), frozenset({"false", "objected", "no"})


@dataclass(frozen=True, slots=True)
class Fields:
    """Our names → Odoo's fields, per kind of record."""

    customer: Mapping[str, str]
    company: Mapping[str, str]
    product: Mapping[str, str]

    @property
    def of_partner(self) -> list[str]:
        return sorted({*PARTNER_KEYS, *self.customer.values()})

    @property
    def of_company(self) -> list[str]:
        return sorted({*PARTNER_KEYS, *self.company.values()})

    @property
    def of_product(self) -> list[str]:
        return sorted({*PRODUCT_KEYS, *self.product.values()})


def map_fields(found: FieldMap) -> Fields:
    return Fields(
        found.of("customer", CUSTOMER_FIELDS),
        found.of("company", COMPANY_FIELDS),
        found.of("product", PRODUCT_FIELDS),
    )


def to_customer(row: Row, fields: Fields, *, country: str | None) -> Customer:
    """A person, or a company that buys itself. `country`: where telephones are from of those who tell none."""
    got = _read(row, fields.customer)
    land = _country(row, got)
    company = row.get("commercial_partner_id")
    parent = company[0] if company and company[0] != row["id"] else None
    return Customer(
        ref=str(row["id"]),
        name=got.get("name") or text(row.get("email")) or f"Partner {row['id']}",
        given_name=got.get("given_name", ""),
        family_name=got.get("family_name", ""),
        emails=_emails(row),
        phones=_phones(row, land or country),
        language=normalise_language(got.get("language")),
        country=land,
        company=(text(company) if parent else text(row.get("company_name"))) or None,
        company_ref=str(parent) if parent else None,
        register=got.get("register"),
        declared_ids=_some(got, custom_names(fields.customer, DECLARED), DECLARED),
        consents=_consents(row, got),
        custom=_some(got, custom_names(fields.customer), "crm."),
        created_at=read_moment(row.get("create_date")),
        updated_at=read_moment(row.get("write_date")),
        version=_version(row),
    )


def to_company(row: Row, fields: Fields) -> Company:
    got = _read(row, fields.company)
    website = got.get("domain", "")
    host = urlsplit(website if "//" in website else f"//{website}").hostname
    return Company(
        ref=str(row["id"]),
        name=got.get("name", ""),
        domain=host.removeprefix("www.") if host else None,
        country=_country(row, got),
        industry=got.get("industry"),
        custom=_some(got, custom_names(fields.company), "crm."),
        updated_at=read_moment(row.get("write_date")),
    )


def to_product(row: Row, fields: Fields) -> Product:
    """A price of zero is one that nobody has entered: Odoo has no other way of saying so."""
    got = _read(row, fields.product)
    code, price = text(row.get("default_code")), read_number(row.get("lst_price"))
    tier = read_number(got.get("tier"))
    return Product(
        ref=str(row["id"]),
        sku=got.get("sku") or code or str(row["id"]),
        name=text(row.get("display_name")).removeprefix(f"[{code}] ") or code or str(row["id"]),
        family=got.get("family") or _template(row),
        category=_category(got.get("category", "")),
        tier=None if tier is None else int(tier),
        prices=(Money(price, currency(row)),) if price else (),
        active=bool(row.get("active")) and bool(row.get("sale_ok")),
        stock=_stock(row),
        description=got.get("description", ""),
        updated_at=read_moment(row.get("write_date")),
    )


def currency(row: Row) -> str:
    """Odoo names currencies by their codes."""
    code = text(row.get("currency_id")).upper()
    if len(code) != 3:
        raise VendorChanged("an amount has no currency")
    return code


def text(value: Any) -> str:
    """What a person would read; of several records nothing, for they are numbers only."""
    if isinstance(value, bool):
        return "true" if value else ""
    if isinstance(value, list):
        return str(value[1]) if len(value) == 2 and isinstance(value[1], str) else ""
    return str(value).strip() if value is not None else ""


def read_number(value: Any) -> Decimal | None:
    """As written: a float's digits, not its binary neighbour."""
    if isinstance(value, bool) or value is None or value == "":
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def read_moment(value: Any) -> datetime | None:
    """Without a zone, and meant as UTC."""
    try:
        return datetime.strptime(str(value)[:19], STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def _read(row: Row, fields: Mapping[str, str]) -> dict[str, str]:
    """Our names → what is there."""
    found = {ours: text(row.get(theirs)) for ours, theirs in fields.items()}
    return {ours: value for ours, value in found.items() if value}


def _some(got: Mapping[str, str], names: Sequence[str] | Mapping[str, str], prefix: str) -> dict[str, str]:
    return {name: got[f"{prefix}{name}"] for name in names if f"{prefix}{name}" in got}


def _country(row: Row, got: Mapping[str, str]) -> str | None:
    """By name where the server is too old to tell the code."""
    return find_country(text(row.get("country_code"))) or find_country(got.get("country"))


def _consents(row: Row, got: Mapping[str, str]) -> tuple[Consent, ...]:
    """Whoever is on the list of those who take no mailings takes no offers, whatever another field says."""
    offers = got.get("offers_consent", "").lower()
    if row.get("is_blacklisted") or offers in OBJECTED:
        return (Consent("offers", granted=False),)
    return (Consent("offers", granted=True),) if offers in GRANTED else ()


def _emails(row: Row) -> tuple[Email, ...]:
    """The field takes several, and names before them."""
    parts = text(row.get("email")).replace(";", ",").replace("\n", ",").split(",")
    found = (part.rpartition("<")[2].partition(">")[0].strip().lower() for part in parts)
    return tuple(Email(one) for one in dict.fromkeys(found) if "@" in one)


def _phones(row: Row, country: str | None) -> tuple[Phone, ...]:
    found = [text(row.get(name)) for name in ("phone", "mobile")]
    return tuple(phones.parse(one, country=country) for one in dict.fromkeys(found) if one)


def _version(row: Row) -> str:
    """Moments are cut to seconds, and two changes may share one: the values tell them apart."""
    digest = sha256(json.dumps(row, sort_keys=True).encode()).hexdigest()[:16]
    return f"{row.get('write_date')} {digest}"


def _template(row: Row) -> str | None:
    """Variants of one template stand in for one another."""
    several = (read_number(row.get("product_variant_count")) or 0) > 1
    return text(row.get("product_tmpl_id")) or None if several else None


def _category(path: str) -> str | None:
    return path.removeprefix(f"{EVERYTHING} / ") if path not in {"", EVERYTHING} else None


def _stock(row: Row) -> int | None:
    """`is_storable` from 18 on, a type of its own before."""
    stored = row["is_storable"] if "is_storable" in row else row.get("type") == "product"
    held = read_number(row.get("qty_available"))
    return int(held) if stored and held is not None else None
