"""The conformance suite against the CRM in memory, and faults on demand."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm_adapters.base import CRMAdapter
from crm_adapters.errors import OutcomeUnknown, RateLimited, Unavailable
from crm_adapters.model import (
    Case,
    Company,
    Customer,
    CustomerKey,
    DealKind,
    Email,
    KeyKind,
    Kind,
    Money,
    OpenDeal,
    Order,
    OrderLine,
    OrderStatus,
    Phone,
    Product,
    ProductRelation,
    SyncCursor,
)
from crm_adapters.testing import (
    AdapterContract,
    Crash,
    Fault,
    Faults,
    FaultyAdapter,
    MemoryAdapter,
    MemoryCRM,
    MemoryStage,
    Stage,
    World,
    make_outcome,
)
from crm_adapters.transport import Transport

SECRET = "s3cret-of-the-webhooks"
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
ANA = Customer(
    ref="ana",
    name="Ana Núñez",
    emails=(Email("ana@example.com", verified=True),),
    phones=(Phone("(11) 99123-4567", "+5511991234567"),),
    country="BR",
    declared_ids={"shop": "8841"},
)
TWINS = tuple(
    Customer(ref=f"twin-{n}", name=f"Twin {n}", emails=(Email("both@example.com"),)) for n in (1, 2)
)
ODD = tuple(
    Customer(ref=f"odd-{number}", name=f"Odd {number}", emails=(Email(address),))
    for number, address in enumerate(("a_b@example.com", "axb@example.com", "o'b+c%@example.com"))
)
OTHERS = tuple(Customer(ref=f"c{n}", name=f"Customer {n}") for n in range(120))
PHONE = Product("p1", "PHONE-1", "Phone", prices=(Money(Decimal(500), "EUR"),))
CASE = Product("p2", "CASE-1", "Case")


def make_order(number: int) -> Order:
    line = OrderLine("1", "p1", "Phone", Decimal(1), Money(Decimal(500), "EUR"))
    return Order(f"o{number}", "ana", START + timedelta(days=number), OrderStatus.WON, (line,))


def make_crm() -> MemoryCRM:
    crm = MemoryCRM(related={"p1": [ProductRelation("p1", "p2", "accessory")]})
    crm.put(ANA, *TWINS, *ODD, *OTHERS, PHONE, CASE, *(make_order(number) for number in range(3)))
    crm.companies["acme"] = Company("acme", "Ōta")
    crm.deals["d1"] = OpenDeal("d1", DealKind.QUOTE, "Phones", "ana", amount=Money(Decimal(500), "EUR"))
    crm.put(Case("s1", "ana", "Late", complaint=True, open=True, opened_at=START))
    return crm


WORLD = World(
    refs={
        Kind.PRODUCTS: frozenset({"p1", "p2"}),
        Kind.CUSTOMERS: frozenset(customer.ref for customer in (ANA, *TWINS, *ODD, *OTHERS)),
        Kind.ORDERS: frozenset({"o0", "o1", "o2"}),
        Kind.CASES: frozenset({"s1"}),
    },
    customer_ref="ana",
    name="Ana Núñez",
    keys=(
        CustomerKey(KeyKind.EMAIL, "ana@example.com"),
        CustomerKey(KeyKind.PHONE, "+5511991234567"),
        CustomerKey(KeyKind.REF, "ana"),
        CustomerKey(KeyKind.DECLARED, "shop:8841"),
    ),
    order_refs=("o2", "o1", "o0"),
    shared_key=CustomerKey(KeyKind.EMAIL, "both@example.com"),
    shared_refs=frozenset({"twin-1", "twin-2"}),
    related_product="p1",
    product_ref="p2",
    odd_emails={"a_b@example.com": "odd-0", "axb@example.com": "odd-1", "o'b+c%@example.com": "odd-2"},
)


@pytest.fixture
def crm() -> MemoryCRM:
    return make_crm()


class TestMemory(AdapterContract):
    adapter_class = MemoryAdapter
    processes = False

    @pytest.fixture
    def adapter(self, crm: MemoryCRM) -> CRMAdapter:
        return MemoryAdapter({"crm": crm, "webhook_secret": SECRET})

    @pytest.fixture
    def world(self) -> World:
        return WORLD

    @pytest.fixture
    def stage(self, crm: MemoryCRM) -> Stage:
        return MemoryStage(crm, webhook_secret=SECRET)


def test_only_what_changed_is_listed_again(crm: MemoryCRM) -> None:
    adapter = MemoryAdapter({"crm": crm})
    cursor = adapter.changes(Kind.PRODUCTS, None).next_cursor
    crm.put(replace(PHONE, name="Phone X"))
    crm.delete(Kind.PRODUCTS, "p2")
    page = adapter.changes(Kind.PRODUCTS, cursor)
    assert [item.ref for item in page.items] == ["p1"]
    assert page.deleted_refs == ("p2",)


@pytest.mark.parametrize(
    "call",
    [
        lambda adapter: adapter.get_customer("ana"),
        lambda adapter: adapter.changes(Kind.ORDERS, SyncCursor("3")),
        lambda adapter: adapter.log_outcome(make_outcome("ana"), key="k"),
    ],
)
def test_a_crm_that_is_down_refuses_every_call(crm: MemoryCRM, call: Callable[[CRMAdapter], object]) -> None:
    crm.failing = Unavailable("no answer")
    adapter = MemoryAdapter({"crm": crm})
    with pytest.raises(Unavailable):
        call(adapter)
    assert not adapter.check().ok
    assert crm.outcomes == {}


class TestFaults:
    @pytest.fixture
    def adapter(self, crm: MemoryCRM) -> Callable[..., FaultyAdapter]:
        return lambda *plan: FaultyAdapter(MemoryAdapter({"crm": crm}), Faults(plan))

    def test_a_fault_strikes_the_chosen_calls_only(self, adapter: Callable[..., FaultyAdapter]) -> None:
        faulty = adapter(Fault("get_customer", RateLimited("slow down", retry_after=3), nth=2, times=2))
        answers = [_try(faulty) for _ in range(4)]
        assert answers == ["ana", "RateLimited", "RateLimited", "ana"]
        assert faulty.faults.calls == {"get_customer": 4}

    def test_a_plan_is_counted_over_all_instances(self, crm: MemoryCRM) -> None:
        faults = Faults((Fault("get_customer", Unavailable("no answer"), nth=2, times=None),))
        answers = [_try(FaultyAdapter(MemoryAdapter({"crm": crm}), faults)) for _ in range(3)]
        assert answers == ["ana", "Unavailable", "Unavailable"]

    def test_a_write_may_happen_without_an_answer(
        self, adapter: Callable[..., FaultyAdapter], crm: MemoryCRM
    ) -> None:
        faulty = adapter(Fault("log_outcome", OutcomeUnknown("no answer"), after=True))
        with pytest.raises(OutcomeUnknown):
            faulty.log_outcome(make_outcome("ana"), key="k")
        assert faulty.find_outcome("k", customer_ref="ana") is not None
        assert len(crm.outcomes) == 1

    def test_a_crash_before_the_write_leaves_nothing(
        self, adapter: Callable[..., FaultyAdapter], crm: MemoryCRM
    ) -> None:
        faulty = adapter(Fault("log_outcome", Crash()))
        with pytest.raises(Crash):
            faulty.log_outcome(make_outcome("ana"), key="k")
        assert not isinstance(Crash(), Exception)
        assert crm.outcomes == {}


class TestFaultless(TestMemory):
    """A wrapper without faults changes nothing."""

    @pytest.fixture
    def adapter(self, crm: MemoryCRM) -> CRMAdapter:
        return Wrapped({"crm": crm, "webhook_secret": SECRET})


class Wrapped(FaultyAdapter):
    def __init__(self, settings: Mapping[str, Any], transport: Transport | None = None) -> None:
        super().__init__(MemoryAdapter(settings, transport), Faults())


def _try(adapter: CRMAdapter) -> str:
    try:
        return adapter.get_customer("ana").ref
    except (RateLimited, Unavailable) as error:
        return type(error).__name__
