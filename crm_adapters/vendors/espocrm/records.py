"""EspoCRM's rows as our records."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlsplit

from crm_adapters import phones
from crm_adapters.errors import VendorChanged
from crm_adapters.fieldmap import CUSTOM, DECLARED, FieldMap, custom_names
from crm_adapters.locales import find_country, normalise_language
from crm_adapters.model import Case, Company, Consent, Customer, Email, Money, Product
from crm_adapters.vendors.espocrm.api import STAMP, Row

CONTACT = {"given_name": "firstName", "family_name": "lastName", "country": "addressCountry"}
"""Our names → EspoCRM's own attributes."""
COMPANY = {"name": "name", "domain": "website", "country": "billingAddressCountry", "industry": "industry"}
PRODUCT = {"sku": "partNumber", "name": "name", "category": "categoryName", "description": "description"}
PRICES = ("unitPrice", "listPrice")
INACTIVE = frozenset({"not available", "unavailable", "discontinued", "inactive", "archived"})
TEMPLATE = "Template"
"""Of the variants that are sold, and not sold itself."""
YES, NO = frozenset({"yes", "true", "1", "sim", "sí", "si"}), frozenset({"no", "false", "0", "não", "nao"})


@dataclass(frozen=True, slots=True)
class Fields:
    """Our names → EspoCRM's attributes, per kind. A link is two attributes, as `accountId` and `accountName`."""

    contact: Mapping[str, str]
    company: Mapping[str, str]
    product: Mapping[str, str]
    order: Mapping[str, str]
    deal: Mapping[str, str]
    line: Mapping[str, str]


def map_fields(found: FieldMap) -> Fields:
    return Fields(
        contact=found.of("customer", CONTACT),
        company=found.of("company", COMPANY),
        product=found.of("product", PRODUCT),
        order=found.of("order", {}),
        deal=found.of("deal", {}),
        line=found.of("line", {}),
    )


def to_customer(row: Row, fields: Fields, *, country: str | None) -> Customer:
    """`country`: where telephones are from that tell no country, of contacts who tell none."""
    got = _read(row, fields.contact)
    land = find_country(got.get("country"))
    return Customer(
        ref=row["id"],
        name=text_of(row, "name") or f"Contact {row['id']}",
        given_name=got.get("given_name", ""),
        family_name=got.get("family_name", ""),
        emails=tuple(Email(one.lower()) for one in _written(row, "emailAddress") if "@" in one),
        phones=tuple(phones.parse(one, country=land or country) for one in _written(row, "phoneNumber")),
        language=normalise_language(got.get("language")),
        country=land,
        company=text_of(row, "accountName") or None,
        company_ref=text_of(row, "accountId") or None,
        register=got.get("register"),
        declared_ids=_some(got, fields.contact, DECLARED),
        consents=_consents(row, got),
        custom=_some(got, fields.contact, CUSTOM),
        created_at=moment_of(row.get("createdAt")),
        updated_at=moment_of(row.get(STAMP)),
        version=version_of(row),
    )


def version_of(row: Row) -> str | None:
    """A number where an admin has switched optimistic concurrency control on; elsewhere a stamp of whole seconds."""
    number = row.get("versionNumber")
    return str(number) if isinstance(number, int) else text_of(row, STAMP) or None


def to_company(row: Row, fields: Fields) -> Company:
    got = _read(row, fields.company)
    employees = number_of(got.get("employees"))
    return Company(
        ref=row["id"],
        name=got.get("name", ""),
        domain=_domain(got.get("domain", "")),
        country=find_country(got.get("country")),
        industry=got.get("industry"),
        employees=None if employees is None else int(employees),
        revenue=money_of(row, fields.company.get("revenue", "")),
        custom=_some(got, fields.company, CUSTOM),
        updated_at=moment_of(row.get(STAMP)),
    )


def to_product(row: Row, fields: Fields) -> Product:
    got = _read(row, fields.product)
    tier, stock = number_of(got.get("tier")), number_of(got.get("stock"))
    return Product(
        ref=row["id"],
        sku=got.get("sku") or row["id"],
        name=got.get("name") or got.get("sku") or row["id"],
        family=got.get("family"),
        category=got.get("category"),
        tier=None if tier is None else int(tier),
        prices=price_of(row),
        active=text_of(row, "status").casefold() not in INACTIVE and row.get("type") != TEMPLATE,
        stock=None if stock is None else int(stock),
        description=got.get("description", ""),
        updated_at=moment_of(row.get(STAMP)),
    )


def price_of(product: Row) -> tuple[Money, ...]:
    """The product's own, which it has where price books are not all that is used; a price book's is not read."""
    found = (money_of(product, name) for name in PRICES)
    return tuple(price for price in found if price and price.amount >= 0)[:1]


def to_case(row: Row, *, complaint: str, closed: Collection[str]) -> Case:
    opened = moment_of(row.get("createdAt"))
    if opened is None:
        raise VendorChanged("a case has no date")
    return Case(
        ref=row["id"],
        customer_ref=text_of(row, "contactId"),
        subject=text_of(row, "name"),
        complaint=text_of(row, "type").casefold() == complaint.casefold(),
        open=text_of(row, "status") not in closed,
        opened_at=opened,
        updated_at=moment_of(row.get(STAMP)),
    )


def money_of(row: Row, name: str) -> Money | None:
    """Of an attribute of money, whose currency is the one beside it."""
    amount, currency = number_of(row.get(name)), text_of(row, f"{name}Currency").upper()
    return Money(amount, currency) if amount is not None and len(currency) == 3 else None


def number_of(value: object) -> Decimal | None:
    """Of a number, or of a text where amounts are kept as decimals."""
    try:
        found = Decimal(str(value)) if value not in {None, ""} else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None


def moment_of(value: object) -> datetime | None:
    """All are in UTC and do not say so; a date alone is the start of its day."""
    try:
        found = datetime.fromisoformat(str(value or ""))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def text_of(row: Row, name: str) -> str:
    return show_value(row.get(name))


def show_value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(map(show_value, value))
    return "" if value is None or isinstance(value, Mapping) else str(value).strip()


def _written(row: Row, name: str) -> list[str]:
    """Addresses or telephones, the main one first. What is marked as invalid reaches nobody."""
    listed = row.get(f"{name}Data")
    if not isinstance(listed, list):
        found = "" if row.get(f"{name}IsInvalid") is True else text_of(row, name)
        return [found] if found else []
    good = [one for one in listed if isinstance(one, Mapping) and one.get("invalid") is not True]
    ordered = sorted(good, key=lambda one: one.get("primary") is not True)
    return list(dict.fromkeys(filter(None, (text_of(one, name) for one in ordered))))


def _domain(website: str) -> str | None:
    written = website.strip().lower()
    host = urlsplit(written if "//" in written else f"//{written}").hostname if written else None
    return host.removeprefix("www.") if host else None


def _read(row: Row, names: Mapping[str, str]) -> dict[str, str]:
    """Our names → what is there; empty is not there."""
    found = {ours: text_of(row, theirs) for ours, theirs in names.items()}
    return {ours: text for ours, text in found.items() if text}


def _some(got: Mapping[str, str], names: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {name: got[f"{prefix}{name}"] for name in custom_names(names, prefix) if f"{prefix}{name}" in got}


def _consents(row: Row, got: Mapping[str, str]) -> tuple[Consent, ...]:
    """EspoCRM's own fields hold only that somebody does not want to be written to, or called."""
    offers = got.get("offers_consent", "").casefold()
    found = [Consent("offers", granted=offers in YES)] if offers in YES | NO else []
    refused: Sequence[tuple[str, str]] = (("emailAddressIsOptedOut", "email"), ("doNotCall", "phone"))
    return (*found, *(Consent(what, granted=False) for name, what in refused if row.get(name) is True))
