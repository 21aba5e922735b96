"""The contract of what a customer is about to buy: read, and with a line put on it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from crm_adapters.base import CRMAdapter
from crm_adapters.errors import Conflict, NotFound, Unsupported, ValidationFailed
from crm_adapters.model import Money, NewLine, OpenDeal
from crm_adapters.testing.agreement import find_differences
from crm_adapters.testing.listing import again
from crm_adapters.testing.lookup import MARKER
from crm_adapters.testing.stage import Stage
from crm_adapters.testing.world import World
from crm_adapters.testing.writing import needs


class DealsContract:
    def test_open_deals_are_as_the_crm_holds_them(self, adapter: CRMAdapter, world: World) -> None:
        if not adapter.capabilities.open_deals:
            with pytest.raises(Unsupported):
                adapter.open_deals(world.customer_ref)
            return
        found = {deal.ref: deal for deal in adapter.open_deals(world.customer_ref)}
        wanted = [deal for deal in world.records if isinstance(deal, OpenDeal)]
        assert found.keys() >= {deal.ref for deal in wanted}
        for deal in wanted:
            assert find_differences(found[deal.ref], deal, lacks=world.lacks) == []
        assert adapter.open_deals(min(world.shared_refs)) == []

    def test_a_closed_deal_is_not_open(self, adapter: CRMAdapter, world: World, stage: Stage) -> None:
        needs(adapter.capabilities.open_deals, "open_deals")
        (deal, *_) = adapter.open_deals(world.customer_ref)
        stage.close_deal(deal.ref)
        stage.settle()
        assert deal.ref not in {one.ref for one in again(adapter).open_deals(world.customer_ref)}

    def test_a_line_is_put_on_a_deal_once(self, adapter: CRMAdapter, world: World, stage: Stage) -> None:
        needs(adapter.capabilities.add_line, "add_line")
        (deal, *_) = adapter.open_deals(world.customer_ref)
        line = NewLine(world.product_ref, Decimal(2), _price(deal))
        first = adapter.add_line(deal.ref, line, key="line-1")
        second = again(adapter).add_line(deal.ref, replace(line, quantity=Decimal(9)), key="line-1")
        assert (first.created, second.created) == (True, False)
        assert first.ref == second.ref
        assert stage.count_lines("line-1") == 1
        (after, *_) = [one for one in again(adapter).open_deals(world.customer_ref) if one.ref == deal.ref]
        had = {old.ref for old in deal.lines}
        assert had <= {one.ref for one in after.lines}, "a line was lost"
        (added,) = [one for one in after.lines if one.ref not in had]
        assert (added.product_ref, added.quantity, added.unit_price) == (
            line.product_ref,
            line.quantity,
            line.unit_price,
        )

    def test_a_line_may_leave_its_price_to_the_crm(
        self, adapter: CRMAdapter, world: World, stage: Stage
    ) -> None:
        needs(adapter.capabilities.add_line, "add_line")
        (deal, *_) = adapter.open_deals(world.customer_ref)
        assert adapter.add_line(deal.ref, NewLine(world.product_ref), key="line-1").created
        assert adapter.add_line(deal.ref, NewLine(world.product_ref), key="line-10").created
        assert stage.count_lines("line-1") == stage.count_lines("line-10") == 1

    def test_a_line_needs_a_product_and_an_open_deal(
        self, adapter: CRMAdapter, world: World, stage: Stage
    ) -> None:
        needs(adapter.capabilities.add_line, "add_line")
        (deal, *_) = adapter.open_deals(world.customer_ref)
        with pytest.raises((ValidationFailed, NotFound)) as unknown:
            adapter.add_line(deal.ref, NewLine(MARKER), key="line-1")
        with pytest.raises((ValidationFailed, NotFound)):
            adapter.add_line(MARKER, NewLine(world.product_ref), key="line-2")
        stage.close_deal(deal.ref)
        stage.settle()
        with pytest.raises(Conflict):
            again(adapter).add_line(deal.ref, NewLine(world.product_ref), key="line-3")
        assert MARKER not in str(unknown.value)
        assert stage.count_lines("line-1") == stage.count_lines("line-2") == stage.count_lines("line-3") == 0

    def test_a_line_is_refused_where_not_declared(self, adapter: CRMAdapter, world: World) -> None:
        if not adapter.capabilities.add_line:
            with pytest.raises(Unsupported):
                adapter.add_line("any", NewLine(world.product_ref), key="line-1")


def _price(deal: OpenDeal) -> Money:
    """In the currency of the deal."""
    known = [deal.amount, *(line.unit_price for line in deal.lines)]
    return Money(Decimal("12.50"), next((money.currency for money in known if money), "EUR"))
