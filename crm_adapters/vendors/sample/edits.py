"""What the sample shop's people do in their CRM: take orders, close cases, merge and delete customers."""

import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from crm_adapters.errors import NotFound, ValidationFailed
from crm_adapters.model import Case, Kind, Order, OrderStatus, Product
from crm_adapters.vendors.sample import deals
from crm_adapters.vendors.sample.catalogue import build_catalogue
from crm_adapters.vendors.sample.names import COUNTRIES
from crm_adapters.vendors.sample.orders import FIRST_NUMBER, Sale, make_order
from crm_adapters.vendors.sample.records import count_after, find_record, get_customer, list_of, put, remove


def place_order(
    connection: sqlite3.Connection,
    customer_ref: str,
    skus: Sequence[str],
    *,
    at: datetime,
    status: OrderStatus,
    promised_at: datetime | None,
) -> Order:
    """One of each. Raises NotFound, Merged or ValidationFailed."""
    customer = get_customer(connection, customer_ref)
    catalogue = build_catalogue(at)
    unknown = [sku for sku in skus if sku not in catalogue.by_sku or not catalogue.by_sku[sku].product.prices]
    if unknown or not skus:
        raise ValidationFailed(
            "An order needs products that have a price", fields=dict.fromkeys(unknown, "unknown")
        )
    currency = next((land.currency for land in COUNTRIES if land.code == customer.country), "USD")
    delivered_at = at if status is OrderStatus.WON else None
    basket = tuple((sku, 1) for sku in skus)
    sale = Sale(customer_ref, currency, at, basket, status, promised_at, delivered_at)
    number = FIRST_NUMBER + count_after(connection, Kind.ORDERS, 0)
    order = make_order(sale, catalogue, number, today=at)
    put(connection, order)
    return order


def close_case(connection: sqlite3.Connection, ref: str, *, at: datetime) -> None:
    case = find_record(connection, Kind.CASES, ref)
    if not isinstance(case, Case):
        raise NotFound("The sample CRM has no such case")
    put(connection, replace(case, open=False, updated_at=at))


def set_active(connection: sqlite3.Connection, product_ref: str, *, active: bool, at: datetime) -> None:
    product = find_record(connection, Kind.PRODUCTS, product_ref)
    if not isinstance(product, Product):
        raise NotFound("The sample CRM has no such product")
    put(connection, replace(product, active=active, updated_at=at))


def delete_customer(connection: sqlite3.Connection, ref: str) -> None:
    """With orders, cases, quotes and notes."""
    get_customer(connection, ref)
    for kind in (Kind.ORDERS, Kind.CASES):
        for record in list_of(connection, kind, ref):
            remove(connection, kind, record.ref)
    deals.forget(connection, ref)
    connection.execute("DELETE FROM notes WHERE customer_ref = ?", (ref,))
    remove(connection, Kind.CUSTOMERS, ref)


def merge_customers(connection: sqlite3.Connection, ref: str, *, into: str, at: datetime) -> None:
    """What belonged to `ref` belongs to `into` afterwards, e-mails and phones too."""
    gone, kept = get_customer(connection, ref), get_customer(connection, into)
    if ref == into:
        raise ValidationFailed("A customer cannot be merged into itself")
    for kind in (Kind.ORDERS, Kind.CASES):
        for record in list_of(connection, kind, ref):
            if isinstance(record, Order | Case):
                put(connection, replace(record, customer_ref=into))
    emails = tuple(dict.fromkeys((*kept.emails, *gone.emails)))
    phones = tuple(dict.fromkeys((*kept.phones, *gone.phones)))
    put(connection, replace(kept, emails=emails, phones=phones, updated_at=at))
    remove(connection, Kind.CUSTOMERS, ref)
    deals.move(connection, ref, into=into)
    connection.execute("UPDATE notes SET customer_ref = ? WHERE customer_ref = ?", (into, ref))
    connection.execute("UPDATE merges SET new_ref = ? WHERE new_ref = ?", (into, ref))
    connection.execute("INSERT INTO merges VALUES (?, ?)", (ref, into))
