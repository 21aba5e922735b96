"""The seed's records as a portal keeps them, and what its people do with them."""

from collections.abc import Sequence
from datetime import timedelta

from crm_adapters.fakes.seed import Record
from crm_adapters.fakes.vendors.hubspot.storing import LOST, OPEN, WON, Portal, Properties, show
from crm_adapters.locales import name_country
from crm_adapters.model import (
    Company,
    Customer,
    Money,
    OpenDeal,
    Order,
    OrderLine,
    OrderStatus,
    Product,
)

CURRENCY = "EUR"
STAGES = {OrderStatus.WON: WON, OrderStatus.OPEN: OPEN}


def put(portal: Portal, record: Record) -> str:
    """Cases and relations have no place in it."""
    match record:
        case Customer():
            return _put_contact(portal, record)
        case Company():
            return _keep(portal, "companies", record.ref, _company(record))
        case Product():
            return _keep(portal, "products", record.ref, _product(record))
        case Order():
            properties = _order(record)
            return _put_deal(portal, record.ref, properties, record.customer_ref, record.lines)
        case OpenDeal():
            return _put_deal(portal, record.ref, _deal(portal, record), record.customer_ref, record.lines)
    return f"none-{type(record).__name__}-{id(record)}"


def _keep(portal: Portal, kind: str, ref: str, properties: Properties) -> str:
    row = portal.table(kind).get(ref)
    return portal.change(kind, row, properties).id if row else portal.add(kind, properties).id


def _put_contact(portal: Portal, customer: Customer) -> str:
    """An address that another contact has cannot be given to a second one."""
    properties = _contact(customer)
    email = properties["email"]
    other = portal.find("contacts", "email", email) if email else None
    if other and other.id != customer.ref:
        del properties["email"]
    ref = _keep(portal, "contacts", customer.ref, properties)
    if customer.company_ref:
        portal.link(("contacts", ref), ("companies", customer.company_ref))
    return ref


def _contact(customer: Customer) -> Properties:
    phones = [phone.raw for phone in customer.phones]
    offers = [consent.granted for consent in customer.consents if consent.purpose == "offers"]
    return {
        "firstname": customer.given_name,
        "lastname": customer.family_name,
        "email": customer.emails[0].value if customer.emails else None,
        "hs_additional_emails": ";".join(email.value for email in customer.emails[1:]),
        "phone": phones[0] if phones else None,
        "mobilephone": phones[1] if len(phones) > 1 else None,
        "company": customer.company,
        "associatedcompanyid": customer.company_ref,
        "country": name_country(customer.country or ""),
        "hs_language": customer.language and customer.language.lower(),
        "shop_number": customer.declared_ids.get("shop"),
        "offers_ok": str(all(offers)).lower() if offers else None,
    }


def _company(company: Company) -> Properties:
    return {
        "name": company.name,
        "domain": company.domain,
        "country": name_country(company.country or ""),
        "industry": company.industry,
        "numberofemployees": str(company.employees) if company.employees is not None else None,
    }


def _product(product: Product) -> Properties:
    return {
        "name": product.name,
        "hs_sku": product.sku,
        "price": str(product.prices[0].amount) if product.prices else None,
        "description": product.description,
        "product_line": product.family,
        "product_type": product.category,
    }


def _order(order: Order) -> Properties:
    return {
        "dealname": f"Deal {order.number}".strip(),
        "dealstage": STAGES.get(order.status, LOST),
        "closedate": show(order.placed_at),
        "deal_currency_code": _currency(order.lines),
    }


def _deal(portal: Portal, deal: OpenDeal) -> Properties:
    """Its close date is a hope."""
    return {
        "dealname": deal.name,
        "dealstage": OPEN,
        "closedate": show(portal.now() + timedelta(days=400)),
        "amount": str(deal.amount.amount) if deal.amount else None,
        "deal_currency_code": deal.amount.currency if deal.amount else _currency(deal.lines),
    }


def _put_deal(
    portal: Portal, ref: str, properties: Properties, contact: str, lines: Sequence[OrderLine]
) -> str:
    known = portal.table("deals").get(ref)
    kept = _keep(portal, "deals", ref, properties)
    if known is None:
        portal.link(("deals", kept), ("contacts", contact))
        for line in lines:
            portal.add("line_items", _line(line, properties["deal_currency_code"]), [("deals", kept)])
    return kept


def _line(line: OrderLine, usual: str | None) -> Properties:
    """§3: a currency of its own only where it is not the deal's."""
    currency = line.unit_price.currency if line.unit_price else None
    return {
        "name": line.name,
        "hs_product_id": line.product_ref,
        "quantity": str(line.quantity),
        "price": str(line.unit_price.amount) if line.unit_price else None,
        "hs_line_item_currency_code": None if currency == usual else currency,
    }


def _currency(lines: Sequence[OrderLine]) -> str | None:
    prices: list[Money] = [line.unit_price for line in lines if line.unit_price]
    return prices[0].currency if prices else None
