"""Shopify's rows as our records."""

from collections.abc import Iterable, Mapping, Sequence
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
    Phone,
    Product,
)
from crm_adapters.vendors.shopify.api import Row, to_nodes, to_ref

METAFIELDS = "metafields."
"""Before the namespace and key of a metafield, in a mapping."""
CUSTOMER = {
    "given_name": "firstName",
    "family_name": "lastName",
    "language": "locale",
    "country": "defaultAddress.countryCodeV2",
    "company": "defaultAddress.company",
}
PRODUCT = {"category": "productType"}
STATUSES = {
    "PAID": OrderStatus.WON,
    "PARTIALLY_PAID": OrderStatus.WON,
    "PARTIALLY_REFUNDED": OrderStatus.WON,
    "AUTHORIZED": OrderStatus.WON,
    "PENDING": OrderStatus.OPEN,
    "EXPIRED": OrderStatus.CANCELLED,
    "VOIDED": OrderStatus.CANCELLED,
    "REFUNDED": OrderStatus.REFUNDED,
}
"""An authorised payment is the shop's to take."""
OPEN_DRAFTS = frozenset({"OPEN", "INVOICE_SENT"})
SUBSCRIBED, UNSUBSCRIBED = "SUBSCRIBED", "UNSUBSCRIBED"
YES, NO = frozenset({"yes", "true", "1"}), frozenset({"no", "false", "0"})
BACK = "-back"


@dataclass(frozen=True, slots=True)
class Fields:
    customer: Mapping[str, str]
    product: Mapping[str, str]


def ask_metafields(paths: Iterable[str]) -> dict[str, Any]:
    """Variables of a question: which metafields of each row it asks for."""
    keys = sorted({path.removeprefix(METAFIELDS) for path in paths if path.startswith(METAFIELDS)})
    return {"keys": keys, "fields": max(1, len(keys)), "mapped": bool(keys)}


def map_fields(found: FieldMap) -> Fields:
    return Fields(found.of("customer", CUSTOMER), found.of("product", PRODUCT))


def read_value(row: Any, path: str) -> str:
    """`defaultAddress.company`, or `metafields.` with namespace and key; empty where nothing is."""
    if path.startswith(METAFIELDS):
        return _text((find_metafield(row, path) or {}).get("value"))
    for name in path.split("."):
        if isinstance(row, list):
            row = row[int(name)] if name.isdecimal() and int(name) < len(row) else None
        else:
            row = row.get(name) if isinstance(row, dict) else None
    return _text(row)


def find_metafield(row: Row, path: str) -> Row | None:
    held = row.get("metafields")
    found = {f"{METAFIELDS}{one['namespace']}.{one['key']}": one for one in to_nodes(held)} if held else {}
    return found.get(path)


def to_customer(row: Row, fields: Mapping[str, str], *, country: str | None) -> Customer:
    got = {ours: text for ours, theirs in fields.items() if (text := read_value(row, theirs).strip())}
    land = find_country(got.get("country"))
    stamp = read_value(row, "updatedAt")
    return Customer(
        ref=to_ref(row),
        name=_name(row, got),
        given_name=got.get("given_name", ""),
        family_name=got.get("family_name", ""),
        emails=_emails(row),
        phones=_phones(row, land or country),
        language=normalise_language(got.get("language")),
        country=land,
        company=got.get("company"),
        register=got.get("register"),
        declared_ids=_some(got, fields, DECLARED),
        consents=_consents(row, got.get("offers_consent", "").lower()),
        custom=_some(got, fields, "crm."),
        created_at=read_moment(row.get("createdAt")),
        updated_at=read_moment(stamp),
        version=stamp or None,
    )


def to_product(row: Row, fields: Mapping[str, str], *, currency: str) -> Product:
    """Of a variant with its product, which holds the metafields."""
    product = row.get("product")
    if not isinstance(product, dict):
        raise VendorChanged("a variant belongs to no product")
    found = {ours: read_value(product, theirs) or None for ours, theirs in fields.items()}
    price, tier = read_number(row.get("price")), read_number(found.get("tier"))
    single, title = product.get("hasOnlyDefaultVariant"), str(product["title"])
    ref, stock = to_ref(row), read_number(row.get("inventoryQuantity"))
    counted = read_value(row, "inventoryItem.tracked") == "True"
    return Product(
        ref=ref,
        sku=str(row.get("sku") or "").strip() or ref,
        name=title if single else f"{title} – {row['title']}",
        family=found.get("family") or (None if single else title),
        category=found.get("category") or read_value(product, "category.name") or None,
        tier=None if tier is None else int(tier),
        prices=() if price is None or price < 0 else (Money(price, currency),),
        active=product.get("status") == "ACTIVE" and not product.get("isGiftCard"),
        stock=None if stock is None or not counted else int(stock),
        description=str(product.get("description") or ""),
        updated_at=_latest(row.get("updatedAt"), product.get("updatedAt")),
    )


def to_order(row: Row, lines: Sequence[Row]) -> Order:
    """`lines`: all of them, also those that did not come with the order."""
    placed, status = read_moment(row.get("processedAt")), read_status(row)
    if placed is None:
        raise VendorChanged("an order has no date")
    sent = row.get("fulfillments") or ()
    whole = row.get("displayFulfillmentStatus") == "FULFILLED" and all(one.get("deliveredAt") for one in sent)
    words = ("CANCELLED" if row.get("cancelledAt") else None, row.get("displayFinancialStatus"))
    return Order(
        ref=to_ref(row),
        customer_ref=owner(row) or "",
        placed_at=placed,
        status=status,
        lines=to_lines(lines, returns=status is OrderStatus.WON),
        number=str(row.get("name") or "").removeprefix("#"),
        raw_status=", ".join(str(one) for one in (*words, row.get("displayFulfillmentStatus")) if one),
        promised_at=_latest(*(one.get("estimatedDeliveryAt") for one in sent)),
        delivered_at=_latest(*(one.get("deliveredAt") for one in sent)) if whole else None,
        updated_at=read_moment(row.get("updatedAt")),
    )


def owner(row: Row) -> str | None:
    """None: sold at a till to nobody known, or the customer was erased."""
    return to_ref(row["customer"]) if row.get("customer") else None


def read_status(row: Row) -> OrderStatus:
    """What waits for its payment and was handed over all the same is bought: on account, or on delivery."""
    if row.get("cancelledAt"):
        return OrderStatus.CANCELLED
    status = STATUSES.get(str(row.get("displayFinancialStatus")), OrderStatus.UNKNOWN)
    handed = row.get("displayFulfillmentStatus") == "FULFILLED"
    return OrderStatus.WON if status is OrderStatus.OPEN and handed else status


def to_lines(rows: Sequence[Row], *, returns: bool) -> tuple[OrderLine, ...]:
    """What was refunded, or taken off the order again, follows as a line of negative quantity. `returns`: of an order
    that stands; one that was refunded or cancelled as a whole says so by its status."""
    lines: list[OrderLine] = []
    for row in rows:
        price = read_money(row.get("discountedUnitPriceAfterAllDiscountsSet"))
        quantity = read_number(row.get("quantity"))
        left = read_number(row.get("currentQuantity"))
        if quantity is None or left is None:
            raise VendorChanged("a line has no quantity")
        lines.append(_line(to_ref(row), row, quantity, price))
        if returns and left < quantity:
            lines.append(_line(to_ref(row) + BACK, row, left - quantity, price))
    return tuple(lines)


def to_open_deal(row: Row, lines: Sequence[Row]) -> OpenDeal:
    return OpenDeal(
        ref=to_ref(row),
        kind=DealKind.QUOTE,
        name=str(row.get("name") or ""),
        customer_ref=owner(row) or "",
        stage=str(row.get("status")),
        amount=read_money(row.get("totalPriceSet")),
        lines=tuple(_draft_line(line) for line in lines),
        updated_at=read_moment(row.get("updatedAt")),
    )


def _draft_line(row: Row) -> OrderLine:
    """By its UUID: the ids are new ones after every change."""
    quantity = read_number(row.get("quantity"))
    price = read_money(row.get("approximateDiscountedUnitPriceSet"))
    return _line(str(row["uuid"]), row, Decimal(1) if quantity is None else quantity, price)


def _line(ref: str, row: Row, quantity: Decimal, price: Money | None) -> OrderLine:
    """Without a product: written in by hand, or the variant is gone."""
    variant = row.get("variant")
    return OrderLine(ref, to_ref(variant) if variant else None, str(row.get("name") or ""), quantity, price)


def read_money(bag: Any) -> Money | None:
    """Of a bag, the shop's side; never the customer's currency."""
    amount = read_number(read_value(bag, "shopMoney.amount"))
    currency = read_value(bag, "shopMoney.currencyCode").upper()
    return Money(amount, currency) if amount is not None and currency else None


def read_number(value: object) -> Decimal | None:
    try:
        found = Decimal(str(value)) if value not in {None, ""} else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None


def read_moment(value: object) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(value or ""))
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None


def _latest(*values: object) -> datetime | None:
    return max((found for one in values if (found := read_moment(one))), default=None)


def _name(row: Row, got: Mapping[str, str]) -> str:
    """Shopify falls back on address and telephone."""
    own = " ".join(filter(None, (got.get("given_name"), got.get("family_name"))))
    return own or str(row.get("displayName") or "") or to_ref(row)


def _emails(row: Row) -> tuple[Email, ...]:
    """`verifiedEmail` is true of whoever was entered by staff, so that it proves nothing."""
    found = read_value(row, "defaultEmailAddress.emailAddress").strip().lower()
    return (Email(found),) if "@" in found else ()


def _phones(row: Row, country: str | None) -> tuple[Phone, ...]:
    """The customer's own, which no two share, and that of the address."""
    paths = ("defaultPhoneNumber.phoneNumber", "defaultAddress.phone")
    found = [phones.parse(raw, country=country) for path in paths if (raw := read_value(row, path).strip())]
    return tuple({phone.e164 or phone.raw: phone for phone in found}.values())


def _consents(row: Row, offers: str) -> tuple[Consent, ...]:
    """Consent to be written to is not consent to be offered something in a conversation, and goes by its own name."""
    state = read_value(row, "defaultEmailAddress.marketingState")
    at = read_moment(read_value(row, "defaultEmailAddress.marketingUpdatedAt"))
    own = (Consent("offers", granted=offers in YES),) if offers in YES | NO else ()
    known = state in {SUBSCRIBED, UNSUBSCRIBED}
    return (*own, *((Consent("email_marketing", granted=state == SUBSCRIBED, at=at),) if known else ()))


def _some(got: Mapping[str, str], fields: Mapping[str, str], prefix: str) -> dict[str, str]:
    names = custom_names(fields, prefix)
    return {name: got[f"{prefix}{name}"] for name in names if f"{prefix}{name}" in got}


def _text(value: object) -> str:
    return "" if value is None or isinstance(value, list | dict) else str(value)
