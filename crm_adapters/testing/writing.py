"""The contract of writing to a CRM: what is asked for happens once, however often it is asked for."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from typing import Any, ClassVar

import pytest

from crm_adapters.base import CRMAdapter
from crm_adapters.errors import Conflict, Unsupported
from crm_adapters.model import WriteResult
from crm_adapters.testing.listing import again
from crm_adapters.testing.lookup import MARKER, attempt, told
from crm_adapters.testing.world import World, make_outcome

HOSTILE = (
    '=HYPERLINK("http://example.invalid")',
    "+1",
    "@SUM(A1)",
    'quo"ted, and\r\nbroken',
    "日本 🎁 \u202e",
)
WRITERS = 4


def write(adapter: type[CRMAdapter], settings: Mapping[str, Any], customer_ref: str, key: str) -> WriteResult:
    return adapter(settings).log_outcome(make_outcome(customer_ref), key=key)


class WritingContract:
    processes: ClassVar[bool]

    def count_written(self, adapter: CRMAdapter, key: str) -> int:
        """How many records the CRM itself holds for the key, asked behind the adapter's back."""
        raise NotImplementedError

    def test_writing_is_refused_where_not_declared(self, adapter: CRMAdapter, world: World) -> None:
        refused: list[Callable[[], object]] = []
        if not adapter.capabilities.log_outcome:
            refused.append(lambda: adapter.log_outcome(make_outcome(world.customer_ref), key="k"))
            refused.append(lambda: adapter.find_outcome("k", customer_ref=world.customer_ref))
        if not adapter.capabilities.update_customer:
            refused.append(lambda: adapter.update_customer(world.customer_ref, {"name": "x"}))
        for call in refused:
            with pytest.raises(Unsupported):
                call()

    def test_an_outcome_is_written_once(self, adapter: CRMAdapter, world: World) -> None:
        _needs(adapter.capabilities.log_outcome, "log_outcome")
        outcome = make_outcome(world.customer_ref)
        first = adapter.log_outcome(outcome, key="key-1")
        second = adapter.log_outcome(outcome, key="key-1")
        third = again(adapter).log_outcome(replace(outcome, note="something else"), key="key-1")
        assert (first.created, second.created, third.created) == (True, False, False)
        assert first.ref == second.ref == third.ref
        assert self.count_written(adapter, "key-1") == 1

    def test_two_keys_are_two_outcomes(self, adapter: CRMAdapter, world: World) -> None:
        _needs(adapter.capabilities.log_outcome, "log_outcome")
        outcome = make_outcome(world.customer_ref)
        assert adapter.log_outcome(outcome, key="key-1").created
        assert adapter.log_outcome(outcome, key="key-10").created
        assert adapter.log_outcome(outcome, key="KEY-1").created
        assert self.count_written(adapter, "key-1") == self.count_written(adapter, "key-10") == 1

    def test_a_written_outcome_is_found_by_its_key(self, adapter: CRMAdapter, world: World) -> None:
        _needs(adapter.capabilities.log_outcome, "log_outcome")
        ref = world.customer_ref
        assert adapter.find_outcome("key-1", customer_ref=ref) is None
        written = adapter.log_outcome(make_outcome(world.customer_ref), key="key-1")
        found = again(adapter).find_outcome("key-1", customer_ref=ref)
        assert found is not None
        assert (found.ref, found.created) == (written.ref, False)
        assert adapter.find_outcome("key-", customer_ref=ref) is None
        assert adapter.find_outcome("key-_", customer_ref=ref) is None

    def test_any_text_can_be_written(self, adapter: CRMAdapter, world: World) -> None:
        _needs(adapter.capabilities.log_outcome, "log_outcome")
        for number, text in enumerate(HOSTILE):
            outcome = replace(make_outcome(world.customer_ref, note=text), product_name=text, reason=text)
            assert adapter.log_outcome(outcome, key=f"key-{number}").created
            assert again(adapter).find_outcome(f"key-{number}", customer_ref=world.customer_ref)

    def test_threads_write_once(self, adapter: CRMAdapter, world: World) -> None:
        _needs(adapter.capabilities.log_outcome, "log_outcome")
        self._race(adapter, world, ThreadPoolExecutor(WRITERS))

    def test_processes_write_once(self, adapter: CRMAdapter, world: World) -> None:
        _needs(adapter.capabilities.log_outcome, "log_outcome")
        _needs(self.processes, "processes")
        self._race(adapter, world, ProcessPoolExecutor(2, mp_context=get_context("spawn")))

    def _race(self, adapter: CRMAdapter, world: World, executor: Executor) -> None:
        keys = [f"race-{number // WRITERS}" for number in range(5 * WRITERS)]
        with executor:
            tasks = [
                executor.submit(write, type(adapter), adapter.settings, world.customer_ref, key)
                for key in keys
            ]
            results = dict.fromkeys(keys, 0)
            for key, task in zip(keys, tasks, strict=True):
                results[key] += task.result().created
        assert set(results.values()) == {1}, "each key is created by exactly one writer"
        assert {self.count_written(adapter, key) for key in keys} == {1}

    def test_an_outcome_of_nobody_names_nobody(self, adapter: CRMAdapter) -> None:
        _needs(adapter.capabilities.log_outcome, "log_outcome")
        _, refusal = attempt(lambda: adapter.log_outcome(make_outcome(MARKER), key="key-1"))
        assert MARKER not in told(refusal)

    def test_a_customer_is_changed_unless_somebody_else_did(self, adapter: CRMAdapter, world: World) -> None:
        _needs(adapter.capabilities.update_customer, "update_customer")
        before = adapter.get_customer(world.customer_ref)
        patch = {"name": "Ana Nuñez"}
        after = adapter.update_customer(world.customer_ref, patch, expected_version=before.version)
        assert after.name == again(adapter).get_customer(world.customer_ref).name == "Ana Nuñez"
        if before.version is not None:
            with pytest.raises(Conflict):
                adapter.update_customer(world.customer_ref, patch, expected_version=before.version)


def _needs(capability: object, name: str) -> None:
    if not capability:
        pytest.skip(f"not declared: {name}")
