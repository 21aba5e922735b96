"""Pipedrive's rows as our records."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from crm_adapters import phones
from crm_adapters.errors import VendorChanged
from crm_adapters.fieldmap import CUSTOM, DECLARED, custom_names
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
from crm_adapters.vendors.pipedrive.api import Row, ref_of
from crm_adapters.vendors.pipedrive.fields import Fields

STATUSES = {"won": OrderStatus.WON, "open": OrderStatus.OPEN, "lost": OrderStatus.CANCELLED}
YES, NO = frozenset({"yes", "true", "1", "sim", "sí", "si"}), frozenset({"no", "false", "0", "não", "nao"})
"""As people name the choices of a field about consent: Pipedrive has no fields of two values."""
Choices = Mapping[str, Mapping[str, str]]


def to_customer(row: Row, company: str | None, fields: Fields, *, country: str | None) -> Customer:
    """`country`: where telephones are from that tell no country, of persons who tell none."""
    got = _read(row, fields.customer, fields, "person_choices")
    land = find_country(got.get("country")) or find_country((row.get("postal_address") or {}).get("country"))
    emails = [value.lower() for value in _values(row, "emails") if "@" in value]
    return Customer(
        ref=ref_of(row),
        name=_text(row, "name") or f"Person {row['id']}",
        given_name=_text(row, "first_name"),
        family_name=_text(row, "last_name"),
        emails=tuple(map(Email, dict.fromkeys(emails))),
        phones=tuple(phones.parse(one, country=land or country) for one in _values(row, "phones")),
        language=normalise_language(got.get("language")),
        country=land,
        company=company,
        company_ref=_text(row, "org_id") or None,
        register=got.get("register"),
        declared_ids=_some(got, fields.customer, DECLARED),
        consents=_consents(got),
        custom=_some(got, fields.customer, CUSTOM),
        created_at=read_moment(row.get("add_time")),
        updated_at=read_moment(row.get("update_time")),
        version=_text(row, "update_time") or None,
    )


def to_company(row: Row, fields: Fields) -> Company:
    got = _read(row, fields.company, fields, "organization_choices")
    employees, address = _number(got.get("employees")), row.get("address") or {}
    return Company(
        ref=ref_of(row),
        name=_text(row, "name"),
        domain=got.get("domain"),
        country=find_country(got.get("country") or address.get("country")),
        industry=got.get("industry"),
        employees=None if employees is None else int(employees),
        custom=_some(got, fields.company, CUSTOM),
        updated_at=read_moment(row.get("update_time")),
    )


def to_product(row: Row, fields: Fields) -> Product:
    got = _read(row, fields.product, fields, "product_choices")
    tier, name = _number(got.get("tier")), _text(row, "name")
    category = row.get("category")
    choices = fields.product_choices.get("category", {}) if category else {}
    return Product(
        ref=ref_of(row),
        sku=_text(row, "code") or ref_of(row),
        name=name or _text(row, "code") or ref_of(row),
        family=got.get("family"),
        category=choices.get(str(category), str(category)) if category else None,
        tier=None if tier is None else int(tier),
        prices=_prices(row),
        active=bool(row.get("is_linkable", True)) and not row.get("is_deleted"),
        description=_text(row, "description"),
        updated_at=read_moment(row.get("update_time")),
    )


def price_in(row: Row, currency: str) -> Decimal | None:
    """Of a product."""
    return next((price.amount for price in _prices(row) if price.currency == currency), None)


def is_open(deal: Row) -> bool:
    """Nothing is put on what was archived."""
    return deal.get("status") == "open" and not deal.get("is_archived")


def to_order(row: Row, lines: Sequence[Row]) -> Order:
    """A deal. What is still open was placed when it was made."""
    closed = row.get("won_time") or row.get("lost_time") or row.get("close_time")
    placed = read_moment(row.get("add_time") if row.get("status") == "open" else closed)
    placed = placed or read_moment(row.get("add_time"))
    if placed is None:
        raise VendorChanged("a deal has no date")
    return Order(
        ref=ref_of(row),
        customer_ref=_text(row, "person_id"),
        placed_at=placed,
        status=STATUSES.get(_text(row, "status"), OrderStatus.UNKNOWN),
        lines=tuple(_line(line, row) for line in lines),
        number=ref_of(row),
        raw_status=_text(row, "status"),
        updated_at=read_moment(row.get("update_time")),
    )


def to_open_deal(row: Row, lines: Sequence[Row]) -> OpenDeal:
    return OpenDeal(
        ref=ref_of(row),
        kind=DealKind.DEAL,
        name=_text(row, "title"),
        customer_ref=_text(row, "person_id"),
        stage=_text(row, "stage_id"),
        amount=_money(row.get("value"), row.get("currency")),
        lines=tuple(_line(line, row) for line in lines),
        updated_at=read_moment(row.get("update_time")),
    )


def read_moment(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(value or ""))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _line(line: Row, deal: Row) -> OrderLine:
    """Written in by hand, or of a product that was deleted for good: it has no id then."""
    quantity = _number(line.get("quantity"))
    return OrderLine(
        ref=ref_of(line),
        product_ref=_text(line, "product_id") or None,
        name=_text(line, "name"),
        quantity=Decimal(1) if quantity is None else quantity,
        unit_price=_money(line.get("item_price"), line.get("currency") or deal.get("currency")),
    )


def _prices(row: Row) -> tuple[Money, ...]:
    found = [_money(one.get("price"), one.get("currency")) for one in row.get("prices") or ()]
    known = {money.currency: money for money in reversed(found) if money and money.amount >= 0}
    return tuple(reversed(known.values()))


def _money(amount: object, currency: object) -> Money | None:
    number = _number(amount)
    return Money(number, str(currency).upper()) if number is not None and currency else None


def _number(value: object) -> Decimal | None:
    """By its text: the shortest that means the same binary fraction."""
    try:
        found = Decimal(str(value)) if value not in {None, ""} else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None


def _text(row: Row, name: str) -> str:
    value = row.get(name)
    return "" if value is None else str(value).strip()


def _values(row: Row, name: str) -> list[str]:
    """Of emails or phones, the primary one first."""
    found = sorted(row.get(name) or (), key=lambda one: not one.get("primary"))
    return [value for one in found if (value := str(one.get("value") or "").strip())]


def _read(row: Row, names: Mapping[str, str], fields: Fields, choices: str) -> dict[str, str]:
    """Our names → what is there. Fields that the account made stand apart from Pipedrive's own."""
    values = {**row, **(row.get("custom_fields") or {})}
    found: dict[str, str] = {}
    for ours, theirs in names.items():
        value = values.get(theirs)
        known = getattr(fields, choices).get(theirs, {}) if isinstance(value, int | list) else {}
        text = _show(value, known)
        found |= {ours: text} if text else {}
    return found


def _show(value: Any, choices: Mapping[str, str]) -> str:
    if isinstance(value, dict):  # money and addresses
        return _show(value.get("value"), choices)
    if isinstance(value, list):
        return ", ".join(_show(one, choices) for one in value)
    return "" if value is None else choices.get(str(value), str(value).strip())


def _some(got: Mapping[str, str], names: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {name: got[f"{prefix}{name}"] for name in custom_names(names, prefix) if f"{prefix}{name}" in got}


def _consents(got: Mapping[str, str]) -> tuple[Consent, ...]:
    offers = got.get("offers_consent", "").lower()
    return (Consent("offers", granted=offers in YES),) if offers in YES | NO else ()
