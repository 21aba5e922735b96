"""The seed's records as an environment keeps them."""

from collections.abc import Sequence
from typing import Any

from crm_adapters.fakes.seed import Record
from crm_adapters.fakes.vendors.dynamics365.environment import CURRENCY, Environment, show
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

Values = dict[str, Any]
UNIT = "000000ff-0000-4000-8000-000000000001"
LISTS = {"EUR": "000000fe-0000-4000-8000-000000000001", "USD": "000000fe-0000-4000-8000-000000000002"}
STATES = {OrderStatus.OPEN: (0, 1), OrderStatus.WON: (3, 100001), OrderStatus.CANCELLED: (2, 4)}
RELATIONS = {"upsell": 0, "cross_sell": 1, "accessory": 2}
FAMILY, SINGLE = 2, 1


def put(env: Environment, record: Record) -> str:
    """Cases are of another product."""
    match record:
        case Product():
            return _put_product(env, record)
        case Order():
            return _put_order(env, record)
        case OpenDeal():
            return _put_deal(env, record)
        case ProductRelation():
            return _put_relation(env, record)
    return _put_party(env, record)


def _put_party(env: Environment, record: Record) -> str:
    match record:
        case Customer():
            return _keep(env, "contacts", record.ref, _contact(record))
        case Company():
            return _keep(env, "accounts", record.ref, _account(env, record))
    return f"none-{id(record)}"


def currency(env: Environment, code: str) -> str:
    rows = env.table("transactioncurrencies").live()
    found = next((row for row in rows if row.values["isocurrencycode"] == code), None)
    return (found or env.add("transactioncurrencies", {"isocurrencycode": code})).id


def _keep(env: Environment, name: str, ref: str, values: Values) -> str:
    row = env.table(name).get(ref)
    return env.change(name, row, values).id if row else env.add(name, values).id


def _contact(customer: Customer) -> Values:
    numbers = [phone.raw for phone in customer.phones]
    emails = [email.value for email in customer.emails]
    offers = [consent.granted for consent in customer.consents if consent.purpose == "offers"]
    return {
        "firstname": customer.given_name or None,
        "lastname": customer.family_name,
        "mobilephone": numbers[0] if numbers else None,
        "telephone1": numbers[1] if len(numbers) > 1 else None,
        "_parentcustomerid_value": customer.company_ref,
        "address1_country": name_country(customer.country or ""),
        "merged": False,
        "new_language": customer.language,
        "new_shop": customer.declared_ids.get("shop"),
        "new_store": customer.custom.get("store"),
        "new_offers": all(offers) if offers else None,
        **{f"emailaddress{place}": email for place, email in enumerate(emails[:3], 1)},
    }


def _account(env: Environment, company: Company) -> Values:
    """§2: an industry is a number with a label."""
    env.labels["industrycode", 7] = company.industry or ""
    return {
        "name": company.name,
        "websiteurl": f"https://www.{company.domain}/" if company.domain else None,
        "industrycode": 7 if company.industry else None,
        "address1_country": name_country(company.country or ""),
        "numberofemployees": company.employees,
    }


def _put_product(env: Environment, product: Product) -> str:
    """§5: a family is a product itself; prices are per list."""
    values = {
        "productnumber": product.sku,
        "name": product.name,
        "description": product.description or None,
        "productstructure": SINGLE,
        "statecode": 0 if product.active else 1,
        "new_category": product.category,
        "_parentproductid_value": _family(env, product.family) if product.family else None,
        "_defaultuomid_value": UNIT,
        "_pricelevelid_value": LISTS["EUR"],
        CURRENCY: currency(env, "EUR"),
    }
    ref = _keep(env, "products", product.ref, values)
    for price in product.prices:
        entry = {
            "amount": float(price.amount),
            "_productid_value": ref,
            "_pricelevelid_value": LISTS[price.currency],
            CURRENCY: currency(env, price.currency),
        }
        env.add("productpricelevels", entry)
    return ref


def _family(env: Environment, name: str) -> str:
    rows = env.table("products").live()
    found = [row for row in rows if row.values["productstructure"] == FAMILY and row.values["name"] == name]
    return found[0].id if found else env.add("products", {"name": name, "productstructure": FAMILY}).id


def _put_relation(env: Environment, relation: ProductRelation) -> str:
    values = {
        "_productid_value": relation.product_ref,
        "_substitutedproductid_value": relation.related_ref,
        "salesrelationshiptype": RELATIONS[relation.kind],
        "direction": 0,
    }
    return env.add("productsubstitutes", values).id


def _put_order(env: Environment, order: Order) -> str:
    state, reason = STATES.get(order.status, (0, 1))
    known = env.table("salesorders").get(order.ref)
    values = {
        "name": f"Order {order.number}".strip(),
        "ordernumber": order.number or None,
        "statecode": state,
        "statuscode": reason,
        "_customerid_value": order.customer_ref,
        "createdon": show(order.placed_at),
        CURRENCY: currency(env, _code(order.lines)),
    }
    ref = _keep(env, "salesorders", order.ref, values)
    if known is None:
        _put_lines(env, "salesorderdetails", {"_salesorderid_value": ref}, order.lines)
    return ref


def _put_deal(env: Environment, deal: OpenDeal) -> str:
    code = deal.amount.currency if deal.amount else _code(deal.lines)
    known = env.table("opportunities").get(deal.ref)
    values = {
        "name": deal.name,
        "statuscode": 1,
        "estimatedvalue": float(deal.amount.amount) if deal.amount else None,
        "_customerid_value": deal.customer_ref,
        "_pricelevelid_value": LISTS[code],
        CURRENCY: currency(env, code),
    }
    ref = _keep(env, "opportunities", deal.ref, values)
    if known is None:
        _put_lines(env, "opportunityproducts", {"_opportunityid_value": ref}, deal.lines)
    return ref


def _put_lines(env: Environment, name: str, parent: Values, lines: Sequence[OrderLine]) -> None:
    """§3: what was written in is a text."""
    for line in lines:
        values = {
            "_productid_value": line.product_ref,
            "isproductoverridden": line.product_ref is None,
            "productdescription": None if line.product_ref else line.name,
            "quantity": float(line.quantity),
            "priceperunit": float(line.unit_price.amount) if line.unit_price else None,
            CURRENCY: currency(env, line.unit_price.currency if line.unit_price else "EUR"),
        }
        env.add(name, parent | values)


def _code(lines: Sequence[OrderLine]) -> str:
    return next((line.unit_price.currency for line in lines if line.unit_price), "EUR")
