"""The seed as the world that a fake was filled with."""

from collections.abc import Mapping
from dataclasses import replace

from crm_adapters.base import Capabilities
from crm_adapters.fakes.seed import LONG_AGO, MARKER, Record, rename
from crm_adapters.model import (
    Case,
    Customer,
    CustomerKey,
    KeyKind,
    Kind,
    OpenDeal,
    Order,
    OrderStatus,
    Product,
    ProductRelation,
)
from crm_adapters.testing.world import World

Held = Mapping[str, Record]
"""By the refs of the seed, with the refs of the CRM."""
TYPES: Mapping[Kind, type[Record]] = {
    Kind.PRODUCTS: Product,
    Kind.CUSTOMERS: Customer,
    Kind.ORDERS: Order,
    Kind.CASES: Case,
}


def make_world(
    held: Held,
    able: Capabilities,
    *,
    shared: KeyKind,
    patch: Mapping[str, str],
    lacks: frozenset[str],
    deals_are_orders: bool,
) -> World:
    ana, twins = _customer(held, "ana"), (_customer(held, "twin1"), _customer(held, "twin2"))
    everything = [*held.values(), *(_as_orders(held) if deals_are_orders else ())]
    theirs = [one for one in everything if isinstance(one, Order) and one.customer_ref == ana.ref]
    return World(
        refs={kind: _refs(everything, kind) for kind in able.kinds},
        customer_ref=ana.ref,
        name=ana.name,
        keys=tuple(key for key in _keys(ana) if key.kind in able.keys),
        order_refs=tuple(one.ref for one in sorted(theirs, key=lambda one: one.placed_at, reverse=True)),
        shared_key=next(key for key in _keys(twins[0]) if key.kind is shared),
        shared_refs=frozenset(twin.ref for twin in twins),
        related_product=_ref(held["phone"]),
        product_ref=_ref(held["case"]),
        patch=patch,
        records=tuple(held.values()),
        lacks=lacks,
        odd_emails=_odd_emails(everything, {ana.ref, *(twin.ref for twin in twins)}),
        marker=MARKER,
        paged=True,
    )


def name_by(record: Record, refs: Mapping[str, str]) -> Record:
    """With the CRM's refs, its own among them."""
    renamed = rename(record, refs)
    return renamed if isinstance(renamed, ProductRelation) else replace(renamed, ref=refs[_ref(record)])


def _ref(record: Record) -> str:
    assert not isinstance(record, ProductRelation)
    return record.ref


def _refs(records: list[Record], kind: Kind) -> frozenset[str]:
    return frozenset(_ref(record) for record in records if isinstance(record, TYPES[kind]))


def _customer(held: Held, name: str) -> Customer:
    found = held[name]
    assert isinstance(found, Customer)
    return found


def _as_orders(held: Held) -> list[Order]:
    """Made when the fake was filled."""
    return [
        Order(deal.ref, deal.customer_ref, LONG_AGO, OrderStatus.OPEN, deal.lines)
        for deal in held.values()
        if isinstance(deal, OpenDeal)
    ]


def _odd_emails(records: list[Record], others: set[str]) -> dict[str, str]:
    return {
        email.value: record.ref
        for record in records
        if isinstance(record, Customer) and record.ref not in others
        for email in record.emails
    }


def _keys(customer: Customer) -> list[CustomerKey]:
    emails = [CustomerKey(KeyKind.EMAIL, email.value) for email in customer.emails[:1]]
    phones = [CustomerKey(KeyKind.PHONE, phone.e164) for phone in customer.phones[:1] if phone.e164]
    declared = [CustomerKey(KeyKind.DECLARED, ":".join(one)) for one in customer.declared_ids.items()]
    return [*emails, *phones, CustomerKey(KeyKind.REF, customer.ref), *declared]
