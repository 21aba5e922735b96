"""The contract of bad days: what is read is right or refused, and what is written happens once."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from itertools import product

import pytest

from crm_adapters.base import CRMAdapter
from crm_adapters.errors import (
    AuthExpired,
    CRMError,
    OutcomeUnknown,
    RateLimited,
    Unavailable,
    ValidationFailed,
    VendorChanged,
)
from crm_adapters.fakes.troubles import Trouble
from crm_adapters.model import Kind, NewLine, SyncCursor
from crm_adapters.testing.changing import sync
from crm_adapters.testing.listing import PAGE_LIMIT, again
from crm_adapters.testing.lookup import attempt
from crm_adapters.testing.stage import AFTER, Stage
from crm_adapters.testing.world import World, make_outcome
from crm_adapters.testing.writing import attempt_later, needs

READING = tuple(trouble for trouble in Trouble if trouble not in AFTER)
ALLOWED: dict[Trouble, tuple[type[CRMError], ...]] = {
    Trouble.EXPIRED: (AuthExpired,),
    Trouble.LIMITED: (RateLimited,),
    Trouble.LIMITED_UNTIL: (RateLimited,),
    Trouble.LIMITED_MUTE: (RateLimited,),
    Trouble.REFUSED: (ValidationFailed,),
    Trouble.BROKEN: (Unavailable,),
    Trouble.AWAY: (Unavailable,),
    Trouble.LOST: (Unavailable,),
    Trouble.TRUNCATED: (Unavailable,),
    Trouble.GARBLED: (VendorChanged, Unavailable),
    Trouble.REPEATED: (VendorChanged,),
}
"""How a read may fail, where it does not succeed after all."""


class TroubledContract:
    @pytest.mark.parametrize("trouble", READING, ids=lambda trouble: trouble.name)
    def test_a_read_is_right_or_refused(
        self, adapter: CRMAdapter, world: World, stage: Stage, trouble: Trouble
    ) -> None:
        customer, orders = adapter.get_customer(world.customer_ref), list(adapter.orders(world.customer_ref))
        (found,) = adapter.find_customers(world.keys[0])
        self._read(stage, adapter, trouble, lambda one: one.get_customer(world.customer_ref), customer)
        self._read(stage, adapter, trouble, lambda one: list(one.orders(world.customer_ref)), orders)
        self._read(stage, adapter, trouble, lambda one: one.find_customers(world.keys[0]), [found])

    def _read(
        self,
        stage: Stage,
        adapter: CRMAdapter,
        trouble: Trouble,
        read: Callable[[CRMAdapter], object],
        right: object,
    ) -> None:
        for nth in stage.depths:
            answer, refusal = attempt(partial(read, stage.strike(again(adapter), trouble, nth=nth)))
            assert isinstance(refusal, ALLOWED[trouble]) if refusal else answer == right
            stage.calm()

    @pytest.mark.parametrize("trouble", READING, ids=lambda trouble: trouble.name)
    def test_a_listing_loses_nothing(
        self, adapter: CRMAdapter, world: World, stage: Stage, trouble: Trouble
    ) -> None:
        for kind, nth in product(sorted(adapter.capabilities.kinds), stage.depths):
            cursor, listed = self._list_struck(stage.strike(again(adapter), trouble, nth=nth), kind, world)
            stage.calm()
            assert listed == world.refs[kind]
            assert not sync(adapter, kind, cursor).lost(world.refs[kind])

    def _list_struck(
        self, struck: CRMAdapter, kind: Kind, world: World
    ) -> tuple[SyncCursor | None, set[str]]:
        """As a sync does: after a failure it asks for the same page again."""
        cursor: SyncCursor | None = None
        listed: set[str] = set()
        for _ in range(PAGE_LIMIT):
            page, _refusal = attempt(partial(struck.changes, kind, cursor))
            if page:
                listed |= {item.ref for item in page.items}
                cursor = page.next_cursor
                assert not set(page.deleted_refs) & world.refs[kind]
            if page and not page.more:
                return cursor, listed
        raise AssertionError(f"the listing of {kind} never ends")

    @pytest.mark.parametrize("writes", [True, False], ids=["writing", "reading"])
    @pytest.mark.parametrize("trouble", Trouble, ids=lambda trouble: trouble.name)
    def test_an_outcome_is_written_once_all_the_same(
        self, adapter: CRMAdapter, world: World, stage: Stage, *, trouble: Trouble, writes: bool
    ) -> None:
        needs(adapter.capabilities.log_outcome, "log_outcome")
        outcome = make_outcome(world.customer_ref)
        adapter.log_outcome(outcome, key="another")
        for before, nth in enumerate(stage.depths, start=1):
            struck = stage.strike(again(adapter), trouble, writes=writes, nth=nth)
            written = attempt_later(struck, outcome, key=f"key-{nth}")
            stage.calm()
            assert stage.count_written(f"key-{nth}") == stage.count_written() - before == 1
            later = again(adapter).log_outcome(outcome, key=f"key-{nth}")
            assert (later.ref, later.created) == (written.ref, False)

    @pytest.mark.parametrize("trouble", AFTER, ids=lambda trouble: trouble.name)
    def test_a_write_without_an_answer_is_unknown_or_done(
        self, adapter: CRMAdapter, world: World, stage: Stage, trouble: Trouble
    ) -> None:
        needs(adapter.capabilities.log_outcome, "log_outcome")
        struck = stage.strike(again(adapter), trouble, writes=True)
        written, refusal = attempt(lambda: struck.log_outcome(make_outcome(world.customer_ref), key="key-1"))
        assert written or isinstance(refusal, OutcomeUnknown), "it may have happened"
        found = again(adapter).find_outcome("key-1", customer_ref=world.customer_ref)
        assert (found is not None) == (stage.count_written("key-1") == 1)

    @pytest.mark.parametrize("trouble", Trouble, ids=lambda trouble: trouble.name)
    def test_a_line_is_put_on_a_deal_once_all_the_same(
        self, adapter: CRMAdapter, world: World, stage: Stage, trouble: Trouble
    ) -> None:
        needs(adapter.capabilities.add_line, "add_line")
        (deal, *_) = adapter.open_deals(world.customer_ref)
        line = NewLine(world.product_ref, Decimal(1))
        for writes in (True, False):
            struck = stage.strike(again(adapter), trouble, writes=writes)
            key = f"line-{writes}"
            for _ in range(3):
                attempt(partial(struck.add_line, deal.ref, line, key=key))
            stage.calm()
            again(adapter).add_line(deal.ref, line, key=key)
            assert stage.count_lines(key) == 1
