"""WooCommerce's rows as our records."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from crm_adapters import phones
from crm_adapters.errors import VendorChanged
from crm_adapters.fieldmap import DECLARED, FieldMap, custom_names
from crm_adapters.locales import find_country, normalise_language
from crm_adapters.model import (
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
    ProductRelation,
)
from crm_adapters.vendors.woocommerce.api import Row

GUEST = "guest:"
META = "meta."
"""Before the key of an entry of `meta_data`, in a mapping."""
CUSTOMER = {
    "given_name": "first_name",
    "family_name": "last_name",
    "country": "billing.country",
    "company": "billing.company",
}
PRODUCT = {"category": "categories.0.name"}
STATUSES = {
    "completed": OrderStatus.WON,
    "processing": OrderStatus.WON,
    "pending": OrderStatus.OPEN,
    "on-hold": OrderStatus.OPEN,
    "checkout-draft": OrderStatus.OPEN,
    "cancelled": OrderStatus.CANCELLED,
    "failed": OrderStatus.CANCELLED,
    "refunded": OrderStatus.REFUNDED,
}
"""A processing order is paid for. Shops may have statuses of their own."""
OPEN = tuple(status for status, meaning in STATUSES.items() if meaning is OrderStatus.OPEN)
YES, NO = frozenset({"yes", "true", "1"}), frozenset({"no", "false", "0"})


@dataclass(frozen=True, slots=True)
class Fields:
    customer: Mapping[str, str]
    product: Mapping[str, str]


def map_fields(found: FieldMap) -> Fields:
    return Fields(found.of("customer", CUSTOMER), found.of("product", PRODUCT))


def read_value(row: Any, path: str) -> str:
    """`billing.country`, `categories.0.name`, or `meta.` and a key; empty where nothing is."""
    if path.startswith(META):
        found = {str(one.get("key")): one.get("value") for one in row.get("meta_data") or ()}
        return _text(found.get(path.removeprefix(META)))
    for name in path.split("."):
        if isinstance(row, list):
            row = row[int(name)] if name.isdecimal() and int(name) < len(row) else None
        else:
            row = row.get(name) if isinstance(row, dict) else None
    return _text(row)


def to_customer(row: Row, fields: Mapping[str, str], *, country: str | None) -> Customer:
    """`country`: where telephones are from that tell no country, of customers who tell none."""
    return _person(row, f"{row['id']}", f"Customer {row['id']}", fields, country)


def to_guest(order: Row, fields: Mapping[str, str], *, country: str | None) -> Customer:
    """Whoever an order of nobody's account was billed to; meta data is the order's, not theirs."""
    billing = order["billing"]
    row = {**billing, "billing": billing, "date_modified_gmt": order.get("date_modified_gmt")}
    email = read_email(order)
    return _person(row, f"{GUEST}{email}", email, fields, country)


def read_email(row: Row) -> str:
    """What an order was billed to."""
    return read_value(row, "billing.email").strip().lower()


def _person(row: Row, ref: str, unnamed: str, fields: Mapping[str, str], country: str | None) -> Customer:
    found = {ours: read_value(row, theirs) for ours, theirs in fields.items()}
    got = {ours: text for ours, text in found.items() if text}
    land = find_country(got.get("country"))
    stamp = read_value(row, "date_modified_gmt")
    raw = read_value(row, "billing.phone").strip()
    return Customer(
        ref=ref,
        name=" ".join(filter(None, (got.get("given_name"), got.get("family_name")))) or unnamed,
        given_name=got.get("given_name", ""),
        family_name=got.get("family_name", ""),
        emails=_emails(row),
        phones=(phones.parse(raw, country=land or country),) if raw else (),
        language=normalise_language(got.get("language")),
        country=land,
        company=got.get("company"),
        register=got.get("register"),
        declared_ids=_some(got, fields, DECLARED),
        consents=_consents(got.get("offers_consent", "").lower()),
        custom=_some(got, fields, "crm."),
        created_at=read_moment(row.get("date_created_gmt")),
        updated_at=read_moment(stamp),
        version=stamp or None,
    )


def to_product(row: Row, fields: Mapping[str, str], *, currency: str) -> Product:
    price = read_number(row.get("price"))
    found = {ours: read_value(row, theirs) or None for ours, theirs in fields.items()}
    tier, stock = read_number(found.get("tier")), row.get("stock_quantity")
    ref = str(row["id"])
    return Product(
        ref=ref,
        sku=row.get("sku") or ref,
        name=row.get("name") or row.get("sku") or ref,
        family=found.get("family") or (row["name"] if row.get("type") == "variable" else None),
        category=found.get("category"),
        tier=None if tier is None else int(tier),
        prices=() if price is None or price < 0 else (Money(price, currency),),
        active=row.get("status") == "publish",
        stock=int(stock) if row.get("manage_stock") and stock is not None else None,
        description=str(row.get("short_description") or ""),
        updated_at=read_moment(row.get("date_modified_gmt")),
    )


def to_variation(row: Row, parent: Row) -> Row:
    """Told as a product of its own: named by what sets it apart, all else from the product it is of."""
    apart = ", ".join(str(one.get("option") or "") for one in row.get("attributes") or ())
    name = f"{parent['name']} – {apart}" if apart else parent["name"]
    inherited = {"categories": parent.get("categories"), "type": "variation", "name": name}
    active = "publish" if parent.get("status") == row.get("status") == "publish" else "private"
    return {**row, **inherited, "status": active, "manage_stock": row.get("manage_stock") is True}


def to_relations(product_ref: str, row: Row) -> list[ProductRelation]:
    """`related_ids` are not among them: WooCommerce draws those by lot from the same category."""
    return [
        ProductRelation(product_ref, str(other), kind)
        for kind in ("upsell", "cross_sell")
        for other in row.get(f"{kind}_ids") or ()
    ]


def to_order(row: Row, refunds: Sequence[Row] = ()) -> Order:
    placed = read_moment(row.get("date_created_gmt"))
    if placed is None:
        raise VendorChanged("an order has no date")
    return Order(
        ref=str(row["id"]),
        customer_ref=owner(row) or "",
        placed_at=placed,
        status=STATUSES.get(row["status"], OrderStatus.UNKNOWN),
        lines=to_lines(row, refunds),
        number=str(row.get("number") or row["id"]),
        raw_status=str(row["status"]),
        delivered_at=None,
        updated_at=read_moment(row.get("date_modified_gmt")),
    )


def owner(row: Row) -> str | None:
    """Of an order: an account, a guest, or nobody."""
    if row.get("customer_id"):
        return str(row["customer_id"])
    email = read_email(row)
    return f"{GUEST}{email}" if email else None


def to_open_deal(row: Row) -> OpenDeal:
    total = read_number(row.get("total"))
    return OpenDeal(
        ref=str(row["id"]),
        kind=DealKind.ORDER,
        name=f"#{row.get('number') or row['id']}",
        customer_ref=owner(row) or "",
        stage=str(row["status"]),
        amount=None if total is None else Money(total, row["currency"]),
        lines=to_lines(row),
        updated_at=read_moment(row.get("date_modified_gmt")),
    )


def to_lines(row: Row, refunds: Sequence[Row] = ()) -> tuple[OrderLine, ...]:
    """What was given back follows as lines of negative quantity; a refund of money alone is no line."""
    returned = [line for refund in refunds for line in refund.get("line_items") or () if line.get("quantity")]
    return tuple(_line(line, row["currency"]) for line in [*row.get("line_items", ()), *returned])


def _line(line: Row, currency: str) -> OrderLine:
    price, quantity = read_number(line.get("price")), read_number(line.get("quantity"))
    sold = line.get("variation_id") or line.get("product_id")
    return OrderLine(
        ref=str(line["id"]),
        product_ref=str(sold) if sold else None,
        name=str(line.get("name") or ""),
        quantity=Decimal(1) if quantity is None else quantity,
        unit_price=None if price is None else Money(price, currency),
    )


def read_number(value: object) -> Decimal | None:
    """Of a text, or of a number as the answer had it."""
    try:
        found = Decimal(str(value)) if value not in {None, ""} else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None


def read_moment(value: object) -> datetime | None:
    """The fields called *_gmt, which carry no zone."""
    try:
        found = datetime.fromisoformat(str(value or ""))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _emails(row: Row) -> tuple[Email, ...]:
    """The account's own first; a bill may go elsewhere."""
    found = (read_value(row, "email").strip().lower(), read_email(row))
    return tuple(Email(one) for one in dict.fromkeys(found) if "@" in one)


def _consents(offers: str) -> tuple[Consent, ...]:
    return (Consent("offers", granted=offers in YES),) if offers in YES | NO else ()


def _some(got: Mapping[str, str], fields: Mapping[str, str], prefix: str) -> dict[str, str]:
    names = custom_names(fields, prefix)
    return {name: got[f"{prefix}{name}"] for name in names if f"{prefix}{name}" in got}


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, list | dict) else str(value)
