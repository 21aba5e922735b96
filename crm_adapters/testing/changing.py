"""The contract of noticing what people do in their CRM between two syncs, and during one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from crm_adapters.base import CRMAdapter
from crm_adapters.errors import Merged, NotFound
from crm_adapters.model import Customer, Kind, SyncCursor, SyncPage
from crm_adapters.testing.agreement import find_differences
from crm_adapters.testing.listing import again, list_pages, refs
from crm_adapters.testing.stage import Stage
from crm_adapters.testing.world import World, make_outcome
from crm_adapters.testing.writing import attempt_later

TOGETHER = 12


@dataclass(frozen=True, slots=True)
class Run:
    """One sync of a kind."""

    pages: list[SyncPage]

    @property
    def listed(self) -> set[str]:
        return refs(self.pages)

    @property
    def merged(self) -> dict[str, str]:
        return {old: new for page in self.pages for old, new in page.merged.items()}

    @property
    def cursor(self) -> SyncCursor:
        return self.pages[-1].next_cursor

    def lost(self, known: Iterable[str]) -> set[str]:
        """Of those known before, the ones that it says are gone."""
        named = {ref for page in self.pages for ref in page.deleted_refs} | self.merged.keys()
        unlisted = set(known) - self.listed if self.pages[0].snapshot else set()
        return (named | unlisted) & set(known)


def sync(adapter: CRMAdapter, kind: Kind, cursor: SyncCursor | None = None) -> Run:
    return Run(list_pages(again(adapter), kind, cursor))


def person(number: int) -> Customer:
    return Customer("", f"New {number}", given_name="New", family_name=str(number), country="ES")


class ChangingContract:
    @pytest.fixture
    def stage(self) -> Stage:
        raise NotImplementedError("supply a fixture `stage`: the CRM under test from behind")

    def test_everything_listed_is_as_the_crm_holds_it(self, adapter: CRMAdapter, world: World) -> None:
        listed: dict[tuple[type, str], Any] = {
            (type(item), item.ref): item
            for kind in adapter.capabilities.kinds
            for page in list_pages(adapter, kind)
            for item in page.items
        }
        for wanted in world.records:
            found = listed.get((type(wanted), getattr(wanted, "ref", "")))
            assert found is None or find_differences(found, wanted, lacks=world.lacks) == []

    def test_what_was_added_and_changed_is_listed(
        self, adapter: CRMAdapter, world: World, stage: Stage
    ) -> None:
        first = sync(adapter, Kind.CUSTOMERS)
        changed = stage.put(replace(adapter.get_customer(world.customer_ref), country="PT"))
        added = stage.put(person(1))
        stage.settle()
        run = sync(adapter, Kind.CUSTOMERS, first.cursor)
        assert {changed, added} <= run.listed
        assert run.pages[0].snapshot or len(run.listed) < len(world.refs[Kind.CUSTOMERS]), "only what changed"
        assert not run.lost(world.refs[Kind.CUSTOMERS])

    def test_many_of_the_same_moment_are_all_listed(self, adapter: CRMAdapter, stage: Stage) -> None:
        first = sync(adapter, Kind.CUSTOMERS)
        together = {stage.put(person(number)) for number in range(TOGETHER)}
        stage.settle()
        run = sync(adapter, Kind.CUSTOMERS, first.cursor)
        assert together <= run.listed
        late = stage.put(person(TOGETHER))
        stage.settle()
        assert late in sync(adapter, Kind.CUSTOMERS, run.cursor).listed

    def test_what_came_in_while_syncing_is_listed_by_the_next(
        self, adapter: CRMAdapter, stage: Stage
    ) -> None:
        """Its stamp is older than the sync, and the CRM's own search may not know of it yet."""
        first = sync(adapter, Kind.CUSTOMERS)
        added = stage.put(person(1))
        hasty = sync(adapter, Kind.CUSTOMERS, first.cursor)
        stage.settle()
        calm = sync(adapter, Kind.CUSTOMERS, hasty.cursor)
        assert added in hasty.listed | calm.listed

    def test_a_change_while_paging_loses_nobody(
        self, adapter: CRMAdapter, world: World, stage: Stage
    ) -> None:
        self._page_while(
            adapter, world, lambda ref: stage.put(replace(adapter.get_customer(ref), country="PT"))
        )

    def test_a_deletion_while_paging_loses_nobody(
        self, adapter: CRMAdapter, world: World, stage: Stage
    ) -> None:
        self._page_while(adapter, world, lambda ref: stage.delete(Kind.CUSTOMERS, ref))

    def _page_while(self, adapter: CRMAdapter, world: World, act: Callable[[str], object]) -> None:
        """Acts on somebody of the first page before the second is read; the rest must all be listed by this
        run, or the next."""
        page = adapter.changes(Kind.CUSTOMERS, None)
        struck = next(item.ref for item in page.items if item.ref != world.customer_ref)
        act(struck)
        cursor, listed = page.next_cursor, refs([page])
        for _ in range(2):
            run = sync(adapter, Kind.CUSTOMERS, cursor)
            cursor, listed = run.cursor, listed | run.listed
        assert world.refs[Kind.CUSTOMERS] - {struck} <= listed

    def test_what_was_deleted_is_gone(self, adapter: CRMAdapter, world: World, stage: Stage) -> None:
        for kind in sorted(adapter.capabilities.kinds, reverse=True):
            before = sync(adapter, kind)
            ref = _spare(world, kind)
            stage.delete(kind, ref)
            stage.settle()
            run = sync(adapter, kind, before.cursor)
            assert run.lost(world.refs[kind]) <= {ref}, "what is still there is not to be reported as gone"
            if not adapter.capabilities.reports_deletes:
                assert all(page.may_miss_deletes for page in run.pages)
            else:
                assert ref in run.lost(world.refs[kind]), f"{kind}: the deletion is not reported"
                assert not any(page.may_miss_deletes for page in run.pages)
            self._rest(adapter, stage, kind, run, gone=ref)
        assert adapter.get_customer(world.customer_ref)

    def _rest(self, adapter: CRMAdapter, stage: Stage, kind: Kind, run: Run, *, gone: str) -> None:
        """Once or twice more it may be told; not for ever."""
        for _ in range(2):
            stage.settle()
            run = sync(adapter, kind, run.cursor)
        stage.settle()
        assert not sync(adapter, kind, run.cursor).lost({gone})

    def test_a_deleted_customer_cannot_be_read(self, adapter: CRMAdapter, world: World, stage: Stage) -> None:
        stage.delete(Kind.CUSTOMERS, min(world.shared_refs))
        stage.settle()
        with pytest.raises(NotFound):
            again(adapter).get_customer(min(world.shared_refs))
        found = again(adapter).find_customers(world.shared_key)
        assert {match.customer.ref for match in found} == world.shared_refs - {min(world.shared_refs)}

    def test_a_merged_customer_lives_on(self, adapter: CRMAdapter, world: World, stage: Stage) -> None:
        if not adapter.capabilities.reports_merges:
            pytest.skip("not declared: reports_merges")
        before = sync(adapter, Kind.CUSTOMERS)
        gone = min(world.shared_refs)
        theirs = {order.ref for order in adapter.orders(gone)}
        stage.merge(gone, into=world.customer_ref)
        stage.settle()
        run = sync(adapter, Kind.CUSTOMERS, before.cursor)
        assert run.merged == {gone: world.customer_ref}
        assert gone not in run.listed | {ref for page in run.pages for ref in page.deleted_refs}
        assert theirs <= {order.ref for order in again(adapter).orders(world.customer_ref)}
        with pytest.raises(Merged) as refusal:
            again(adapter).get_customer(gone)
        assert refusal.value.new_ref == world.customer_ref
        self._write_to(again(adapter), gone, stage)

    def _write_to(self, adapter: CRMAdapter, gone: str, stage: Stage) -> None:
        """As the outbox does: refused with the new ref, or written to whoever the CRM thinks it is."""
        if adapter.capabilities.log_outcome:
            attempt_later(adapter, make_outcome(gone), key="merged")
            assert stage.count_written("merged") == 1


def _spare(world: World, kind: Kind) -> str:
    """Somebody or something that no other test of this world needs, if there is."""
    needed = {world.customer_ref, world.product_ref, world.related_product}
    return max(world.refs[kind] - needed or world.refs[kind] - {world.customer_ref})
