"""Zoho's rows as our records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from crm_adapters import phones
from crm_adapters.errors import VendorChanged
from crm_adapters.fieldmap import CUSTOM, DECLARED, FieldMap, custom_names
from crm_adapters.locales import find_country, normalise_language
from crm_adapters.model import (
    Company,
    Consent,
    Customer,
    DealKind,
    Email,
    Money,
    OpenDeal,
    Order,
    OrderLine,
    OrderStatus,
    Product,
)
from crm_adapters.vendors.zoho.api import Row, link_of

CONTACT = {"given_name": "First_Name", "family_name": "Last_Name", "country": "Mailing_Country"}
"""Our names → the fields that Zoho made for it."""
CONTACT_KEYS = (
    "id", "Full_Name", "Email", "Secondary_Email", "Phone", "Mobile", "Account_Name", "Email_Opt_Out",
    "Created_Time", "Modified_Time",
)  # fmt: skip
COMPANY = {
    "name": "Account_Name",
    "domain": "Website",
    "country": "Billing_Country",
    "industry": "Industry",
    "employees": "Employees",
    "revenue": "Annual_Revenue",
}
PRODUCT = {
    "sku": "Product_Code",
    "name": "Product_Name",
    "category": "Product_Category",
    "description": "Description",
}
PRODUCT_KEYS = ("id", "Unit_Price", "Product_Active", "Qty_in_Stock", "Modified_Time")
ORDER_KEYS = ("id", "Subject", "Status", "Contact_Name", "Created_Time", "Modified_Time")
LINE_KEYS = (
    "id",
    "Product_Name",
    "Product_Name.Product_Name",
    "Description",
    "Quantity",
    "List_Price",
    "Parent_Id",
)
STATUSES = {
    "Created": OrderStatus.OPEN,
    "Approved": OrderStatus.WON,
    "Delivered": OrderStatus.WON,
    "Cancelled": OrderStatus.CANCELLED,
}
"""As Zoho sets an organisation up."""


@dataclass(frozen=True, slots=True)
class Fields:
    """Our names → Zoho's fields, per module."""

    contact: Mapping[str, str]
    company: Mapping[str, str]
    product: Mapping[str, str]
    placed: str
    """The field that tells when an order was placed."""

    @property
    def contact_fields(self) -> list[str]:
        return sorted({*CONTACT_KEYS, *self.contact.values()})

    @property
    def product_fields(self) -> list[str]:
        return sorted({*PRODUCT_KEYS, *self.product.values()})


def map_fields(found: FieldMap) -> Fields:
    placed = found.of("order", {"placed_at": "Created_Time"})["placed_at"]
    return Fields(
        found.of("customer", CONTACT), found.of("company", COMPANY), found.of("product", PRODUCT), placed
    )


def to_customer(row: Row, company: str | None, fields: Fields, *, country: str | None) -> Customer:
    """`country`: where telephones are from that tell no country, of contacts who tell none."""
    got = _read(row, fields.contact)
    land = find_country(got.get("country"))
    emails = [_text(row, name).lower() for name in ("Email", "Secondary_Email")]
    written = [text for name in ("Phone", "Mobile") if (text := _text(row, name))]
    return Customer(
        ref=row["id"],
        name=_text(row, "Full_Name") or f"Contact {row['id']}",
        given_name=got.get("given_name", ""),
        family_name=got.get("family_name", ""),
        emails=tuple(Email(one) for one in dict.fromkeys(emails) if "@" in one),
        phones=tuple(phones.parse(one, country=land or country) for one in dict.fromkeys(written)),
        language=normalise_language(got.get("language")),
        country=land,
        company=company,
        company_ref=link_of(row.get("Account_Name")),
        register=got.get("register"),
        declared_ids=_some(got, fields.contact, DECLARED),
        consents=_consents(row, got),
        custom=_some(got, fields.contact, CUSTOM),
        created_at=read_moment(row.get("Created_Time")),
        updated_at=read_moment(row.get("Modified_Time")),
        version=_text(row, "Modified_Time") or None,
    )


def to_company(row: Row, fields: Fields, *, currency: str) -> Company:
    got = _read(row, fields.company)
    employees, revenue = number_of(got.get("employees")), number_of(got.get("revenue"))
    return Company(
        ref=row["id"],
        name=got.get("name", ""),
        domain=got.get("domain"),
        country=find_country(got.get("country")),
        industry=got.get("industry"),
        employees=None if employees is None else int(employees),
        revenue=None if revenue is None else Money(revenue, currency),
        custom=_some(got, fields.company, CUSTOM),
        updated_at=read_moment(row.get("Modified_Time")),
    )


def to_product(row: Row, fields: Fields, *, currency: str) -> Product:
    got = _read(row, fields.product)
    price, stock = number_of(row.get("Unit_Price")), number_of(row.get("Qty_in_Stock"))
    tier = number_of(got.get("tier"))
    return Product(
        ref=row["id"],
        sku=got.get("sku") or row["id"],
        name=got.get("name") or got.get("sku") or row["id"],
        family=got.get("family"),
        category=got.get("category"),
        tier=None if tier is None else int(tier),
        prices=() if price is None or price < 0 else (Money(price, currency),),
        active=row.get("Product_Active") is not False,
        stock=None if stock is None else int(stock),
        description=got.get("description", ""),
        updated_at=read_moment(row.get("Modified_Time")),
    )


def to_order(
    row: Row, lines: Sequence[Row], statuses: Mapping[str, OrderStatus], *, placed: str, currency: str
) -> Order:
    at = read_moment(row.get(placed)) or read_moment(row.get("Created_Time"))
    if at is None:
        raise VendorChanged("an order has no date")
    raw = _text(row, "Status")
    return Order(
        ref=row["id"],
        customer_ref=link_of(row.get("Contact_Name")) or "",
        placed_at=at,
        status=statuses.get(raw, OrderStatus.UNKNOWN),
        lines=to_lines(row, lines, currency=currency),
        number=_text(row, "Subject"),
        raw_status=raw,
        updated_at=read_moment(row.get("Modified_Time")),
    )


def to_open_quote(row: Row, lines: Sequence[Row], *, currency: str) -> OpenDeal:
    amount = number_of(row.get("Grand_Total"))
    return OpenDeal(
        ref=row["id"],
        kind=DealKind.QUOTE,
        name=_text(row, "Subject"),
        customer_ref=link_of(row.get("Contact_Name")) or "",
        stage=_text(row, "Quote_Stage"),
        amount=None if amount is None else Money(amount, currency_of(row, currency)),
        lines=to_lines(row, lines, currency=currency),
        updated_at=read_moment(row.get("Modified_Time")),
    )


def to_lines(parent: Row, lines: Sequence[Row], *, currency: str) -> tuple[OrderLine, ...]:
    return tuple(_line(line, currency_of(parent, currency)) for line in lines)


def currency_of(row: Row, currency: str) -> str:
    return (_text(row, "Currency") or currency).upper()


def _line(line: Row, currency: str) -> OrderLine:
    """Of a product that is not there any more only the description is left."""
    quantity, price = number_of(line.get("Quantity")), number_of(line.get("List_Price"))
    return OrderLine(
        ref=line["id"],
        product_ref=link_of(line.get("Product_Name")),
        name=_text(line, "Product_Name.Product_Name") or _text(line, "Description"),
        quantity=Decimal(1) if quantity is None else quantity,
        unit_price=None if price is None else Money(price, currency),
    )


def number_of(value: object) -> Decimal | None:
    """By its text: the shortest that means the same binary fraction."""
    try:
        found = Decimal(str(value)) if value not in {None, ""} else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None


def read_moment(value: object) -> datetime | None:
    """With Zoho's offset; a date alone is the start of its day."""
    try:
        found = datetime.fromisoformat(str(value or ""))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _text(row: Row, name: str) -> str:
    value = row.get(name)
    return "" if value is None else str(value).strip()


def _read(row: Row, names: Mapping[str, str]) -> dict[str, str]:
    """Our names → what is there; empty is not there."""
    found = {ours: _show(row.get(theirs)) for ours, theirs in names.items()}
    return {ours: text for ours, text in found.items() if text}


def _show(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(map(_show, value))
    if isinstance(value, Mapping):
        return _show(value.get("name"))
    return "" if value is None else str(value).strip()


def _some(got: Mapping[str, str], names: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {name: got[f"{prefix}{name}"] for name in custom_names(names, prefix) if f"{prefix}{name}" in got}


def _consents(row: Row, got: Mapping[str, str]) -> tuple[Consent, ...]:
    """Zoho's own field holds only that somebody does not want to be written to."""
    offers = got.get("offers_consent", "").lower()
    found = (Consent("offers", granted=offers == "true"),) if offers in {"true", "false"} else ()
    return (*found, Consent("email", granted=False)) if row.get("Email_Opt_Out") is True else found
