"""A CRM that fails for half an hour while agents go on working, and its own people too; and what became of it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from random import Random

from sqlalchemy import select

from assist.models.mirror import Product
from assist.services import outcomes
from assist.services.connect import add_connection, get_connection
from assist.services.desk import Desk
from assist.services.outcomes import NewOutcome
from assist.services.sync import list_due_connections, sync
from assist.services.writeback import deliver_due
from assist.store import outbox
from assist.store.mirror import TABLES
from crm_adapters import fakes, registry
from crm_adapters.base import Capabilities, CRMAdapter
from crm_adapters.errors import Retryable
from crm_adapters.fakes.loopback import serving
from crm_adapters.fakes.seed import ANA, DECOYS, GIFT, ORDERS, TWINS, Seed, rename
from crm_adapters.fakes.server import Fake
from crm_adapters.fakes.troubles import Storm, Trouble
from crm_adapters.model import Customer, Kind
from crm_adapters.model import Product as Goods
from crm_adapters.transport import PATIENCE
from tests.assist.conftest import HandClock
from tests.assist.scenes import add_agent, suggest

NAME = "crm"
Weather = Mapping[Trouble | None, float]
DEAF: Weather = {Trouble.BROKEN_AFTER: 2, Trouble.LOST_AFTER: 2, Trouble.HUNG_AFTER: 1}
"""Befalls writes only, and first: they are done, and no answer says so."""
STORMS: Mapping[str, Weather] = {
    "limited": {Trouble.LIMITED: 3, Trouble.LIMITED_UNTIL: 1, Trouble.LIMITED_MUTE: 1, None: 2},
    "broken": {Trouble.BROKEN: 2, Trouble.BROKEN_AFTER: 2, Trouble.AWAY: 1, None: 4},
    "cut": {Trouble.LOST: 1, Trouble.LOST_AFTER: 2, Trouble.TRUNCATED: 2, None: 4},
    "hanging": {Trouble.HUNG_AFTER: 1, None: 9},
    "down": {Trouble.LIMITED: 1, Trouble.BROKEN: 1, Trouble.AWAY: 1, Trouble.LOST: 1},
}
"""Then these, in any order."""
PHASE = timedelta(minutes=5)
"""Of each: half an hour in all."""
LONGEST_RECOVERY = 60
"""Minutes."""
SETTLED = timedelta(hours=2)
"""Longer than any vendor's index or change feed lags."""
IMPATIENT = {purpose: replace(limits, read=0.1) for purpose, limits in PATIENCE.items()}
"""A hung call costs a test this much real time; everything else passes on the clock."""
PEOPLE = (ANA, *TWINS, *DECOYS)
SEED = Seed(orders=(*ORDERS, *(replace(ORDERS[-1], customer_ref=one.ref) for one in (*TWINS[1:], *DECOYS))))
"""Everybody has bought something: there are shops that keep notes with orders."""
REASONS = (None, "too_expensive", "already_has_it", "not_interested", "wrong_moment", "no_reason")


@dataclass
class Outage:
    desk: Desk
    clock: HandClock
    fake: Fake
    adapter: type[CRMAdapter]
    refs: Mapping[str, str]
    """The seed's → the CRM's."""
    url: str
    chance: Random
    agent: int
    standing: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    """The keys of each customer's outcomes, in their order; those that were undone are not among them."""
    undone: list[str] = field(default_factory=list)
    deleted: set[str] = field(default_factory=set)

    @cached_property
    def people(self) -> list[Customer]:
        """Not every vendor has an account for each of two people of one address."""
        there = {ref for kind, ref in self.mirrored() if kind is Kind.CUSTOMERS}
        return [person for person in PEOPLE if self.refs[person.ref] in there]

    @property
    def able(self) -> Capabilities:
        return self.adapter.capabilities

    def pass_by(self) -> None:
        self.desk = replace(self.desk, patience=IMPATIENT)
        self._rage(DEAF, writes=True)
        for weather in self.chance.sample([*STORMS.values()], len(STORMS)):
            self._rage(weather)
        self.fake.troubles.clear()
        self.desk = replace(self.desk, patience=PATIENCE)

    def _rage(self, weather: Weather, *, writes: bool | None = None) -> None:
        until = self.clock.now() + PHASE
        self.fake.brew(Storm(weather, writes, until, Random(self.chance.random())))
        if self.able.log_outcome:
            self._act(stands=True)
        while self.clock.now() < until:
            self._go_on()

    def _go_on(self) -> None:
        if self.able.log_outcome and self.chance.random() < 0.6:
            self._act(stands=self.chance.random() < 0.7)
        if self.chance.random() < 0.2:
            self._change_something()
        self.clock.pass_time(seconds=self.chance.uniform(15, 90))
        self.work()

    def work(self) -> None:
        """As the worker does."""
        deliver_due(self.desk)
        for name in list_due_connections(self.desk):
            try:
                sync(self.desk, name)
            except Retryable:
                continue

    def _act(self, *, stands: bool) -> None:
        ref = self.refs[self.chance.choice(self.people).ref]
        suggestion = suggest(self.desk, ref, self._choose_sku(), agent_id=self.agent)
        key = outcomes.record(self.desk, self._decide(suggestion), agent_id=self.agent).id
        if stands:
            self.standing[ref].append(key)
        else:
            self.clock.pass_time(seconds=self.chance.uniform(0, 9))
            outcomes.undo(self.desk, key, agent_id=self.agent)
            self.undone.append(key)

    def offer(self) -> str:
        """The key of a write that is due."""
        ref = self.refs[self.people[0].ref]
        suggestion = suggest(self.desk, ref, self._choose_sku(), agent_id=self.agent)
        key = outcomes.record(
            self.desk, NewOutcome(suggestion, "offered", channel="voice"), agent_id=self.agent
        ).id
        self.clock.pass_time(seconds=self.desk.config.undo_seconds)
        return key

    def _decide(self, suggestion: str) -> NewOutcome:
        if self.chance.random() < 0.5:
            return NewOutcome(suggestion, "offered", channel=self.chance.choice(outcomes.CHANNELS))
        return NewOutcome(suggestion, "declined", reason=self.chance.choice(REASONS))

    def _choose_sku(self) -> str:
        with self.desk.database.reading() as session:
            return self.chance.choice(session.scalars(select(Product.sku).order_by(Product.sku)).all())

    def _change_something(self) -> None:
        """As the CRM's own people do."""
        number = str(self.chance.randrange(1_000))
        match self.chance.randrange(5):
            case 0:
                person = self.chance.choice(self.people)
                self._change(replace(person, name=f"{person.given_name} {number}", family_name=number))
            case 1:
                self.fake.put(Customer("", f"New {number}", "New", number, country="ES"))
            case 2:
                self._change(replace(GIFT, name=f"Gift wrap {number}"))
            case 3:
                placed = self.clock.now().replace(microsecond=0)
                self.fake.put(rename(replace(ORDERS[0], placed_at=placed), self.refs))
            case 4:
                self._delete_somebody()

    def _change(self, record: Customer | Goods) -> None:
        known = rename(record, self.refs)
        assert isinstance(known, Customer | Goods)
        self.fake.put(replace(known, ref=self.refs[record.ref]))

    def _delete_somebody(self) -> None:
        many = {ref for name, ref in self.refs.items() if name.startswith("many")}
        ref = self.chance.choice(sorted(many - self.deleted))
        self.deleted.add(ref)
        self.fake.delete(Kind.CUSTOMERS, ref)

    def recover(self) -> None:
        """Until all that waited is written, and the CRM has noticed its own changes."""
        for _ in range(LONGEST_RECOVERY):
            self.clock.pass_time(minutes=1)
            self.work()
            if not self.count_states().get("waiting"):
                break
        for _ in range(2):
            self.clock.pass_time(seconds=SETTLED.total_seconds())
            sync(self.desk, NAME)

    def count_states(self) -> dict[str, int]:
        with self.desk.database.reading() as session:
            return outbox.count_states(session)

    def mirrored(self, connection: str = NAME) -> dict[tuple[Kind, str], str]:
        """What is there, by kind and ref, with a digest of all that is known of it."""
        with self.desk.database.reading() as session:
            mine = get_connection(session, connection).id
            return {
                (kind, row.ref): row.digest
                for kind, table in TABLES.items()
                for row in session.scalars(select(table).where(table.connection_id == mine, ~table.deleted))
            }

    @property
    def secrets(self) -> set[str]:
        """Of the settings of a connection."""
        given = self.fake.settings(self.url)
        return {given[name] for name in self.adapter.secret_names() & given.keys()}

    def connect(self, name: str = NAME) -> None:
        """And read everything."""
        known = self.adapter.Settings().fields
        small = {"page_size": "10"} if "page_size" in known else {}
        settings = {**self.fake.settings(self.url), **small}
        add_connection(self.desk, name, adapter=self.adapter.name, settings=settings, shadow=False)
        sync(self.desk, name)


@contextmanager
def open_outage(desk: Desk, clock: HandClock, vendor: str, *, seed: int = 0) -> Iterator[Outage]:
    """Before it begins: the CRM answers, and has been synced."""
    fake, adapter = fakes.load(vendor)(clock.now), registry.load(vendor)
    refs = fake.fill(SEED)
    with serving(fake) as url:
        outage = Outage(desk, clock, fake, adapter, refs, url, Random(seed), add_agent(desk))
        outage.connect()
        yield outage
