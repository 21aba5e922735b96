"""The seed's records as a Tryton keeps them, and what its people do with them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from crm_adapters.fakes.seed import Record
from crm_adapters.fakes.store import Row
from crm_adapters.fakes.vendors.tryton.database import Database
from crm_adapters.model import Customer, OpenDeal, Order, OrderLine, OrderStatus, Product, ProductRelation

COMPANY_CURRENCY = "EUR"
LANGUAGES = ("en", "de", "es", "es_419", "fr", "pt")
STATES = {
    OrderStatus.WON: "processing",
    OrderStatus.OPEN: "draft",
    OrderStatus.CANCELLED: "cancelled",
}


def furnish(database: Database) -> None:
    """What is there before anybody works with it: one company, one warehouse, one unit."""
    database.add("company.company", currency=find(database, "currency.currency", "code", COMPANY_CURRENCY))
    database.add("product.uom", name="Unit")
    storage = database.add("stock.location", type="storage")
    database.add("stock.location", type="warehouse", storage_location=storage)
    for code in LANGUAGES:
        database.add("ir.lang", code=code, name=code)


def find(database: Database, model: str, name: str, value: str) -> int:
    """Made, where there is none."""
    for row in database.all(model):
        if row.values[name] == value:
            return int(row.id)
    return database.add(model, **{name: value})


def put(database: Database, record: Record) -> str:
    """Companies and cases have no place in it."""
    match record:
        case Customer():
            return _put_party(database, record)
        case Product():
            return _put_product(database, record)
        case Order():
            state = STATES.get(record.status, "done")
            values = {"state": state, "sale_date": record.placed_at.date(), "number": record.number or None}
            return _put_sale(database, record.ref, values, record.customer_ref, record.lines)
        case OpenDeal():
            values = {"state": "draft", "description": record.name}
            return _put_sale(database, record.ref, values, record.customer_ref, record.lines)
        case ProductRelation():
            pair = [int(record.product_ref)], [int(record.related_ref)]
            database.add("sale.product.association.rule", antecedents=pair[0], consequents=pair[1], lift=1.5)
            return ""
    return f"none-{type(record).__name__}-{id(record)}"


def merge(database: Database, gone: int, *, into: int) -> None:
    """As seen: the party that goes is archived and stamped, and so are its addresses and contact mechanisms,
    which the survivor gets all the same. That is done past the models, as is the change of its sales, so that
    neither they nor the survivor bear a stamp."""
    for model in ("party.contact_mechanism", "party.address"):
        for row in _of_party(database, model, gone):
            database.change(model, int(row.id), active=False)
    for model in ("party.contact_mechanism", "party.address", "sale.sale", "sale.opportunity"):
        for row in database.all(model):
            if row.values["party"] == gone:
                database.shift(model, int(row.id), party=into)
    database.change("party.party", gone, active=False, replaced_by=into)


def _put_party(database: Database, customer: Customer) -> str:
    """A change stamps what was changed: the party, an address or a contact mechanism."""
    code = customer.declared_ids.get("shop")
    lang = _find_language(database, customer.language)
    row = database.get("party.party", customer.ref) if customer.ref else None
    wanted = {"name": customer.name, "lang": lang} | ({"code": code} if code else {})
    if row is None:
        number = database.add("party.party", **wanted)
        database.shift("party.party", number, code=code or f"P{number}")
    else:
        number = int(row.id)
        if any(row.values[name] != value for name, value in wanted.items()):
            database.change("party.party", number, **wanted)
    _put_address(database, number, customer.country)
    _put_ways(database, number, customer)
    return str(number)


def _find_language(database: Database, language: str | None) -> int | None:
    code = (language or "").partition("-")[0]
    return find(database, "ir.lang", "code", code) if code in LANGUAGES else None


def _put_address(database: Database, party: int, country: str | None) -> None:
    if country is None:
        return
    land = find(database, "country.country", "code", country)
    for row in _of_party(database, "party.address", party):
        if row.values["country"] != land:
            database.change("party.address", int(row.id), country=land)
        return
    database.add("party.address", party=party, country=land)


def _put_ways(database: Database, party: int, customer: Customer) -> None:
    """With phonenumbers beside it, Tryton keeps E.164 as well. Of addresses it keeps the letters' case."""
    wanted = [("email", email.value.capitalize(), email.value.capitalize()) for email in customer.emails]
    wanted += [("phone", phone.raw, phone.e164 or phone.raw) for phone in customer.phones]
    rows = _of_party(database, "party.contact_mechanism", party)
    for row, (kind, value, compact) in zip(rows, wanted, strict=False):
        if (row.values["type"], row.values["value_compact"].lower()) != (kind, compact.lower()):
            values = {"type": kind, "value": value, "value_compact": compact}
            database.change("party.contact_mechanism", int(row.id), **values)
    for kind, value, compact in wanted[len(rows) :]:
        database.add("party.contact_mechanism", party=party, type=kind, value=value, value_compact=compact)
    for row in rows[len(wanted) :]:
        database.change("party.contact_mechanism", int(row.id), active=False)


def _of_party(database: Database, model: str, party: int) -> list[Row]:
    return [row for row in database.all(model) if row.values["party"] == party and row.values["active"]]


def _put_product(database: Database, product: Product) -> str:
    own = [price.amount for price in product.prices if price.currency == COMPANY_CURRENCY]
    categories = [find(database, "product.category", "name", product.category)] if product.category else []
    values: dict[str, Any] = {
        "name": product.name,
        "type": "service" if product.stock is None else "goods",
        "salable": True,
        "list_price": own[0] if own else None,
        "categories": categories,
    }
    row = database.get("product.product", product.ref) if product.ref else None
    if row:
        database.change("product.template", row.values["template"], **values)
        return row.id
    template = database.add("product.template", **values)
    variant = {"template": template, "code": product.sku, "active": product.active}
    number = database.add("product.product", **variant, description=product.description or None)
    if product.stock:
        database.add("stock.move", product=number, quantity=float(product.stock))
    return str(number)


def _put_sale(
    database: Database, ref: str, values: dict[str, Any], customer_ref: str, lines: Sequence[OrderLine]
) -> str:
    code = next((line.unit_price.currency for line in lines if line.unit_price), COMPANY_CURRENCY)
    values |= {"party": int(customer_ref), "currency": find(database, "currency.currency", "code", code)}
    row = database.get("sale.sale", ref) if ref else None
    if row:
        database.change("sale.sale", int(row.id), **values)
        return row.id
    number = database.add("sale.sale", **values)
    for line in lines:
        database.add("sale.line", sale=number, type="line", **_line(line))
    return str(number)


def _line(line: OrderLine) -> dict[str, Any]:
    product = int(line.product_ref) if line.product_ref else None
    return {
        "product": product,
        "description": None if product else line.name,
        "quantity": float(line.quantity),
        "unit": 1 if product else None,
        "unit_price": line.unit_price.amount.quantize(Decimal("0.0001")) if line.unit_price else None,
    }
