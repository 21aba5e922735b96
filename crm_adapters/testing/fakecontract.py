"""The suite for an adapter whose CRM has a fake: served on this machine, filled with the seed, struck on the wire.

class TestOurCRM(FakeContract):
    adapter_class = Adapter
    fake_class = Fake
    lacks = frozenset({"product.stock"})
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

import pytest

from crm_adapters.base import CRMAdapter
from crm_adapters.errors import RateLimited
from crm_adapters.fakes.loopback import serving
from crm_adapters.fakes.seed import Record, Seed
from crm_adapters.fakes.server import LIMIT_SECONDS, Fake
from crm_adapters.fakes.troubles import Strike, Trouble
from crm_adapters.marks import make_guid, make_mark
from crm_adapters.model import KeyKind, Kind, ProductRelation, WebhookRequest
from crm_adapters.testing.contract import AdapterContract
from crm_adapters.testing.listing import again, list_pages
from crm_adapters.testing.lookup import attempt
from crm_adapters.testing.seeded import make_world, name_by
from crm_adapters.testing.stage import Stage
from crm_adapters.testing.transport import Watch, local_transport
from crm_adapters.testing.world import World, make_outcome
from crm_adapters.transport import Limits, Purpose, Transport

SETTLED = timedelta(hours=2)
"""Longer than any vendor's index or change feed lags."""
PATIENT = dict.fromkeys(Purpose, Limits(read=20))
"""On a machine busy with other tests an answer may take a while."""
IMPATIENT = Limits(read=0.3)
"""Where a call hangs on purpose it costs a test this much real time; pauses pass on the watch."""


class FakeStage(Stage):
    def __init__(self, fake: Fake, watch: Watch, depths: tuple[int, ...]) -> None:
        self.depths = depths
        self.fake = fake
        self.watch = watch

    def put(self, record: Record) -> str:
        return self.fake.put(record)

    def delete(self, kind: Kind, ref: str) -> None:
        self.fake.delete(kind, ref)

    def merge(self, ref: str, *, into: str) -> None:
        self.fake.merge(ref, into=into)

    def close_deal(self, ref: str) -> None:
        self.fake.close_deal(ref)

    def count_written(self, key: str | None = None) -> int:
        return count_marked(self.fake.notes(), key)

    def count_lines(self, key: str) -> int:
        return count_marked(self.fake.lines(), key)

    def webhook(self, kind: Kind, ref: str) -> WebhookRequest:
        return self.fake.webhook(kind, ref)

    def forge_webhooks(self, kind: Kind, ref: str) -> list[WebhookRequest]:
        return self.fake.forge_webhooks(kind, ref)

    def settle(self) -> None:
        self.watch.now += SETTLED

    def calm(self) -> None:
        self.fake.troubles.clear()

    def strike(
        self, adapter: CRMAdapter, trouble: Trouble, *, writes: bool = False, nth: int = 1
    ) -> CRMAdapter:
        self.fake.strike(Strike(trouble, writes=writes, nth=nth))
        return hurry(adapter) if trouble is Trouble.HUNG_AFTER else adapter


def hurry(adapter: CRMAdapter) -> CRMAdapter:
    """The same connection, which waits for an answer no longer than a test has time."""
    transport = replace(adapter.transport, patience=dict.fromkeys(Purpose, IMPATIENT))
    return type(adapter)(adapter.settings, transport)


def count_marked(texts: list[str], key: str | None) -> int:
    return len(texts) if key is None else sum(is_marked(text, key) for text in texts)


def is_marked(text: str, key: str) -> bool:
    """Whether what the CRM holds is the effect of the write with that key."""
    return any(mark in text for mark in (make_mark(key), make_guid(key)))


class FakeContract(AdapterContract):
    fake_class: ClassVar[type[Fake]]
    settings: ClassVar[dict[str, Any]] = {}
    """Beside what the fake says is needed to connect to it, as a small `page_size` or a field mapping."""
    seed: ClassVar[Seed] = Seed()
    """What the fake is filled with, where this CRM needs something beside the usual."""
    lacks: ClassVar[frozenset[str]] = frozenset()
    """See `World.lacks`."""
    patch: ClassVar[dict[str, str]] = {"given_name": "Aña"}
    """See `World.patch`."""
    shared: ClassVar[KeyKind] = KeyKind.EMAIL
    """What two customers of this CRM can have in common: of the twins, who share an address and a telephone."""
    deals_are_orders: ClassVar[bool] = False
    """An open deal is also listed as an open order, as where purchases are deals that were won."""
    renews: ClassVar[bool] = False
    """After a 401 the adapter gets a new token by itself."""
    depths: ClassVar[tuple[int, ...]] = (1, 2, 3)
    """See `Stage.depths`; one is enough for a second way to connect whose calls are those of the first."""
    processes = False

    @pytest.fixture
    def watch(self) -> Watch:
        return Watch()

    @pytest.fixture
    def fake(self, watch: Watch) -> Fake:
        return self.fake_class(watch.clock)

    @pytest.fixture
    def seeded(self, fake: Fake) -> dict[str, str]:
        return fake.fill(self.seed)

    @pytest.fixture
    def url(self, fake: Fake, seeded: dict[str, str]) -> Iterator[str]:  # noqa: ARG002 - filled before it is asked
        with serving(fake) as url:
            yield url
        assert fake.complaints == []

    @pytest.fixture
    def transport(self, watch: Watch) -> Transport:
        return local_transport(watch, patience=PATIENT)

    @pytest.fixture
    def adapter(self, fake: Fake, url: str, transport: Transport) -> CRMAdapter:
        raw = {**fake.settings(url), **self.settings}
        return self.adapter_class(self.adapter_class.load_settings(raw), transport)

    @pytest.fixture
    def stage(self, fake: Fake, watch: Watch) -> Stage:
        return FakeStage(fake, watch, self.depths)

    @pytest.fixture
    def world(self, adapter: CRMAdapter, seeded: dict[str, str]) -> World:
        return make_world(
            self.held(seeded),
            adapter.capabilities,
            shared=self.shared,
            patch=self.patch,
            lacks=self._lacks(adapter),
            deals_are_orders=self.deals_are_orders,
        )

    def held(self, refs: Mapping[str, str]) -> dict[str, Record]:
        """The seed by its own refs, each record with the CRM's; extend it with what this CRM lists beside."""
        return {
            record.ref: self.hold(name_by(record, refs))
            for record in self.seed.records()
            if not isinstance(record, ProductRelation)
        }

    def hold(self, record: Any) -> Any:
        """A record of the seed as this CRM holds it, where it cannot hold it as it is."""
        return record

    def _lacks(self, adapter: CRMAdapter) -> frozenset[str]:
        able = adapter.capabilities
        undeclared = {
            "product.stock": able.stock,
            "customer.consents": able.consents,
            "customer.company_ref": able.companies,
            "customer.declared_ids": KeyKind.DECLARED in able.keys,
        }
        return self.lacks | {name for name, declared in undeclared.items() if not declared}

    def test_the_world_fills_several_pages(self, adapter: CRMAdapter) -> None:
        pages = list_pages(adapter, Kind.CUSTOMERS)
        assert len(pages) > 2, "without several pages nothing is known about paging: set a small `page_size`"

    @pytest.mark.parametrize("trouble", [Trouble.LIMITED, Trouble.LIMITED_UNTIL], ids=["seconds", "date"])
    def test_it_waits_as_long_as_it_is_asked_to(
        self, adapter: CRMAdapter, world: World, stage: Stage, watch: Watch, trouble: Trouble
    ) -> None:
        calls: dict[bool, Callable[[], object]] = {
            False: lambda: adapter.get_customer(world.customer_ref),
            True: lambda: adapter.log_outcome(make_outcome(world.customer_ref), key="key-1"),
        }
        for writes, call in calls.items():
            if writes and not adapter.capabilities.log_outcome:
                continue
            watch.slept.clear()
            stage.strike(adapter, trouble, writes=writes)
            _, refusal = attempt(call)
            assert refusal is None
            assert LIMIT_SECONDS - 1 <= sum(watch.slept) <= LIMIT_SECONDS * 3

    def test_an_agent_does_not_wait(
        self, adapter: CRMAdapter, world: World, stage: Stage, watch: Watch
    ) -> None:
        transport = replace(
            adapter.transport,
            purpose=Purpose.INTERACTIVE,
            patience={Purpose.INTERACTIVE: Limits(longest_pause=1)},
        )
        stage.strike(adapter, Trouble.LIMITED)
        with pytest.raises(RateLimited) as refusal:
            type(adapter)(adapter.settings, transport).get_customer(world.customer_ref)
        assert refusal.value.retry_after
        assert sum(watch.slept) <= 1

    def test_a_token_that_has_ended_is_renewed(self, adapter: CRMAdapter, world: World, stage: Stage) -> None:
        if not self.renews:
            return
        before = adapter.get_customer(world.customer_ref)
        stage.strike(adapter, Trouble.EXPIRED)
        assert adapter.get_customer(world.customer_ref) == before
        if adapter.capabilities.log_outcome:
            stage.strike(adapter, Trouble.EXPIRED, writes=True)
            assert adapter.log_outcome(make_outcome(world.customer_ref), key="key-1").created
            assert stage.count_written("key-1") == 1

    @pytest.mark.parametrize("trouble", Trouble, ids=lambda trouble: trouble.name)
    def test_a_check_never_raises(self, adapter: CRMAdapter, stage: Stage, trouble: Trouble) -> None:
        health = stage.strike(again(adapter), trouble).check()
        assert health.findings

    def test_a_wrong_secret_is_named_by_the_check(self, adapter: CRMAdapter) -> None:
        wrong = dict.fromkeys(adapter.secret_names() & adapter.settings.keys(), "wrong")
        health = type(adapter)({**adapter.settings, **wrong}, adapter.transport).check()
        assert not health.ok
