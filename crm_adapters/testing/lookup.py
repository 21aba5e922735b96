"""The contract of finding a customer and reading what they bought."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import TypeVar

import pytest

from crm_adapters.base import CRMAdapter
from crm_adapters.errors import CRMError, NotFound, Unsupported
from crm_adapters.model import Company, Customer, CustomerKey, KeyKind
from crm_adapters.testing.agreement import find_differences
from crm_adapters.testing.listening import hear_error, told
from crm_adapters.testing.records import check_customer, check_order
from crm_adapters.testing.world import World

T = TypeVar("T")
MARKER = "marker-7f3a9"
NOBODY = {
    KeyKind.EMAIL: f"{MARKER}@example.invalid",
    KeyKind.PHONE: "+442079460958",
    KeyKind.REF: MARKER,
    KeyKind.DECLARED: f"shop:{MARKER}",
}


def attempt(call: Callable[[], T]) -> tuple[T | None, CRMError | None]:
    """What came of a call that may be refused."""
    try:
        return call(), None
    except CRMError as refusal:
        hear_error(refusal)
        return None, refusal


class LookupContract:
    def test_each_key_finds_the_one_customer(self, adapter: CRMAdapter, world: World) -> None:
        assert {key.kind for key in world.keys} == adapter.capabilities.keys
        for key in world.keys:
            (match,) = adapter.find_customers(key)
            assert match.customer.ref == world.customer_ref
            assert match.matched_on is key.kind
            assert 0 < match.confidence <= 1

    def test_spelling_does_not_matter(self, adapter: CRMAdapter, world: World) -> None:
        for spelling in (spelling for key in world.keys for spelling in _spellings(key)):
            found = [match.customer.ref for match in adapter.find_customers(spelling)]
            assert found == [world.customer_ref], f"not found by another spelling of the {spelling.kind}"

    def test_a_key_of_several_customers_finds_them_all(self, adapter: CRMAdapter, world: World) -> None:
        assert len(world.shared_refs) > 1
        found = adapter.find_customers(world.shared_key, limit=10)
        assert {match.customer.ref for match in found} == world.shared_refs
        assert len(adapter.find_customers(world.shared_key, limit=1)) == 1

    def test_wildcards_are_only_letters(self, adapter: CRMAdapter, world: World) -> None:
        for key in world.keys:
            begun = [sign + key.value[1:] for sign in "%_*"]
            for value in ("%", "_", "*", *begun, key.value[:-1] + "*", ""):
                assert adapter.find_customers(replace(key, value=value)) == []

    def test_part_of_a_key_finds_nobody(self, adapter: CRMAdapter, world: World) -> None:
        for key in world.keys:
            found = adapter.find_customers(replace(key, value=key.value[1:]))
            assert world.customer_ref not in {match.customer.ref for match in found}

    def test_an_unknown_key_finds_nobody(self, adapter: CRMAdapter) -> None:
        for kind in adapter.capabilities.keys:
            assert adapter.find_customers(CustomerKey(kind, NOBODY[kind])) == []

    def test_a_key_not_declared_is_refused(self, adapter: CRMAdapter) -> None:
        for kind in set(KeyKind) - adapter.capabilities.keys:
            with pytest.raises(Unsupported):
                adapter.find_customers(CustomerKey(kind, NOBODY[kind]))

    def test_a_customer_is_read_by_ref(self, adapter: CRMAdapter, world: World) -> None:
        customer = adapter.get_customer(world.customer_ref)
        assert customer.ref == world.customer_ref
        assert customer.name == world.name
        assert not world.name.isascii(), "the world's name must hold letters outside ASCII"
        check_customer(customer)

    def test_a_look_up_and_a_read_agree(self, adapter: CRMAdapter, world: World) -> None:
        read = adapter.get_customer(world.customer_ref)
        assert all(adapter.find_customers(key)[0].customer == read for key in world.keys)

    def test_errors_and_logs_name_nobody(self, adapter: CRMAdapter, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(0)
        with pytest.raises(NotFound) as refusal:
            adapter.get_customer(MARKER)
        adapter.find_customers(CustomerKey(next(iter(adapter.capabilities.keys)), MARKER))
        assert MARKER not in told(refusal.value)
        assert MARKER not in caplog.text

    def test_signs_in_an_address_are_only_signs(self, adapter: CRMAdapter, world: World) -> None:
        for address, ref in world.odd_emails.items():
            found = adapter.find_customers(CustomerKey(KeyKind.EMAIL, address))
            assert [match.customer.ref for match in found] == [ref], address

    def test_customers_are_as_the_crm_holds_them(self, adapter: CRMAdapter, world: World) -> None:
        for wanted in (record for record in world.records if isinstance(record, Customer)):
            found = adapter.get_customer(wanted.ref)
            assert find_differences(found, wanted, lacks=world.lacks) == []

    def test_companies_are_as_the_crm_holds_them(self, adapter: CRMAdapter, world: World) -> None:
        if not adapter.capabilities.companies:
            with pytest.raises(Unsupported):
                adapter.get_company("any")
            return
        for wanted in (record for record in world.records if isinstance(record, Company)):
            assert find_differences(adapter.get_company(wanted.ref), wanted, lacks=world.lacks) == []
        with pytest.raises(NotFound):
            adapter.get_company(MARKER)

    def test_orders_come_newest_first_with_lines(self, adapter: CRMAdapter, world: World) -> None:
        orders = list(adapter.orders(world.customer_ref))
        assert tuple(order.ref for order in orders) == world.order_refs
        assert len(orders) > 1, "the world's customer must have several orders"
        for newer, older in pairwise(orders):
            assert newer.placed_at >= older.placed_at
        for order in orders:
            check_order(order)
            assert order.lines
            assert order.customer_ref == world.customer_ref

    def test_orders_since_a_moment(self, adapter: CRMAdapter, world: World) -> None:
        newest = next(adapter.orders(world.customer_ref))
        recent = [order.ref for order in adapter.orders(world.customer_ref, since=newest.placed_at)]
        assert newest.ref in recent
        later = newest.placed_at + timedelta(seconds=1)
        assert newest.ref not in {order.ref for order in adapter.orders(world.customer_ref, since=later)}

    def test_nobody_has_no_orders(self, adapter: CRMAdapter) -> None:
        orders, refusal = attempt(lambda: list(adapter.orders(MARKER)))
        assert not orders
        assert refusal is None or isinstance(refusal, NotFound)
        assert MARKER not in told(refusal)


def _spellings(key: CustomerKey) -> list[CustomerKey]:
    padded = replace(key, value=f" {key.value} ")
    if key.kind is KeyKind.EMAIL:
        return [padded, replace(key, value=key.value.upper())]
    if key.kind is KeyKind.PHONE:
        return [padded, *(replace(key, value=value) for value in _phone_spellings(key.value))]
    return []


def _phone_spellings(number: str) -> list[str]:
    spaced = f"{number[:3]} {number[3:5]} {number[5:-4]}-{number[-4:]}"
    subscriber = number[-8:]
    if not number.startswith("+55") or subscriber[0] not in "6789":
        return [spaced]
    return [spaced, number[:5] + subscriber, number[:5] + "9" + subscriber]
