"""The seed's records as an ERPNext keeps them, and what its people do with them."""

from datetime import datetime
from typing import Any

from crm_adapters.fakes.seed import Record
from crm_adapters.fakes.store import Row
from crm_adapters.fakes.vendors.erpnext.database import Database, Values
from crm_adapters.locales import name_country
from crm_adapters.model import (
    Case,
    Company,
    Customer,
    Kind,
    OpenDeal,
    Order,
    OrderLine,
    OrderStatus,
    Product,
    ProductRelation,
)

DOCTYPES = {
    Kind.CUSTOMERS: "Customer",
    Kind.PRODUCTS: "Item",
    Kind.ORDERS: "Sales Order",
    Kind.CASES: "Issue",
}
INVOICE_REF = "invoice:"
CURRENCY = "EUR"
PRICE_LISTS = {CURRENCY: "Standard Selling", "USD": "Export"}
STATES = {
    OrderStatus.WON: (1, "To Deliver and Bill"),
    OrderStatus.OPEN: (0, "Draft"),
    OrderStatus.CANCELLED: (2, "Cancelled"),
}


def put(database: Database, record: Record) -> str:
    match record:
        case Company():
            ref = _put_company(database, record)
        case Customer():
            ref = _put_customer(database, record)
        case Product():
            ref = _put_product(database, record)
        case Order():
            ref = _put_order(database, record)
        case OpenDeal():
            ref = _put_quotation(database, record)
        case Case():
            ref = _put_issue(database, record)
        case ProductRelation():
            ref = _relate(database, record)
    return ref


def locate(kind: Kind, ref: str) -> tuple[str, str]:
    """The doctype and the name."""
    if ref.startswith(INVOICE_REF):
        return "Sales Invoice", ref.removeprefix(INVOICE_REF)
    return DOCTYPES[kind], ref


def keep(database: Database, doctype: str, ref: str, values: Values, *, name: str = "") -> Row:
    """Changed where it is known, and only where it is another then."""
    row = database.get(doctype, ref) if ref else None
    if row is None:
        return database.add(doctype, values, name=name)
    if any(row.values.get(field) != value for field, value in values.items()):
        database.change(doctype, row, values)
    return row


def _free_name(database: Database, name: str) -> str:
    """*Source*: a second customer of one name is numbered."""
    names = [name, *(f"{name} - {number}" for number in range(1, 99))]
    return next(one for one in names if database.get("Customer", one) is None)


def _put_company(database: Database, company: Company) -> str:
    values = {
        "customer_name": company.name,
        "customer_type": "Company",
        "territory": "All Territories",
        "website": f"https://www.{company.domain}/" if company.domain else None,
        "industry": company.industry,
        "custom_employees": company.employees,
    }
    row = keep(database, "Customer", company.ref, values, name=_free_name(database, company.name))
    _put_address(database, row.id, company.country)
    return row.id


def _put_customer(database: Database, customer: Customer) -> str:
    """A change stamps what was changed: the customer, an address or a contact."""
    offers = [consent.granted for consent in customer.consents if consent.purpose == "offers"]
    values = {
        "customer_name": customer.name,
        "customer_type": "Individual",
        "territory": "All Territories",
        "language": customer.language,
        "custom_shop_number": customer.declared_ids.get("shop"),
        "custom_offers": "granted" if offers and all(offers) else None,
    }
    row = keep(database, "Customer", customer.ref, values, name=_free_name(database, customer.name))
    _put_contact(database, row.id, customer, unsubscribed=bool(offers) and not all(offers))
    _put_address(database, row.id, customer.country)
    return row.id


def _linked(database: Database, doctype: str, customer: str) -> str:
    """The name of the first contact or address of a customer; empty where there is none."""
    rows = database.tables[doctype].live()
    found = (row.id for row in rows for one in row.values["links"] if one["link_name"] == customer)
    return next(found, "")


def _links(customer: str) -> list[Values]:
    return [{"link_doctype": "Customer", "link_name": customer}]


def _put_contact(database: Database, name: str, customer: Customer, *, unsubscribed: bool) -> None:
    """Letters' case is kept as it was typed; *seen*: telephones too."""
    known = database.get("Contact", _linked(database, "Contact", name))
    values: Values = {
        "first_name": customer.given_name,
        "last_name": customer.family_name,
        "company_name": customer.company,
        "unsubscribed": int(unsubscribed),
        "is_primary_contact": 0,
    }
    if known:
        keep(database, "Contact", known.id, values)
        return
    emails = [{"email_id": one.value.capitalize(), "is_primary": 0} for one in customer.emails]
    telephones = [{"phone": one.raw, "is_primary_phone": 0} for one in customer.phones]
    parts = {"email_ids": emails, "phone_nos": telephones, "links": _links(name)}
    database.add("Contact", values | parts, name=f"{customer.given_name or customer.name}-{name}")


def _put_address(database: Database, name: str, country: str | None) -> None:
    if country is None:
        return
    values: Values = {"country": name_country(country), "is_primary_address": 0, "disabled": 0}
    known = _linked(database, "Address", name)
    if known:
        keep(database, "Address", known, values)
    else:
        database.add("Address", values | {"links": _links(name)}, name=f"{name}-Billing")


def _put_product(database: Database, product: Product) -> str:
    """*Source*: a template is an item too, and cannot be sold. Descriptions are written in an editor."""
    if product.family and not database.get("Item", product.family):
        database.add(
            "Item",
            _item(Product("", product.family, product.family)) | {"has_variants": 1},
            name=product.family,
        )
    row = keep(database, "Item", product.ref, _item(product), name=product.sku)
    for price in product.prices:
        put_price(database, row.id, float(price.amount), price.currency)
    if product.stock:
        database.add("Bin", {"item_code": row.id, "actual_qty": float(product.stock), "reserved_qty": 0.0})
    return row.id


def _item(product: Product) -> Values:
    return {
        "item_name": product.name,
        "item_group": product.category or "All Item Groups",
        "description": f"<div>{product.description}</div>" if product.description else None,
        "disabled": int(not product.active),
        "is_sales_item": 1,
        "has_variants": 0,
        "variant_of": product.family,
        "is_stock_item": int(product.stock is not None),
        "stock_uom": "Nos",
    }


def put_price(database: Database, item: str, rate: float, currency: str = CURRENCY, **more: Any) -> Row:
    price_list = more.pop("price_list", PRICE_LISTS[currency])
    values = {"item_code": item, "price_list": price_list, "price_list_rate": rate, "currency": currency}
    usual = {"uom": "Nos", "customer": None, "batch_no": None, "valid_from": "2025-01-01", "valid_upto": None}
    return database.add("Item Price", {**values, **usual, "selling": 1, **more})


def _put_order(database: Database, order: Order) -> str:
    """What has no item is sold by an invoice: an order takes items only (*source*)."""
    sold = order.ref.startswith(INVOICE_REF) or any(line.product_ref is None for line in order.lines)
    docstatus, status = STATES.get(order.status, (1, "Completed"))
    local = database.local(order.placed_at)
    values = {"customer": order.customer_ref, "docstatus": docstatus, **_priced(order.lines)}
    if sold:
        dates = {"posting_date": local.date().isoformat(), "posting_time": show_time(local), "is_return": 0}
        state = {"status": "Paid" if docstatus == 1 else status}
        name = order.ref.removeprefix(INVOICE_REF)
        return f"{INVOICE_REF}{keep(database, 'Sales Invoice', name, values | dates | state).id}"
    more = {"transaction_date": local.date().isoformat(), "delivery_date": None, "status": status}
    return keep(
        database, "Sales Order", order.ref, values | more | {"per_delivered": 0.0, "per_billed": 0.0}
    ).id


def show_time(local: datetime) -> str:
    """*Source*: the time of a day is a span to Python, which is written with one digit before ten."""
    return f"{local.hour}:{local.minute:02}:{local.second:02}.{local.microsecond:06}"


def _priced(lines: tuple[OrderLine, ...]) -> Values:
    codes = [line.unit_price.currency for line in lines if line.unit_price]
    rows = [
        {
            "item_code": line.product_ref,
            "item_name": line.name,
            "qty": float(line.quantity),
            "rate": float(line.unit_price.amount) if line.unit_price else 0.0,
            "uom": "Nos",
        }
        for line in lines
    ]
    return {"currency": codes[0] if codes else CURRENCY, "items": rows}


def _put_quotation(database: Database, deal: OpenDeal) -> str:
    values = {"quotation_to": "Customer", "party_name": deal.customer_ref, "status": "Draft"}
    prices = {"selling_price_list": PRICE_LISTS[CURRENCY], **_priced(deal.lines)}
    return keep(database, "Quotation", deal.ref, values | prices).id


def _put_issue(database: Database, case: Case) -> str:
    local = database.local(case.opened_at)
    values = {
        "customer": case.customer_ref,
        "subject": case.subject,
        "status": "Open" if case.open else "Closed",
        "issue_type": "Complaint" if case.complaint else "Question",
        "opening_date": local.date().isoformat(),
        "opening_time": show_time(local),
    }
    return keep(database, "Issue", case.ref, values).id


def _relate(database: Database, relation: ProductRelation) -> str:
    one, other = relation.product_ref, relation.related_ref
    if relation.kind == "upsell":
        values = {"item_code": one, "alternative_item_code": other, "two_way": 0}
        database.add("Item Alternative", values)
    else:
        database.add("Website Item", {"item_code": one, "recommended_items": [{"item_code": other}]})
    return ""
