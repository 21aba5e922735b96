"""Tryton's rows as our records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from crm_adapters import phones
from crm_adapters.errors import VendorChanged
from crm_adapters.fieldmap import DECLARED, FieldMap, custom_names
from crm_adapters.locales import find_country, normalise_language
from crm_adapters.model import (
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
from crm_adapters.vendors.tryton.api import Row

TELEPHONES = ("phone", "mobile")
PARTY = (
    "name", "code", "active", "replaced_by", "lang.code", "contact_mechanisms.type", "contact_mechanisms.value",
    "contact_mechanisms.value_compact", "contact_mechanisms.active", "addresses.country.code",
    "addresses.active", "create_date", "write_date", "_timestamp",
)  # fmt: skip
LINES = ("lines.product", "lines.product.name", "lines.description", "lines.quantity")
SALE = (
    "number", "state", "sale_date", "party", "currency.code", "create_date", "write_date", "lines.type",
    "lines.unit_price", *LINES
)  # fmt: skip
QUOTE = (*SALE, "description", "untaxed_amount")
OPPORTUNITY = (
    "number", "state", "party", "currency.code", "description", "amount", "create_date", "write_date", *LINES
)  # fmt: skip
PRODUCT = (
    "code", "name", "type", "active", "salable", "description", "template.active", "template.products",
    "template.categories.name", "write_date", "create_date", "template.write_date",
)  # fmt: skip
STATUS = {
    "draft": OrderStatus.OPEN,
    "quotation": OrderStatus.OPEN,
    "confirmed": OrderStatus.WON,
    "processing": OrderStatus.WON,
    "done": OrderStatus.WON,
    "cancelled": OrderStatus.CANCELLED,
}
OPEN_SALES = ("draft", "quotation")
OPEN_OPPORTUNITIES = ("lead", "opportunity")
OPPORTUNITY_REF = "opportunity:"
"""Before the id of one, where a deal may also be a sale."""


@dataclass(frozen=True, slots=True)
class Fields:
    """Our names → Tryton's fields, those that an admin has named."""

    customer: Mapping[str, str]
    product: Mapping[str, str]

    @property
    def party(self) -> list[str]:
        return sorted({*PARTY, *self.customer.values()})


def map_fields(found: FieldMap) -> Fields:
    return Fields(found.of("customer", {}), found.of("product", {}))


def is_living(row: Row) -> bool:
    return bool(row["active"]) and not row["replaced_by"]


def to_customer(row: Row, fields: Fields, *, country: str | None) -> Customer:
    """`country`: where telephones are from that tell no country, of customers who tell none."""
    got = _read_mapped(row, fields.customer)
    land = find_country(got.get("country")) or _find_country(row)
    ways = [one for one in _rows(row, "contact_mechanisms") if one["active"]]
    return Customer(
        ref=str(row["id"]),
        name=row["name"] or row["code"] or str(row["id"]),
        given_name=got.get("given_name", ""),
        family_name=got.get("family_name", ""),
        emails=_emails(ways),
        phones=_phones(ways, land or country),
        language=normalise_language(_text(row, "lang.code")),
        country=land,
        company=got.get("company"),
        register=got.get("register"),
        declared_ids=_pick(got, custom_names(fields.customer, DECLARED), DECLARED),
        custom=_pick(got, custom_names(fields.customer), "crm."),
        created_at=row["create_date"],
        updated_at=_changed_at(row),
        version=row["_timestamp"],
    )


def to_product(row: Row, fields: Fields, *, currency: str, price: str) -> Product:
    """`price`: the field that holds it. A product with several variants is a family of that name, and its
    variants, which are all called alike, are told apart by their codes."""
    got = _read_mapped(row, fields.product)
    template, amount, tier = row["template."], row[price], got.get("tier", "")
    code, several = row["code"] or str(row["id"]), len(template["products"]) > 1
    name = row["name"] or code
    return Product(
        ref=str(row["id"]),
        sku=code,
        name=f"{name} ({code})" if several else name,
        family=got.get("family") or (name if several else None),
        category=got.get("category") or next(iter(_categories(template)), None),
        tier=int(tier) if tier.isdecimal() else None,
        prices=() if amount is None or amount < 0 or not currency else (Money(amount, currency),),
        active=bool(row["active"] and template["active"] and row["salable"]),
        stock=_stock(row),
        description=row["description"] or "",
        updated_at=_latest(_changed_at(row), template["write_date"]),
    )


def to_order(row: Row) -> Order:
    return Order(
        ref=str(row["id"]),
        customer_ref=str(row["party"]),
        placed_at=_placed_at(row),
        status=STATUS.get(row["state"], OrderStatus.UNKNOWN),
        lines=to_lines(row),
        number=row["number"] or "",
        raw_status=row["state"] or "",
        updated_at=_changed_at(row),
    )


def to_quote(row: Row) -> OpenDeal:
    return _to_deal(row, DealKind.QUOTE, str(row["id"]), row["untaxed_amount"])


def to_opportunity(row: Row) -> OpenDeal:
    return _to_deal(row, DealKind.DEAL, f"{OPPORTUNITY_REF}{row['id']}", row["amount"])


def to_lines(row: Row) -> tuple[OrderLine, ...]:
    """Titles, comments and subtotals stand among them; those of an opportunity have no type, and no price."""
    lines = (line for line in _rows(row, "lines") if line.get("type", "line") == "line")
    return tuple(_line(line, _currency(row)) for line in lines)


def _to_deal(row: Row, kind: DealKind, ref: str, amount: Decimal | None) -> OpenDeal:
    currency = _currency(row)
    return OpenDeal(
        ref=ref,
        kind=kind,
        name=row["description"] or row["number"] or "",
        customer_ref=str(row["party"]),
        stage=row["state"] or "",
        amount=None if amount is None or not currency else Money(amount, currency),
        lines=to_lines(row),
        updated_at=_changed_at(row),
    )


def _line(row: Row, currency: str) -> OrderLine:
    price, quantity = row.get("unit_price"), row["quantity"]
    return OrderLine(
        ref=str(row["id"]),
        product_ref=str(row["product"]) if row["product"] else None,
        name=_text(row, "product.name") or row["description"] or "",
        quantity=Decimal(1 if quantity is None else str(quantity)),
        unit_price=None if price is None or not currency else Money(price, currency),
    )


def _placed_at(row: Row) -> datetime:
    """A sale has its day when it is confirmed, if nobody gave it one before."""
    day = row["sale_date"]
    if isinstance(day, date):
        return datetime.combine(day, time(), UTC)
    return _moment(row["create_date"])


def _currency(row: Row) -> str:
    return _text(row, "currency.code").upper()


def _emails(ways: Sequence[Row]) -> tuple[Email, ...]:
    found = (way["value"].strip().lower() for way in ways if way["type"] == "email")
    return tuple(Email(one) for one in dict.fromkeys(found) if "@" in one)


def _phones(ways: Sequence[Row], country: str | None) -> tuple[Phone, ...]:
    found = {way["value"].strip(): way["value_compact"] for way in ways if way["type"] in TELEPHONES}
    return tuple(_phone(raw, compact or "", country) for raw, compact in found.items())


def _phone(raw: str, compact: str, country: str | None) -> Phone:
    """Where the server has the library, `value_compact` is E.164 by the countries of all addresses."""
    known = phones.e164(compact) if compact.startswith("+") else None
    return Phone(raw, known) if known else phones.parse(raw, country=country)


def _find_country(row: Row) -> str | None:
    codes = (_text(one, "country.code") for one in _rows(row, "addresses") if one["active"])
    return next((code.upper() for code in codes if len(code) == 2), None)


def _categories(template: Row) -> list[str]:
    return sorted(one["name"] for one in _rows(template, "categories") if one["name"])


def _stock(row: Row) -> int | None:
    """Services are not counted, and nothing is where it was not asked for."""
    quantity = row.get("quantity")
    return None if quantity is None or row["type"] == "service" else max(0, int(quantity))


def _read_mapped(row: Row, names: Mapping[str, str]) -> dict[str, str]:
    found = {ours: _text(row, theirs) for ours, theirs in names.items()}
    return {ours: text for ours, text in found.items() if text}


def _pick(got: Mapping[str, str], names: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {name: got[f"{prefix}{name}"] for name in names if f"{prefix}{name}" in got}


def _text(row: Row, path: str) -> str:
    """By `lang.code`; the first, where there are several."""
    name, dot, rest = path.partition(".")
    if dot:
        return next((_text(one, rest) for one in _rows(row, name)), "")
    value = row.get(name)
    return "" if value is None else str(value)


def _rows(row: Row, name: str) -> Sequence[Row]:
    """What was asked for of another model: one row, several, or none."""
    found = row.get(f"{name}.") or []
    return [found] if isinstance(found, dict) else found


def _changed_at(row: Row) -> datetime:
    return _moment(row["write_date"] or row["create_date"])


def _latest(one: datetime, other: datetime | None) -> datetime:
    return max(one, other) if other else one


def _moment(value: Any) -> datetime:
    if not isinstance(value, datetime):
        raise VendorChanged("a record does not say when it was made")
    return value
