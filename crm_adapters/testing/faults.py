"""Failures at chosen calls, shared by all instances that an application makes of an adapter."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import TypeVar

from crm_adapters.base import Capabilities, CRMAdapter
from crm_adapters.model import (
    ChangeHint,
    Company,
    Customer,
    CustomerKey,
    CustomerMatch,
    FieldInfo,
    Health,
    Kind,
    NewLine,
    OpenDeal,
    Order,
    ProductRelation,
    SuggestionOutcome,
    SyncCursor,
    SyncPage,
    WebhookRequest,
    WriteResult,
)

T = TypeVar("T")


class Crash(BaseException):
    """The process dying at this point: passes every `except Exception`."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`Fault("log_outcome", OutcomeUnknown("no answer"), after=True)`: the write is done, its answer lost."""

    call: str
    """The adapter's method."""
    error: BaseException
    nth: int = 1
    """The first call that fails, counting from 1."""
    times: int | None = 1
    """How many calls in a row fail; None means all from then on."""
    after: bool = False
    """Fail after the work was done."""

    def strikes(self, call: str, number: int) -> bool:
        last = float("inf") if self.times is None else self.nth + self.times - 1
        return self.call == call and self.nth <= number <= last


@dataclass(slots=True)
class Faults:
    """A plan and the calls counted against it; one plan may stand behind many adapters and threads."""

    plan: tuple[Fault, ...] = ()
    calls: dict[str, int] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def run(self, call: str, work: Callable[[], T]) -> T:
        due = self._due(call)
        _raise_first(fault for fault in due if not fault.after)
        result = work()
        _raise_first(fault for fault in due if fault.after)
        return result

    def _due(self, call: str) -> list[Fault]:
        with self._lock:
            number = self.calls[call] = self.calls.get(call, 0) + 1
        return [fault for fault in self.plan if fault.strikes(call, number)]


def _raise_first(faults: Iterator[Fault]) -> None:
    for fault in faults:
        raise fault.error


class FaultyAdapter(CRMAdapter):
    """Does what `adapter` does, except where `faults` say otherwise."""

    name = "faulty"
    capabilities = Capabilities(kinds=frozenset(), keys=frozenset())

    def __init__(self, adapter: CRMAdapter, faults: Faults) -> None:
        super().__init__(adapter.settings)
        vars(self).update(name=adapter.name, capabilities=adapter.capabilities)
        self.adapter = adapter
        self.faults = faults

    def check(self, *, writes: bool = True) -> Health:
        return self.faults.run("check", lambda: self.adapter.check(writes=writes))

    def find_customers(self, key: CustomerKey, *, limit: int = 5) -> list[CustomerMatch]:
        return self.faults.run("find_customers", lambda: self.adapter.find_customers(key, limit=limit))

    def get_customer(self, ref: str) -> Customer:
        return self.faults.run("get_customer", lambda: self.adapter.get_customer(ref))

    def orders(self, customer_ref: str, *, since: datetime | None = None) -> Iterator[Order]:
        return self.faults.run("orders", lambda: self.adapter.orders(customer_ref, since=since))

    def changes(self, kind: Kind, cursor: SyncCursor | None) -> SyncPage:
        return self.faults.run("changes", lambda: self.adapter.changes(kind, cursor))

    def get_company(self, ref: str) -> Company:
        return self.faults.run("get_company", lambda: self.adapter.get_company(ref))

    def open_deals(self, customer_ref: str) -> list[OpenDeal]:
        return self.faults.run("open_deals", lambda: self.adapter.open_deals(customer_ref))

    def relations(self, product_ref: str) -> list[ProductRelation]:
        return self.faults.run("relations", lambda: self.adapter.relations(product_ref))

    def log_outcome(self, outcome: SuggestionOutcome, *, key: str) -> WriteResult:
        return self.faults.run("log_outcome", lambda: self.adapter.log_outcome(outcome, key=key))

    def find_outcome(self, key: str, *, customer_ref: str) -> WriteResult | None:
        return self.faults.run(
            "find_outcome", lambda: self.adapter.find_outcome(key, customer_ref=customer_ref)
        )

    def add_line(self, deal_ref: str, line: NewLine, *, key: str) -> WriteResult:
        return self.faults.run("add_line", lambda: self.adapter.add_line(deal_ref, line, key=key))

    def update_customer(
        self, ref: str, patch: Mapping[str, str], *, expected_version: str | None = None
    ) -> Customer:
        return self.faults.run(
            "update_customer",
            lambda: self.adapter.update_customer(ref, patch, expected_version=expected_version),
        )

    def describe_fields(self, kind: Kind, *, sample: int = 0) -> list[FieldInfo]:
        return self.faults.run("describe_fields", lambda: self.adapter.describe_fields(kind, sample=sample))

    def read_webhook(self, request: WebhookRequest) -> list[ChangeHint]:
        return self.faults.run("read_webhook", lambda: self.adapter.read_webhook(request))
