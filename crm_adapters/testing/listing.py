"""The contract of listing what a CRM holds and what changed in it."""

import json
from contextlib import suppress

import pytest

from crm_adapters.base import CRMAdapter
from crm_adapters.errors import CRMError, Unsupported
from crm_adapters.model import Kind, SyncCursor, SyncPage
from crm_adapters.testing.records import check_record
from crm_adapters.testing.world import World

PAGE_LIMIT = 1_000
"""An adapter whose paging never ends fails here instead of hanging."""


def again(adapter: CRMAdapter) -> CRMAdapter:
    """Another instance on the same CRM, as another process or a later run makes."""
    return type(adapter)(adapter.settings, adapter.transport)


def list_pages(adapter: CRMAdapter, kind: Kind, cursor: SyncCursor | None = None) -> list[SyncPage]:
    pages = [adapter.changes(kind, cursor)]
    while pages[-1].more:
        assert len(pages) < PAGE_LIMIT, f"the listing of {kind} never ends"
        pages.append(adapter.changes(kind, pages[-1].next_cursor))
    return pages


def refs(pages: list[SyncPage]) -> set[str]:
    return {item.ref for page in pages for item in page.items}


class ListingContract:
    def test_a_full_listing_holds_everything(self, adapter: CRMAdapter, world: World) -> None:
        assert world.refs.keys() == adapter.capabilities.kinds
        for kind in adapter.capabilities.kinds:
            assert refs(list_pages(adapter, kind)) == world.refs[kind]

    def test_what_is_listed_is_well_formed(self, adapter: CRMAdapter) -> None:
        for kind in adapter.capabilities.kinds:
            for item in (item for page in list_pages(adapter, kind) for item in page.items):
                check_record(item)

    def test_a_listing_agrees_with_a_read(self, adapter: CRMAdapter, world: World) -> None:
        if Kind.CUSTOMERS in adapter.capabilities.kinds:
            listed = [item for page in list_pages(adapter, Kind.CUSTOMERS) for item in page.items]
            assert adapter.get_customer(world.customer_ref) in listed
        if Kind.ORDERS in adapter.capabilities.kinds:
            listed = [item for page in list_pages(adapter, Kind.ORDERS) for item in page.items]
            assert all(order in listed for order in adapter.orders(world.customer_ref))

    def test_a_listing_goes_on_from_any_page(self, adapter: CRMAdapter) -> None:
        for kind in adapter.capabilities.kinds:
            pages = list_pages(adapter, kind)
            for stop in {0, len(pages) // 2, len(pages) - 1}:
                rest = list_pages(again(adapter), kind, _through_json(pages[stop].next_cursor))
                assert refs(rest) >= refs(pages[stop + 1 :]), f"{kind} went missing after page {stop + 1}"

    def test_a_second_run_lists_nothing(self, adapter: CRMAdapter) -> None:
        for kind in adapter.capabilities.kinds:
            last = list_pages(adapter, kind)[-1].next_cursor
            for page in list_pages(again(adapter), kind, _through_json(last)):
                assert page.items == ()
                assert page.deleted_refs == ()
                assert not page.snapshot, "an empty snapshot says that everything is gone"

    def test_all_pages_of_a_run_agree_on_being_a_snapshot(self, adapter: CRMAdapter) -> None:
        for kind in adapter.capabilities.kinds:
            assert len({page.snapshot for page in list_pages(adapter, kind)}) == 1

    def test_progress_adds_up(self, adapter: CRMAdapter) -> None:
        for kind in adapter.capabilities.kinds:
            pages = list_pages(adapter, kind)
            if pages[0].total_hint is not None:
                assert sum(page.rows_read for page in pages) == pages[0].total_hint

    def test_an_unknown_cursor_never_means_nothing_new(self, adapter: CRMAdapter, world: World) -> None:
        for kind in adapter.capabilities.kinds:
            with suppress(CRMError):
                assert refs(list_pages(adapter, kind, SyncCursor("?"))) == world.refs[kind]

    def test_a_kind_not_declared_is_refused(self, adapter: CRMAdapter) -> None:
        for kind in set(Kind) - adapter.capabilities.kinds:
            with pytest.raises(Unsupported):
                adapter.changes(kind, None)

    def test_relations_name_their_product(self, adapter: CRMAdapter, world: World) -> None:
        if not adapter.capabilities.relations:
            with pytest.raises(Unsupported):
                adapter.relations("any")
            return
        found = adapter.relations(world.related_product)
        assert found
        assert all(relation.product_ref == world.related_product for relation in found)
        assert all(relation.kind in {"upsell", "cross_sell", "accessory"} for relation in found)
        assert adapter.relations("no such product") == []


def _through_json(cursor: SyncCursor) -> SyncCursor:
    return SyncCursor(json.loads(json.dumps(cursor.value)))
