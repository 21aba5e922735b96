"""Dynamics 365's rows as our records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit

from crm_adapters import phones
from crm_adapters.errors import VendorChanged
from crm_adapters.fieldmap import DECLARED, FieldMap, custom_names
from crm_adapters.locales import find_country, normalise_language
from crm_adapters.model import Company, Consent, Customer, Email, Money, Phone, Product
from crm_adapters.vendors.dynamics365.api import Row

LABEL = "@OData.Community.Display.V1.FormattedValue"
TARGET = "@Microsoft.Dynamics.CRM.lookuplogicalname"
PARENT, CURRENCY = "_parentcustomerid_value", "_transactioncurrencyid_value"
CONTACT = {
    "given_name": "firstname",
    "family_name": "lastname",
    "country": "address1_country",
    "company": PARENT,
}
"""Our names → the columns that every environment has. None is a contact's language."""
EMAILS = ("emailaddress1", "emailaddress2", "emailaddress3")
PHONES = ("mobilephone", "telephone1", "telephone2", "telephone3")
CONTACT_KEYS = (
    "contactid", "fullname", *EMAILS, *PHONES, PARENT, "createdon", "modifiedon", "statecode", "merged",
    "_masterid_value",
)  # fmt: skip
COMPANY = {
    "name": "name",
    "domain": "websiteurl",
    "country": "address1_country",
    "industry": "industrycode",
    "employees": "numberofemployees",
    "revenue": "revenue",
}
PRODUCT = {
    "sku": "productnumber",
    "name": "name",
    "family": "_parentproductid_value",
    "description": "description",
}
PRODUCT_KEYS = (
    "productid", "price", "statecode", "productstructure", "_pricelevelid_value", CURRENCY, "modifiedon",
)  # fmt: skip
PRICE_KEYS = ("productpricelevelid", "amount", "_productid_value", "_pricelevelid_value", CURRENCY)
FAMILY = 2
"""A product structure: it holds products, and is not sold."""
ACTIVE = 0


@dataclass(frozen=True, slots=True)
class Fields:
    """Our names → the columns, per table, and what its rows do not say."""

    contact: Mapping[str, str]
    company: Mapping[str, str]
    product: Mapping[str, str]
    country: str | None
    """Where telephones are from that tell no country, of contacts who tell none."""

    @property
    def contact_columns(self) -> list[str]:
        return [*dict.fromkeys([*CONTACT_KEYS, *self.contact.values()])]

    @property
    def company_columns(self) -> list[str]:
        return [*dict.fromkeys(["accountid", CURRENCY, "modifiedon", *self.company.values()])]

    @property
    def product_columns(self) -> list[str]:
        return [*dict.fromkeys([*PRODUCT_KEYS, *self.product.values()])]


def map_fields(found: FieldMap, *, country: str | None) -> Fields:
    of = found.of
    return Fields(of("customer", CONTACT), of("company", COMPANY), of("product", PRODUCT), country)


def to_customer(row: Row, fields: Fields) -> Customer:
    got = _read(row, fields.contact)
    land = find_country(got.get("country"))
    of_account = row.get(f"{PARENT}{TARGET}") == "account"
    full = " ".join(filter(None, (got.get("given_name"), got.get("family_name"))))
    return Customer(
        ref=row["contactid"],
        name=text(row, "fullname") or full or f"Contact {row['contactid']}",
        given_name=got.get("given_name", ""),
        family_name=got.get("family_name", ""),
        emails=_emails(row),
        phones=_phones(row, land or fields.country),
        language=normalise_language(got.get("language")),
        country=land,
        company=got.get("company") if of_account else None,
        company_ref=text(row, PARENT) if of_account else None,
        register=got.get("register"),
        declared_ids=_some(got, custom_names(fields.contact, DECLARED), DECLARED),
        consents=_consents(got),
        custom=_some(got, custom_names(fields.contact), "crm."),
        created_at=moment(row, "createdon"),
        updated_at=moment(row, "modifiedon"),
        version=text(row, "@odata.etag") or None,
    )


def merged_into(row: Row) -> str | None:
    return text(row, "_masterid_value") or None if row.get("merged") is True else None


def to_company(row: Row, fields: Fields, currencies: Mapping[str, str]) -> Company:
    got = _read(row, fields.company)
    employees, revenue = (
        number(row.get("numberofemployees")),
        number(row.get(fields.company.get("revenue", ""))),
    )
    return Company(
        ref=row["accountid"],
        name=got.get("name", ""),
        domain=_domain(got.get("domain", "")),
        country=find_country(got.get("country")),
        industry=got.get("industry"),
        employees=None if employees is None else int(employees),
        revenue=None if revenue is None else Money(revenue, currency_of(row, currencies)),
        custom=_some(got, custom_names(fields.company), "crm."),
        updated_at=moment(row, "modifiedon"),
    )


def to_product(row: Row, prices: Sequence[Row], fields: Fields, currencies: Mapping[str, str]) -> Product:
    got = _read(row, fields.product)
    tier = number(got.get("tier"))
    return Product(
        ref=row["productid"],
        sku=got.get("sku") or row["productid"],
        name=got.get("name") or row["productid"],
        family=got.get("family"),
        category=got.get("category"),
        tier=None if tier is None else int(tier),
        prices=_prices(row, prices, currencies),
        active=row.get("statecode") == ACTIVE,
        description=got.get("description", ""),
        updated_at=moment(row, "modifiedon"),
    )


def currency_of(row: Row, currencies: Mapping[str, str]) -> str:
    """`currencies`: ids → ISO codes."""
    found = currencies.get(text(row, CURRENCY))
    if found is None:
        raise VendorChanged("an amount names no currency")
    return found


def text(row: Row, name: str) -> str:
    """Empty where there is nothing."""
    held = row.get(name)
    return "" if held is None else str(held)


def number(value: object) -> Decimal | None:
    try:
        found = None if value in {None, ""} else Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None


def moment(row: Row, name: str) -> datetime | None:
    """An instant; a date alone is the start of its day."""
    try:
        found = datetime.fromisoformat(text(row, name))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _prices(row: Row, prices: Sequence[Row], currencies: Mapping[str, str]) -> tuple[Money, ...]:
    """One per currency: of the product's own price list, else of another; without any, its own price."""
    usual = text(row, "_pricelevelid_value")
    ordered = sorted(prices, key=lambda price: text(price, "_pricelevelid_value") != usual)
    found: dict[str, Money] = {}
    for price in [*((one, "amount") for one in ordered), *(() if prices else ((row, "price"),))]:
        amount = number(price[0].get(price[1]))
        if amount is not None and amount >= 0:
            currency = currency_of(price[0], currencies)
            found.setdefault(currency, Money(amount, currency))
    return tuple(found.values())


def _read(row: Row, fields: Mapping[str, str]) -> dict[str, str]:
    """Our names → what is there, by its label where it has one; empty is not there."""
    found = {ours: text(row, f"{theirs}{LABEL}") or text(row, theirs) for ours, theirs in fields.items()}
    return {ours: value for ours, value in found.items() if value}


def _some(got: Mapping[str, str], names: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {name: got[f"{prefix}{name}"] for name in names if f"{prefix}{name}" in got}


def _consents(got: Mapping[str, str]) -> tuple[Consent, ...]:
    offers = got.get("offers_consent", "").lower()
    return (Consent("offers", granted=offers == "true"),) if offers in {"true", "false"} else ()


def _emails(row: Row) -> tuple[Email, ...]:
    found = [text(row, name).strip().lower() for name in EMAILS]
    return tuple(Email(one) for one in dict.fromkeys(found) if "@" in one)


def _phones(row: Row, country: str | None) -> tuple[Phone, ...]:
    found = [text(row, name).strip() for name in PHONES]
    return tuple(phones.parse(one, country=country) for one in dict.fromkeys(found) if one)


def _domain(website: str) -> str | None:
    host = urlsplit(website if "//" in website else f"//{website}").hostname or ""
    return host.removeprefix("www.") or None
