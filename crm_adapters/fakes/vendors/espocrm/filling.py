"""The seed's records as an installation keeps them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from crm_adapters.fakes.seed import Record
from crm_adapters.fakes.store import Values
from crm_adapters.fakes.vendors.espocrm.database import Database, show
from crm_adapters.fakes.vendors.espocrm.metadata import PROBABILITIES
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

CURRENCY = "EUR"
STAGES = {OrderStatus.WON: "Closed Won", OrderStatus.OPEN: "Negotiation"}
STATUSES = {OrderStatus.WON: "Completed", OrderStatus.OPEN: "Draft"}


def put(base: Database, record: Record, *, pack: bool) -> str:
    """Relations between products have no place in it, products only in the Sales Pack."""
    match record:
        case Customer():
            return base.keep("Contact", record.ref, _contact(record))
        case Company():
            return base.keep("Account", record.ref, _account(record))
        case Case():
            return base.keep("Case", record.ref, _case(record))
        case Product() if pack:
            return base.keep("Product", record.ref, _product(record))
        case Order() | OpenDeal():
            return _put_sale(base, record, pack=pack)
    return f"none-{type(record).__name__}-{id(record)}"


def _put_sale(base: Database, record: Order | OpenDeal, *, pack: bool) -> str:
    if not pack:
        return base.keep("Opportunity", record.ref, _opportunity(record))
    if isinstance(record, OpenDeal):
        return _keep_document(base, "Quote", record, {"name": record.name, "status": "Draft"})
    values = {"status": STATUSES.get(record.status, "Canceled"), "number": record.number or "1"}
    placed = {"dateOrdered": f"{record.placed_at:%Y-%m-%d}"}
    return _keep_document(base, "SalesOrder", record, {**values, **placed, "name": record.number})


def _contact(customer: Customer) -> Values:
    """Classes/FieldValidators/EmailType: PHP's own filter refuses addresses with a backslash."""
    emails = [email.value for email in customer.emails if "\\" not in email.value]
    offers = [consent.granted for consent in customer.consents if consent.purpose == "offers"]
    return {
        "firstName": customer.given_name or None,
        "lastName": customer.family_name,
        "emailAddressData": _listed("emailAddress", emails),
        "phoneNumberData": _listed("phoneNumber", [phone.raw for phone in customer.phones]),
        "addressCountry": name_country(customer.country or ""),
        "accountId": customer.company_ref,
        "cLanguage": customer.language,
        "cShopNumber": customer.declared_ids.get("shop"),
        "cOffers": all(offers) if offers else None,
    }


def _listed(name: str, values: Sequence[str]) -> list[Values]:
    flags = {"optOut": False, "invalid": False}
    return [{name: value, "primary": number == 0, **flags} for number, value in enumerate(values)]


def _account(company: Company) -> Values:
    return {
        "name": company.name,
        "website": company.domain,
        "billingAddressCountry": name_country(company.country or ""),
        "industry": company.industry,
        "cEmployees": company.employees,
    }


def _case(case: Case) -> Values:
    """Nobody can choose when a case was made; the seed's are of different days."""
    return {
        "name": case.subject,
        "contactId": case.customer_ref,
        "type": "Problem" if case.complaint else "Question",
        "status": "New" if case.open else "Closed",
        "createdAt": show(case.opened_at),
    }


def _product(product: Product) -> Values:
    """A product has one price in one currency; others would be in price books."""
    price = product.prices[0] if product.prices else None
    return {
        "name": product.name,
        "partNumber": product.sku,
        "unitPrice": float(price.amount) if price else None,
        "unitPriceCurrency": price.currency if price else None,
        "categoryName": product.category,
        "status": "Available" if product.active else "Discontinued",
        "type": "Regular",
        "quantity": product.stock,
        "description": product.description,
        "cLine": product.family,
    }


def _opportunity(record: Order | OpenDeal) -> Values:
    """What was sold stands in a field that an admin has made."""
    stage = STAGES.get(record.status, "Closed Lost") if isinstance(record, Order) else "Negotiation"
    placed = {"closeDate": f"{record.placed_at:%Y-%m-%d}"} if isinstance(record, Order) else {}
    return {
        "name": record.name if isinstance(record, OpenDeal) else f"Sale {record.number}".strip(),
        "stage": stage,
        "probability": PROBABILITIES[stage],
        "contactId": record.customer_ref,
        "cSold": [line.name for line in record.lines],
        **_total(record),
        **placed,
    }


def _keep_document(base: Database, entity: str, record: Order | OpenDeal, values: Values) -> str:
    items = base.make_items([_item(line) for line in record.lines])
    owned = {"billingContactId": record.customer_ref, "isLocked": False}
    return base.keep(entity, record.ref, {**values, **owned, **_total(record), "itemList": items})


def _item(line: OrderLine) -> Values:
    price: dict[str, Any] = {"unitPrice": None, "unitPriceCurrency": None}
    if line.unit_price:
        price = {
            "unitPrice": float(line.unit_price.amount),
            "unitPriceCurrency": line.unit_price.currency,
        }
    return {
        "name": line.name,
        "productId": line.product_ref,
        "quantity": float(line.quantity),
        "description": None,
        **price,
    }


def _total(record: Order | OpenDeal) -> Values:
    prices = [(line.unit_price, line.quantity) for line in record.lines if line.unit_price]
    sums = sum((price.amount * quantity for price, quantity in prices), Decimal(0))
    currency = prices[0][0].currency if prices else CURRENCY
    amount = (isinstance(record, OpenDeal) and record.amount) or Money(sums, currency)
    return {"amount": float(amount.amount), "amountCurrency": amount.currency}
