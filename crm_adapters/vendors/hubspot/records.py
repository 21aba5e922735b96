"""HubSpot's rows as our records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

from crm_adapters import phones
from crm_adapters.errors import VendorChanged
from crm_adapters.fieldmap import DECLARED, FieldMap, custom_names
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
    Phone,
    Product,
)
from crm_adapters.vendors.hubspot.api import Row

CONTACT = {
    "given_name": "firstname",
    "family_name": "lastname",
    "language": "hs_language",
    "country": "country",
    "company": "company",
}
"""Our names → the properties that HubSpot made for it."""
CONTACT_KEYS = (
    "email", "hs_additional_emails", "phone", "mobilephone", "associatedcompanyid", "hs_merged_object_ids",
    "createdate", "lastmodifieddate",
)  # fmt: skip
COMPANY = {
    "name": "name",
    "domain": "domain",
    "country": "country",
    "industry": "industry",
    "employees": "numberofemployees",
    "revenue": "annualrevenue",
}
PRODUCT = {"sku": "hs_sku", "name": "name", "description": "description"}
PRODUCT_KEYS = ("price", "hs_lastmodifieddate")
DEAL_KEYS = (
    "dealname", "amount", "deal_currency_code", "dealstage", "closedate", "createdate", "hs_is_closed",
    "hs_is_closed_won", "hs_lastmodifieddate",
)  # fmt: skip
LINE_KEYS = ("name", "hs_product_id", "hs_sku", "quantity", "price", "hs_line_item_currency_code")
PLAIN = ("given_name", "family_name")


@dataclass(frozen=True, slots=True)
class Fields:
    """Our names → HubSpot's properties, per object."""

    contact: Mapping[str, str]
    company: Mapping[str, str]
    product: Mapping[str, str]

    @property
    def contact_properties(self) -> list[str]:
        return sorted({*CONTACT_KEYS, *self.contact.values()})


def map_fields(found: FieldMap) -> Fields:
    return Fields(found.of("customer", CONTACT), found.of("company", COMPANY), found.of("product", PRODUCT))


def to_customer(row: Row, fields: Fields, *, country: str | None) -> Customer:
    """`country`: where telephones are from that tell no country, of contacts who tell none."""
    got = _read(row, fields.contact)
    land = find_country(got.get("country"))
    full = " ".join(filter(None, (got.get(name, "") for name in PLAIN)))
    return Customer(
        ref=row["id"],
        name=full or _text(row, "email") or f"Contact {row['id']}",
        given_name=got.get("given_name", ""),
        family_name=got.get("family_name", ""),
        emails=_emails(row),
        phones=_phones(row, land or country),
        language=normalise_language(got.get("language")),
        country=land,
        company=got.get("company"),
        company_ref=_text(row, "associatedcompanyid") or None,
        register=got.get("register"),
        declared_ids=_some(got, custom_names(fields.contact, DECLARED), DECLARED),
        consents=_consents(got),
        custom=_some(got, custom_names(fields.contact), "crm."),
        created_at=_moment(_text(row, "createdate")),
        updated_at=_moment(_text(row, "lastmodifieddate")),
        version=_text(row, "lastmodifieddate") or None,
    )


def merged_into(row: Row) -> dict[str, str]:
    """Ids that this contact swallowed → its own."""
    gone = _text(row, "hs_merged_object_ids").split(";")
    return {one.strip(): row["id"] for one in gone if one.strip() and one.strip() != row["id"]}


def to_company(row: Row, fields: Fields, *, currency: str) -> Company:
    got = _read(row, fields.company)
    employees, revenue = _number(got.get("employees")), _number(got.get("revenue"))
    return Company(
        ref=row["id"],
        name=got.get("name", ""),
        domain=got.get("domain"),
        country=find_country(got.get("country")),
        industry=got.get("industry"),
        employees=None if employees is None else int(employees),
        revenue=None if revenue is None else Money(revenue, currency),
        custom=_some(got, custom_names(fields.company), "crm."),
    )


def to_product(row: Row, fields: Fields, *, currency: str) -> Product:
    got = _read(row, fields.product)
    price, tier = _number(_text(row, "price")), _number(got.get("tier"))
    return Product(
        ref=row["id"],
        sku=got.get("sku") or row["id"],
        name=got.get("name") or got.get("sku") or row["id"],
        family=got.get("family"),
        category=got.get("category"),
        tier=None if tier is None else int(tier),
        prices=() if price is None or price < 0 else (Money(price, currency),),
        active=not row.get("archived"),
        description=got.get("description", ""),
        updated_at=_moment(_text(row, "hs_lastmodifieddate")),
    )


def is_open(row: Row) -> bool:
    return _text(row, "hs_is_closed") != "true"


def to_order(row: Row, lines: Sequence[Row], *, customer_ref: str, currency: str) -> Order:
    """A deal. What is still open was placed when it was made; its close date is a hope."""
    made, closed = _moment(_text(row, "createdate")), _moment(_text(row, "closedate"))
    placed = (made if is_open(row) else closed) or made or read_moment(row.get("createdAt"))
    if placed is None:
        raise VendorChanged("a deal has no date")
    return Order(
        ref=row["id"],
        customer_ref=customer_ref,
        placed_at=placed,
        status=_status(row),
        lines=to_lines(row, lines, currency=currency),
        raw_status=_text(row, "dealstage"),
        updated_at=_moment(_text(row, "hs_lastmodifieddate")),
    )


def to_open_deal(row: Row, lines: Sequence[Row], *, customer_ref: str, currency: str) -> OpenDeal:
    amount = _number(_text(row, "amount"))
    return OpenDeal(
        ref=row["id"],
        kind=DealKind.DEAL,
        name=_text(row, "dealname"),
        customer_ref=customer_ref,
        stage=_text(row, "dealstage"),
        amount=None if amount is None else Money(amount, _text(row, "deal_currency_code") or currency),
        lines=to_lines(row, lines, currency=currency),
        updated_at=_moment(_text(row, "hs_lastmodifieddate")),
    )


def to_lines(deal: Row, rows: Sequence[Row], *, currency: str) -> tuple[OrderLine, ...]:
    usual = _text(deal, "deal_currency_code") or currency
    return tuple(_line(row, usual) for row in rows)


def _line(row: Row, currency: str) -> OrderLine:
    price, quantity = _number(_text(row, "price")), _number(_text(row, "quantity"))
    money = None if price is None else Money(price, _text(row, "hs_line_item_currency_code") or currency)
    return OrderLine(
        ref=row["id"],
        product_ref=_text(row, "hs_product_id") or None,
        name=_text(row, "name"),
        quantity=Decimal(1) if quantity is None else quantity,
        unit_price=money,
    )


def _status(row: Row) -> OrderStatus:
    if is_open(row):
        return OrderStatus.OPEN
    return OrderStatus.WON if _text(row, "hs_is_closed_won") == "true" else OrderStatus.CANCELLED


def _read(row: Row, fields: Mapping[str, str]) -> dict[str, str]:
    """Our names → what is there; empty is not there."""
    found = {ours: _text(row, theirs) for ours, theirs in fields.items()}
    return {ours: text for ours, text in found.items() if text}


def _some(got: Mapping[str, str], names: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {name: got[f"{prefix}{name}"] for name in names if f"{prefix}{name}" in got}


def _consents(got: Mapping[str, str]) -> tuple[Consent, ...]:
    offers = got.get("offers_consent", "").lower()
    return (Consent("offers", granted=offers == "true"),) if offers in {"true", "false"} else ()


def _emails(row: Row) -> tuple[Email, ...]:
    found = [_text(row, "email"), *_text(row, "hs_additional_emails").split(";")]
    return tuple(Email(one) for one in dict.fromkeys(one.strip().lower() for one in found) if "@" in one)


def _phones(row: Row, country: str | None) -> tuple[Phone, ...]:
    found = [_text(row, name).strip() for name in ("phone", "mobilephone")]
    return tuple(phones.parse(one, country=country) for one in dict.fromkeys(found) if one)


def _text(row: Row, name: str) -> str:
    return str(row["properties"].get(name) or "")


def _number(text: str | None) -> Decimal | None:
    try:
        found = Decimal(text) if text else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None


def read_moment(value: object) -> datetime | None:
    return _moment(str(value or ""))


def _moment(text: str) -> datetime | None:
    """An instant, or milliseconds since 1970; a date alone is the start of its day."""
    try:
        found = (
            datetime.fromtimestamp(int(text) / 1000, UTC)
            if text.isdecimal()
            else datetime.fromisoformat(text)
        )
    except (ValueError, OverflowError):
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
