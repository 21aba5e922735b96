"""The seed's records as an org keeps them."""

from collections.abc import Sequence
from typing import Any

from crm_adapters.fakes.seed import Record
from crm_adapters.fakes.vendors.salesforce.org import LOST, OPEN, WON, Org, show
from crm_adapters.locales import name_country
from crm_adapters.model import (
    Case,
    Company,
    Customer,
    Money,
    OpenDeal,
    Order,
    OrderLine,
    OrderStatus,
    Product,
)

Values = dict[str, Any]
STAGES = {OrderStatus.WON: WON, OrderStatus.OPEN: OPEN}
CODES = {OrderStatus.WON: "Activated", OrderStatus.OPEN: "Draft"}


def put(org: Org, record: Record, *, orders: bool) -> str:
    """`orders`: purchases are orders, not opportunities. Relations have no place."""
    match record:
        case Product():
            return _put_product(org, record)
        case Order():
            return _put_order(org, record) if orders else _put_sold(org, record)
        case OpenDeal():
            return _put_deal(org, record)
    return _put_plain(org, record)


def _put_plain(org: Org, record: Record) -> str:
    match record:
        case Customer():
            return _keep(org, "Contact", record.ref, _contact(record))
        case Company():
            return _keep(org, "Account", record.ref, _account(record))
        case Case():
            return _keep(org, "Case", record.ref, _case(record))
    return ""


def standard_book(org: Org) -> str:
    """§5: there is one."""
    rows = org.tables["Pricebook2"].live()
    if not rows:
        return org.tables["Pricebook2"].add({"Name": "Standard", "IsStandard": True}).id
    return rows[0].id


def _keep(org: Org, name: str, ref: str, values: Values) -> str:
    table = org.tables[name]
    row = table.get(ref)
    return table.change(row, values).id if row else table.add(values).id


def _contact(customer: Customer) -> Values:
    numbers = [phone.raw for phone in customer.phones]
    offers = [consent.granted for consent in customer.consents if consent.purpose == "offers"]
    return {
        "FirstName": customer.given_name or None,
        "LastName": customer.family_name,
        "Email": customer.emails[0].value if customer.emails else None,
        "MobilePhone": numbers[0] if numbers else None,
        "Phone": numbers[1] if len(numbers) > 1 else None,
        "AccountId": customer.company_ref,
        "MailingCountry": name_country(customer.country or ""),
        "HasOptedOutOfEmail": False,
        "Language__c": customer.language,
        "Shop__c": customer.declared_ids.get("shop"),
        "Store__c": customer.custom.get("store"),
        "Offers__c": str(all(offers)).lower() if offers else None,
    }


def _account(company: Company) -> Values:
    return {
        "Name": company.name,
        "Website": f"https://www.{company.domain}/" if company.domain else None,
        "Industry": company.industry,
        "BillingCountry": name_country(company.country or ""),
        "NumberOfEmployees": company.employees,
    }


def _put_product(org: Org, product: Product) -> str:
    """§5: prices are entries of price books, one per currency; an org of one currency has one."""
    values = {
        "Name": product.name,
        "ProductCode": product.sku,
        "Family": product.category,
        "Line__c": product.family,
        "IsActive": product.active,
        "Description": product.description or None,
    }
    ref = _keep(org, "Product2", product.ref, values)
    for price in product.prices:
        if not org.currency or price.currency == org.currency:
            org.tables["PricebookEntry"].add(_entry(org, ref, price))
    return ref


def _entry(org: Org, product: str, price: Money) -> Values:
    return {
        "Product2Id": product,
        "Pricebook2Id": standard_book(org),
        "UnitPrice": float(price.amount),
        "IsActive": True,
        "CurrencyIsoCode": price.currency,
    }


def _put_order(org: Org, order: Order) -> str:
    """§3: its day is kept, its time is not."""
    known = org.tables["Order"].get(order.ref)
    values = {
        "OrderNumber": order.number,
        "Status": CODES.get(order.status, "Canceled"),
        "StatusCode": CODES.get(order.status, "Canceled"),
        "EffectiveDate": order.placed_at.date().isoformat(),
        "BillToContactId": order.customer_ref,
        "CurrencyIsoCode": _currency(order.lines),
    }
    ref = _keep(org, "Order", order.ref, values)
    if known is None:
        _put_lines(org, "OrderItem", {"OrderId": ref}, order.lines)
    return ref


def _put_sold(org: Org, order: Order) -> str:
    values = {
        "Name": f"Sale {order.number}".strip(),
        "StageName": STAGES.get(order.status, LOST),
        "CloseDate": order.placed_at.date().isoformat(),
        "CurrencyIsoCode": _currency(order.lines),
    }
    return _put_opportunity(org, order.ref, values, order.customer_ref, order.lines)


def _put_deal(org: Org, deal: OpenDeal) -> str:
    """Its date of closing is a hope."""
    values = {
        "Name": deal.name,
        "StageName": OPEN,
        "CloseDate": "2030-12-31",
        "Amount": float(deal.amount.amount) if deal.amount else None,
        "CurrencyIsoCode": deal.amount.currency if deal.amount else _currency(deal.lines),
    }
    return _put_opportunity(org, deal.ref, values, deal.customer_ref, deal.lines)


def _put_opportunity(org: Org, ref: str, values: Values, contact: str, lines: Sequence[OrderLine]) -> str:
    known = org.tables["Opportunity"].get(ref)
    kept = _keep(org, "Opportunity", ref, values)
    if known is None:
        role = {"OpportunityId": kept, "ContactId": contact, "IsPrimary": True}
        org.tables["OpportunityContactRole"].add(role)
        _put_lines(org, "OpportunityLineItem", {"OpportunityId": kept}, lines)
    return kept


def _put_lines(org: Org, name: str, parent: Values, lines: Sequence[OrderLine]) -> None:
    """One without a product is from before the org had price books."""
    for line in lines:
        values = {
            "Product2Id": line.product_ref,
            "Description": None if line.product_ref else line.name,
            "Quantity": float(line.quantity),
            "UnitPrice": float(line.unit_price.amount) if line.unit_price else None,
            "CurrencyIsoCode": line.unit_price.currency if line.unit_price else None,
        }
        org.tables[name].add(parent | values)


def _case(case: Case) -> Values:
    return {
        "CaseNumber": "00001000",
        "Subject": case.subject,
        "Type": "Complaint" if case.complaint else "Question",
        "IsClosed": not case.open,
        "ContactId": case.customer_ref,
        "CreatedDate": show(case.opened_at),
    }


def _currency(lines: Sequence[OrderLine]) -> str:
    return next((line.unit_price.currency for line in lines if line.unit_price), "EUR")
