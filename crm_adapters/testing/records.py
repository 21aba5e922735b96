"""What the types alone do not say about a record."""

from datetime import datetime, timedelta
from decimal import Decimal

from crm_adapters.model import Case, Customer, Money, Order, Product

Record = Customer | Product | Order | Case


def check_record(record: Record) -> None:
    assert record.ref
    assert record.ref == record.ref.strip()
    match record:
        case Customer():
            check_customer(record)
        case Product():
            check_product(record)
        case Order():
            check_order(record)
        case Case():
            check_case(record)


def check_customer(customer: Customer) -> None:
    for email in customer.emails:
        assert email.value == email.value.strip().lower()
        assert "@" in email.value
    for phone in customer.phones:
        assert phone.e164 is None or (phone.e164[0] == "+" and phone.e164[1:].isdigit())
    assert customer.country is None or (len(customer.country) == 2 and customer.country.isupper())
    assert customer.register in {None, "formal", "neutral", "informal"}
    check_moments(customer.created_at, customer.updated_at)


def check_product(product: Product) -> None:
    assert product.sku
    assert product.name
    for price in product.prices:
        check_money(price)
        assert price.amount >= 0
    currencies = [price.currency for price in product.prices]
    assert len(currencies) == len(set(currencies)), "at most one price per currency"
    check_moments(product.updated_at)


def check_order(order: Order) -> None:
    assert order.customer_ref
    check_moments(order.placed_at, order.promised_at, order.delivered_at, order.updated_at)
    line_refs = [line.ref for line in order.lines]
    assert len(line_refs) == len(set(line_refs)), "a line's ref is unique in its order"
    for line in order.lines:
        assert isinstance(line.quantity, Decimal)
        if line.unit_price is not None:
            check_money(line.unit_price)


def check_case(case: Case) -> None:
    assert case.customer_ref
    check_moments(case.opened_at, case.updated_at)


def check_money(money: Money) -> None:
    assert isinstance(money.amount, Decimal)
    assert money.amount.is_finite()
    assert len(money.currency) == 3
    assert money.currency.isupper()


def check_moments(*moments: datetime | None) -> None:
    for moment in moments:
        assert moment is None or moment.utcoffset() == timedelta(0), "moments are aware and in UTC"
