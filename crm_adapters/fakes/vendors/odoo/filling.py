"""The seed's records as Odoo keeps them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from crm_adapters.fakes.seed import Record
from crm_adapters.fakes.vendors.odoo.database import Database, Values
from crm_adapters.locales import name_country
from crm_adapters.model import (
    Company,
    Customer,
    OpenDeal,
    Order,
    OrderLine,
    OrderStatus,
    Product,
    ProductRelation,
)

CURRENCY = "EUR"
STATES = {OrderStatus.WON: "sale", OrderStatus.OPEN: "sent"}
RELATIONS = {"cross_sell": "optional_product_ids", "upsell": "alternative_product_ids"}


def put(database: Database, record: Record, various: str) -> str:
    """`various`: the product of lines that are written in by hand; Odoo has no line without one (§3)."""
    match record:
        case Company():
            return _keep(database, "res.partner", record.ref, _company(database, record))
        case Customer():
            return _keep(database, "res.partner", record.ref, _customer(database, record))
        case Product():
            return _put_product(database, record)
        case Order() | OpenDeal():
            return _put_order(database, record, various)
        case ProductRelation():
            return _relate(database, record)
    return f"none-{type(record).__name__}-{id(record)}"


def add_various(database: Database) -> str:
    return _put_product(database, Product("", "VARIOUS", "Various"), sale_ok=False)


def _keep(database: Database, model: str, ref: str, values: Values) -> str:
    row = database.get(model, ref)
    if row is None:
        return database.add(model, values).id
    database.change(model, row, values)
    return row.id


def _country(database: Database, code: str | None) -> int | bool:
    return database.named("res.country", name_country(code) or code, code=code) if code else False


def _company(database: Database, company: Company) -> Values:
    return {
        "name": company.name,
        "is_company": True,
        "website": f"https://www.{company.domain}" if company.domain else False,
        "country_id": _country(database, company.country),
        "industry_id": database.named("res.partner.industry", company.industry)
        if company.industry
        else False,
    }


def _customer(database: Database, customer: Customer) -> Values:
    phones = [phone.raw for phone in customer.phones]
    offers = [consent.granted for consent in customer.consents if consent.purpose == "offers"]
    return {
        "name": customer.name,
        "is_company": False,
        "email": ", ".join(email.value for email in customer.emails) or False,
        "phone": phones[0] if phones else False,
        "mobile": phones[1] if len(phones) > 1 else False,
        "country_id": _country(database, customer.country),
        "lang": customer.language.replace("-", "_") if customer.language else False,
        "parent_id": int(customer.company_ref) if customer.company_ref else False,
        "x_shop_number": customer.declared_ids.get("shop", False),
        "x_offers": ("granted" if all(offers) else "objected") if offers else False,
    }


def _put_product(database: Database, product: Product, *, sale_ok: bool = True) -> str:
    """§5: each variant belongs to a template."""
    known = database.get("product.product", product.ref)
    template = (
        known.values["product_tmpl_id"]
        if known
        else int(database.add("product.template", {"name": product.name}).id)
    )
    values = {
        "name": product.name,
        "default_code": product.sku,
        "lst_price": float(product.prices[0].amount) if product.prices else 0.0,
        "currency_id": database.named("res.currency", CURRENCY),
        "categ_id": database.named("product.category", _category(product.category)),
        "active": product.active,
        "sale_ok": sale_ok,
        "product_tmpl_id": template,
        "type": "consu" if database.major() >= 18 or product.stock is None else "product",
        "is_storable": product.stock is not None,
        "qty_available": float(product.stock or 0),
        "description_sale": product.description,
        "x_family": product.family or False,
    }
    return _keep(database, "product.product", product.ref, values)


def _category(name: str | None) -> str:
    return f"All / {name}" if name else "All"


def _order(database: Database, order: Order) -> Values:
    return {
        "name": order.number or f"S{len(database.tables['sale.order'].rows):05}",
        "state": STATES.get(order.status, "cancel"),
        "date_order": order.placed_at,
        "currency_id": _currency(database, order.lines),
    }


def _quotation(database: Database, deal: OpenDeal) -> Values:
    return {
        "name": f"S{len(database.tables['sale.order'].rows):05}",
        "state": "draft",
        "date_order": _second(database.now()),
        "client_order_ref": deal.name,
        "currency_id": _currency(database, deal.lines),
    }


def _put_order(database: Database, record: Order | OpenDeal, various: str) -> str:
    """§3: a heading among the lines is a line too."""
    known = database.get("sale.order", record.ref)
    values = _order(database, record) if isinstance(record, Order) else _quotation(database, record)
    ref = _keep(database, "sale.order", record.ref, values | {"partner_id": int(record.customer_ref)})
    if known is None:
        heading = {"order_id": int(ref), "name": "Devices", "display_type": "line_section"}
        for line in [heading, *(_line(line, ref, various) for line in record.lines)]:
            database.add("sale.order.line", line)
    return ref


def _line(line: OrderLine, order: str, various: str) -> Values:
    return {
        "order_id": int(order),
        "product_id": int(line.product_ref or various),
        "name": line.name,
        "product_uom_qty": float(line.quantity),
        "price_unit": float(line.unit_price.amount) if line.unit_price else 0.0,
        "discount": 0.0,
    }


def _currency(database: Database, lines: Sequence[OrderLine]) -> int:
    priced = [line.unit_price.currency for line in lines if line.unit_price]
    return database.named("res.currency", priced[0] if priced else CURRENCY)


def _relate(database: Database, relation: ProductRelation) -> str:
    product, other = (
        database.need("product.product", ref) for ref in (relation.product_ref, relation.related_ref)
    )
    template = database.need("product.template", str(product.values["product_tmpl_id"]))
    field = RELATIONS.get(relation.kind, "accessory_product_ids")
    to: Any = int(other.id) if field == "accessory_product_ids" else other.values["product_tmpl_id"]
    database.change("product.template", template, {field: [*template.values.get(field, []), to]})
    return ""


def _second(moment: datetime) -> datetime:
    return moment - timedelta(microseconds=moment.microsecond)
