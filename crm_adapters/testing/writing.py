"""The contract of writing to a CRM: what is asked for happens once, however often it is asked for."""

from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from multiprocessing import get_context
from typing import Any, ClassVar

import pytest

from crm_adapters.base import CRMAdapter
from crm_adapters.errors import (
    AuthExpired,
    Conflict,
    Merged,
    OutcomeUnknown,
    Retryable,
    Unsupported,
    ValidationFailed,
    VendorChanged,
)
from crm_adapters.model import SuggestionOutcome, WriteResult
from crm_adapters.testing.listening import hear_error, told
from crm_adapters.testing.listing import again
from crm_adapters.testing.lookup import MARKER, attempt
from crm_adapters.testing.stage import Stage
from crm_adapters.testing.world import World, make_outcome

HOSTILE = (
    '=HYPERLINK("http://example.invalid")',
    "+1",
    "@SUM(A1)",
    'quo"ted, and\r\nbroken',
    "日本 🎁 \u202e",
)
WRITERS = 4
ATTEMPTS = 6


Write = Callable[[str, str], WriteResult]
"""Of a customer's ref and a key."""


def write(adapter: CRMAdapter, customer_ref: str, key: str) -> WriteResult:
    return adapter.log_outcome(make_outcome(customer_ref), key=key)


def write_alone(
    adapter: type[CRMAdapter], settings: Mapping[str, Any], customer_ref: str, key: str
) -> WriteResult:
    """In a process that shares nothing with the other."""
    return write(adapter(settings), customer_ref, key)


def attempt_later(adapter: CRMAdapter, outcome: SuggestionOutcome, *, key: str) -> WriteResult:
    """As the outbox delivers: again and again, looking the key up where it is not known what became of it."""
    unsure = False
    for _ in range(ATTEMPTS):
        try:
            written = adapter.find_outcome(key, customer_ref=outcome.customer_ref) if unsure else None
            return written or adapter.log_outcome(outcome, key=key)
        except OutcomeUnknown as error:
            hear_error(error)
            unsure = True
        except Merged as error:
            outcome = replace(outcome, customer_ref=error.new_ref)
        except (Retryable, AuthExpired, ValidationFailed, VendorChanged) as error:
            hear_error(error)
    raise AssertionError("the CRM is well again, and the outcome is still refused")


class WritingContract:
    processes: ClassVar[bool]

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

    def test_an_outcome_is_written_once(self, adapter: CRMAdapter, world: World, stage: Stage) -> None:
        needs(adapter.capabilities.log_outcome, "log_outcome")
        outcome = make_outcome(world.customer_ref)
        first = adapter.log_outcome(outcome, key="key-1")
        second = adapter.log_outcome(outcome, key="key-1")
        third = again(adapter).log_outcome(replace(outcome, note="something else"), key="key-1")
        assert (first.created, second.created, third.created) == (True, False, False)
        assert first.ref == second.ref == third.ref
        assert stage.count_written("key-1") == 1

    def test_two_keys_are_two_outcomes(self, adapter: CRMAdapter, world: World, stage: Stage) -> None:
        needs(adapter.capabilities.log_outcome, "log_outcome")
        outcome = make_outcome(world.customer_ref)
        assert adapter.log_outcome(outcome, key="key-1").created
        assert adapter.log_outcome(outcome, key="key-10").created
        assert adapter.log_outcome(outcome, key="KEY-1").created
        assert stage.count_written("key-1") == stage.count_written("key-10") == 1

    def test_a_written_outcome_is_found_by_its_key(self, adapter: CRMAdapter, world: World) -> None:
        needs(adapter.capabilities.log_outcome, "log_outcome")
        ref = world.customer_ref
        assert adapter.find_outcome("key-1", customer_ref=ref) is None
        written = adapter.log_outcome(make_outcome(world.customer_ref), key="key-1")
        found = again(adapter).find_outcome("key-1", customer_ref=ref)
        assert found is not None
        assert (found.ref, found.created) == (written.ref, False)
        assert adapter.find_outcome("key-", customer_ref=ref) is None
        assert adapter.find_outcome("key-_", customer_ref=ref) is None

    def test_any_text_can_be_written(self, adapter: CRMAdapter, world: World) -> None:
        needs(adapter.capabilities.log_outcome, "log_outcome")
        for number, text in enumerate(HOSTILE):
            outcome = replace(make_outcome(world.customer_ref, note=text), product_name=text, reason=text)
            assert adapter.log_outcome(outcome, key=f"key-{number}").created
            assert again(adapter).find_outcome(f"key-{number}", customer_ref=world.customer_ref)

    def test_threads_write_once(self, adapter: CRMAdapter, world: World, stage: Stage) -> None:
        needs(adapter.capabilities.log_outcome, "log_outcome")
        needs(adapter.capabilities.unique_keys, "unique_keys")
        self._race(ThreadPoolExecutor(WRITERS), partial(write, again(adapter)), world, stage)

    def test_processes_write_once(self, adapter: CRMAdapter, world: World, stage: Stage) -> None:
        needs(adapter.capabilities.log_outcome, "log_outcome")
        needs(self.processes, "processes")
        executor = ProcessPoolExecutor(2, mp_context=get_context("spawn"))
        self._race(executor, partial(write_alone, type(adapter), adapter.settings), world, stage)

    def _race(self, executor: Executor, writing: Write, world: World, stage: Stage) -> None:
        keys = [f"race-{number // WRITERS}" for number in range(5 * WRITERS)]
        with executor:
            tasks = [executor.submit(writing, world.customer_ref, key) for key in keys]
            results = dict.fromkeys(keys, 0)
            for key, task in zip(keys, tasks, strict=True):
                results[key] += task.result().created
        assert set(results.values()) == {1}, "each key is created by exactly one writer"
        assert {stage.count_written(key) for key in keys} == {1}

    def test_an_outcome_of_nobody_names_nobody(self, adapter: CRMAdapter) -> None:
        needs(adapter.capabilities.log_outcome, "log_outcome")
        _, refusal = attempt(lambda: adapter.log_outcome(make_outcome(MARKER), key="key-1"))
        assert MARKER not in told(refusal)

    def test_a_customer_is_changed_unless_somebody_else_did(self, adapter: CRMAdapter, world: World) -> None:
        needs(adapter.capabilities.update_customer, "update_customer")
        before = adapter.get_customer(world.customer_ref)
        after = adapter.update_customer(world.customer_ref, world.patch, expected_version=before.version)
        assert after == again(adapter).get_customer(world.customer_ref)
        for name, value in world.patch.items():
            ours = name.removeprefix("crm.")
            assert (after.custom[ours] if name.startswith("crm.") else getattr(after, name)) == value
        if before.version is not None:
            with pytest.raises(Conflict):
                adapter.update_customer(world.customer_ref, world.patch, expected_version=before.version)

    def test_a_field_that_cannot_be_changed_is_named(self, adapter: CRMAdapter, world: World) -> None:
        needs(adapter.capabilities.update_customer, "update_customer")
        before = adapter.get_customer(world.customer_ref)
        with pytest.raises(ValidationFailed) as refusal:
            adapter.update_customer(world.customer_ref, {**world.patch, "no_such_field": MARKER})
        assert refusal.value.fields.keys() == {"no_such_field"}
        assert MARKER not in told(refusal.value)
        assert adapter.get_customer(world.customer_ref) == before


def needs(capability: object, name: str) -> None:
    if not capability:
        pytest.skip(f"not declared: {name}")
