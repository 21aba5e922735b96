"""Salesforce's rows as our records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit

from crm_adapters import phones
from crm_adapters.errors import VendorChanged
from crm_adapters.fieldmap import DECLARED, FieldMap, custom_names
from crm_adapters.locales import find_country, normalise_language
from crm_adapters.model import Case, Company, Consent, Customer, Email, Money, Phone, Product
from crm_adapters.vendors.salesforce.api import Row

CONTACT = {
    "given_name": "FirstName",
    "family_name": "LastName",
    "country": "MailingCountry",
    "company": "Account.Name",
}
"""Our names → Salesforce's own fields. It keeps no language of a contact."""
PHONES = ("MobilePhone", "Phone", "HomePhone", "OtherPhone")
CONTACT_KEYS = (
    "Id", "Name", "Email", *PHONES, "AccountId", "HasOptedOutOfEmail", "CreatedDate", "SystemModstamp",
    "IsDeleted", "MasterRecordId",
)  # fmt: skip
COMPANY = {
    "name": "Name",
    "domain": "Website",
    "country": "BillingCountry",
    "industry": "Industry",
    "employees": "NumberOfEmployees",
    "revenue": "AnnualRevenue",
}
PRODUCT = {"sku": "ProductCode", "name": "Name", "category": "Family", "description": "Description"}
PRODUCT_KEYS = ("Id", "IsActive", "SystemModstamp")
PRICE_KEYS = ("Id", "Product2Id", "UnitPrice", "IsActive")
CASE_KEYS = (
    "Id", "ContactId", "CaseNumber", "Subject", "Type", "IsClosed", "CreatedDate", "SystemModstamp",
)  # fmt: skip
CURRENCY = "CurrencyIsoCode"
"""There only in orgs of several currencies."""


@dataclass(frozen=True, slots=True)
class Fields:
    """Our names → Salesforce's fields, per object, and what its rows do not say."""

    contact: Mapping[str, str]
    company: Mapping[str, str]
    product: Mapping[str, str]
    currency: str
    """Of an org that has one only; empty where each amount names its own."""
    country: str | None
    """Where telephones are from that tell no country, of contacts who tell none."""
    complaint: str
    """The type of cases that are complaints."""

    @property
    def contact_names(self) -> list[str]:
        return [*dict.fromkeys([*CONTACT_KEYS, *self.contact.values()])]

    @property
    def product_names(self) -> list[str]:
        return [*dict.fromkeys([*PRODUCT_KEYS, *self.product.values()])]

    @property
    def money(self) -> tuple[str, ...]:
        """To be read wherever there are amounts."""
        return () if self.currency else (CURRENCY,)


def map_fields(found: FieldMap, *, currency: str, country: str | None, complaint: str) -> Fields:
    of = found.of
    return Fields(
        of("customer", CONTACT), of("company", COMPANY), of("product", PRODUCT), currency, country, complaint
    )


def to_customer(row: Row, fields: Fields) -> Customer:
    got = _read(row, fields.contact)
    land = find_country(got.get("country"))
    return Customer(
        ref=row["Id"],
        name=text(row, "Name") or " ".join(filter(None, (got.get("given_name"), got.get("family_name")))),
        given_name=got.get("given_name", ""),
        family_name=got.get("family_name", ""),
        emails=tuple(Email(one) for one in [text(row, "Email").strip().lower()] if "@" in one),
        phones=_phones(row, land or fields.country),
        language=normalise_language(got.get("language")),
        country=land,
        company=got.get("company"),
        company_ref=text(row, "AccountId") or None,
        register=got.get("register"),
        declared_ids=_some(got, custom_names(fields.contact, DECLARED), DECLARED),
        consents=_consents(row, got),
        custom=_some(got, custom_names(fields.contact), "crm."),
        created_at=moment(row, "CreatedDate"),
        updated_at=moment(row, "SystemModstamp"),
        version=text(row, "SystemModstamp") or None,
    )


def to_company(row: Row, fields: Fields) -> Company:
    got = _read(row, fields.company)
    employees, revenue = number(got.get("employees")), number(got.get("revenue"))
    return Company(
        ref=row["Id"],
        name=got.get("name", ""),
        domain=_domain(got.get("domain", "")),
        country=find_country(got.get("country")),
        industry=got.get("industry"),
        employees=None if employees is None else int(employees),
        revenue=None if revenue is None else Money(revenue, currency_of(row, fields)),
        custom=_some(got, custom_names(fields.company), "crm."),
        updated_at=moment(row, "SystemModstamp"),
    )


def to_product(row: Row, prices: Sequence[Row], fields: Fields) -> Product:
    got = _read(row, fields.product)
    tier = number(got.get("tier"))
    return Product(
        ref=row["Id"],
        sku=got.get("sku") or row["Id"],
        name=got.get("name") or row["Id"],
        family=got.get("family"),
        category=got.get("category"),
        tier=None if tier is None else int(tier),
        prices=_prices(prices, fields),
        active=bool(row.get("IsActive", True)),
        description=got.get("description", ""),
        updated_at=moment(row, "SystemModstamp"),
    )


def to_case(row: Row, fields: Fields) -> Case:
    opened = moment(row, "CreatedDate")
    if opened is None:
        raise VendorChanged("a case has no date")
    return Case(
        ref=row["Id"],
        customer_ref=text(row, "ContactId"),
        subject=text(row, "Subject") or text(row, "CaseNumber"),
        complaint=text(row, "Type").casefold() == fields.complaint.casefold(),
        open=not row.get("IsClosed"),
        opened_at=opened,
        updated_at=moment(row, "SystemModstamp"),
    )


def currency_of(row: Row, fields: Fields) -> str:
    found = fields.currency or text(row, CURRENCY)
    if not found:
        raise VendorChanged(
            "the org has one currency and does not tell which: name it in the setting `currency`"
        )
    return found.upper()


def text(row: Row, name: str) -> str:
    """Of a related record too, as `Account.Name`; empty where there is none."""
    relation, dot, rest = name.partition(".")
    held = row.get(relation)
    if dot:
        return text(held, rest) if isinstance(held, Mapping) else ""
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


def _prices(rows: Sequence[Row], fields: Fields) -> tuple[Money, ...]:
    """One per currency, the oldest entry's first."""
    found: dict[str, Money] = {}
    for row in rows:
        amount = number(row.get("UnitPrice"))
        if row.get("IsActive") and amount is not None and amount >= 0:
            currency = currency_of(row, fields)
            found.setdefault(currency, Money(amount, currency))
    return tuple(found.values())


def _read(row: Row, fields: Mapping[str, str]) -> dict[str, str]:
    """Our names → what is there; empty is not there."""
    found = {ours: text(row, theirs) for ours, theirs in fields.items()}
    return {ours: value for ours, value in found.items() if value}


def _some(got: Mapping[str, str], names: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {name: got[f"{prefix}{name}"] for name in names if f"{prefix}{name}" in got}


def _consents(row: Row, got: Mapping[str, str]) -> tuple[Consent, ...]:
    """A box that nobody ticked says nothing: who has not opted out of e-mail was perhaps never asked."""
    offers = got.get("offers_consent", "").lower()
    stated = [Consent("offers", granted=offers == "true")] if offers in {"true", "false"} else []
    objected = [Consent("email", granted=False)] if row.get("HasOptedOutOfEmail") is True else []
    return (*stated, *objected)


def _phones(row: Row, country: str | None) -> tuple[Phone, ...]:
    found = [text(row, name).strip() for name in PHONES]
    return tuple(phones.parse(one, country=country) for one in dict.fromkeys(found) if one)


def _domain(website: str) -> str | None:
    host = urlsplit(website if "//" in website else f"//{website}").hostname or ""
    return host.removeprefix("www.") or None
