"""With every vendor's fake, markers are planted in records, settings and errors; everything written is searched."""

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from io import StringIO

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from assist.app import create_app
from assist.cli import group
from assist.config import Config
from assist.models.account import Role
from assist.models.connection import RejectedRecord, SyncState
from assist.models.outbox import OutboxEntry
from assist.services.connect import add_connection, get_connection, open_adapter
from assist.services.desk import Desk
from assist.services.live import LiveCRM
from assist.services.refresh import refresh
from assist.services.sync import sync
from assist.services.writeback import deliver_due
from crm_adapters import fakes, registry
from crm_adapters.base import CRMAdapter
from crm_adapters.fakes.seed import ANA, MARKER
from crm_adapters.fakes.troubles import Strike, Trouble
from crm_adapters.model import CustomerKey, KeyKind, Kind
from crm_adapters.transport import Purpose
from tests.assist.conftest import HandClock
from tests.assist.crms import dump
from tests.assist.markers import PERSONAL, Credentials, attempt, fill_secrets, find, plant_errors, read_all
from tests.assist.outages import NAME, Outage, open_outage
from tests.assist.scenes import find_id
from tests.assist.web.visitors import Visitor, arrive

TROUBLES = (None, Trouble.EXPIRED, Trouble.LIMITED, Trouble.REFUSED, Trouble.BROKEN)
"""200, 401, 429, 400, 500."""
COMMANDS = (
    ("crm", "check", NAME, "--json"),
    ("crm", "check", "filled", "--json"),
    ("outbox", "list", "--json"),
)
ABOUT_CUSTOMERS = ("/customers", "/outbox", "/decisions")


@pytest.fixture
def config(config: Config) -> Config:
    return replace(config, crm_private_hosts=frozenset({"127.0.0.1"}), live_deadline_seconds=60)


@pytest.fixture
def commands(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands work at the desk of the test, and their logs are where it looks for them."""
    monkeypatch.setattr("assist.cli.output.build_desk", lambda _config: desk)
    monkeypatch.setattr("assist.cli.output.configure_logs", lambda _format: None)
    monkeypatch.setenv("ASSIST_DATA_DIR", str(desk.config.data_dir))


@dataclass(frozen=True, slots=True)
class Written:
    """By the loggers: as it was told to them, and as it stands in the log, where what looks personal is hidden."""

    raw: pytest.LogCaptureFixture
    stream: StringIO

    @property
    def texts(self) -> dict[str, str]:
        return {"raw log": self.raw.text, "log": self.stream.getvalue()}


@pytest.fixture
def everything(written: StringIO, caplog: pytest.LogCaptureFixture) -> Written:
    logging.getLogger().addHandler(caplog.handler)
    return Written(caplog, written)


@dataclass
class Search:
    """All that was told, by where it was."""

    outage: Outage
    written: Written
    secrets: Credentials = field(default_factory=Credentials)
    told: dict[str, str] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    causes: dict[str, str] = field(default_factory=dict)
    """What was kept of failures, for people to read."""

    @property
    def desk(self) -> Desk:
        return self.outage.desk

    def misplace_secrets(self) -> None:
        """As somebody does who pastes them into every field of the form."""
        pasted = f"misplaced-{MARKER}"
        self.secrets.shown.add(pasted)
        settings = dict.fromkeys(self.outage.adapter.Settings().fields, pasted)
        add = partial(add_connection, self.desk, "wrong", adapter=self.outage.adapter.name, settings=settings)
        self.told["wrong settings"] = attempt(add)
        assert "BadSettings" in self.told["wrong settings"]

    def use(self, trouble: Trouble | None) -> None:
        """Everything that talks to the CRM, and every command that tells of it."""
        self.outage.clock.pass_time(minutes=10)
        if self.outage.able.log_outcome:
            self.outage.offer()
        self.outage.fake.troubles.clear()
        if trouble:
            self.outage.fake.strike(Strike(trouble, times=None))
        customer = find_id(self.desk, self.outage.refs[ANA.ref])
        fresh = replace(self.desk, live=LiveCRM())
        work: dict[str, Callable[[], object]] = {
            "sync": lambda: sync(self.desk, NAME),
            "refresh": lambda: refresh(fresh, customer_id=customer, language="en"),
            "deliver": lambda: deliver_due(self.desk),
            **self._questions(),
            **{" ".join(command): partial(run_command, *command) for command in COMMANDS},
        }
        ref = self.outage.refs[ANA.ref]
        # By which customers are named where they must be; there are CRMs whose references are people's names.
        self.told |= {f"{name}, {trouble}": attempt(one).replace(ref, "") for name, one in work.items()}
        self.causes |= {f"{name}, {trouble}": text for name, text in self._read_causes().items()}

    def _read_causes(self) -> dict[str, str]:
        columns = {"sync": SyncState.error, "delivery": OutboxEntry.cause, "row": RejectedRecord.reason}
        with self.desk.database.reading() as session:
            found = {name: session.scalars(select(column)).all() for name, column in columns.items()}
        return {name: "\n".join(text for text in texts if text) for name, texts in found.items()}

    def _questions(self) -> dict[str, Callable[[], object]]:
        adapter, ref = self._open(), self.outage.refs[ANA.ref]
        keys = {
            KeyKind.EMAIL: ANA.emails[0].value,
            KeyKind.PHONE: ANA.phones[0].e164 or "",
            KeyKind.REF: ref,
        }
        asked: dict[str, Callable[[], object]] = {
            f"find by {kind}": partial(adapter.find_customers, CustomerKey(kind, value))
            for kind, value in keys.items()
            if kind in adapter.capabilities.keys
        }
        return {
            **asked,
            "orders": lambda: list(adapter.orders(ref)),
            "deals": lambda: adapter.open_deals(ref),
            "fields": lambda: adapter.describe_fields(Kind.CUSTOMERS, sample=3),
            "adapter": lambda: repr((adapter, adapter.transport)),
        }

    def _open(self) -> CRMAdapter:
        with self.desk.database.reading() as session:
            connection = get_connection(session, NAME)
        return open_adapter(self.desk, connection, Purpose.INTERACTIVE)

    def assert_no_secrets(self) -> None:
        """Nowhere, but for what is sealed; a backup's keys are of no use without what they seal."""
        secrets = self.outage.secrets | self.secrets.shown
        files = read_all(self.desk.config.data_dir)
        assert "backup.tar.gz/assist.sqlite" in files
        stored = {"database": str(dump(self.desk.database.engine)), "desk": repr(self.desk)}
        texts = {**self.written.texts, **self.told, **self.pages, **files, **stored}
        assert find(secrets, texts) == {}

    def assert_no_customers(self) -> None:
        calls = {path.name: path.read_text() for path in (self.desk.config.data_dir / "calls").iterdir()}
        assert find(PERSONAL | {MARKER}, {**self.written.texts, **calls, **self.causes}) == {}
        pages = {path: page for path, page in self.pages.items() if not path.startswith(ABOUT_CUSTOMERS)}
        assert find(PERSONAL, {**self.told, **pages}) == {}

    def assert_it_was_worth_it(self) -> None:
        """What was looked for is where it may be, and what can fail did."""
        assert "/customers, asked" in find({ANA.name}, self.pages)
        assert {one.trouble for one in self.outage.fake.log} == {*TROUBLES}
        assert self.secrets.shown
        assert all(self.causes[f"sync, {trouble}"] for trouble in TROUBLES if trouble)

    def browse(self, visitor: Visitor) -> None:
        """Every page that needs no more than a connection and a kind."""
        known = {"name": NAME, "kind": "customers"}
        for rule in visitor.client.application.url_map.iter_rules():
            if "GET" in (rule.methods or ()) and rule.arguments <= known.keys():
                path = re.sub(r"<(\w+)>", lambda found: known[found[1]], rule.rule)
                self.pages[path] = visitor.get(path).text
        self.pages["/customers, asked"] = visitor.post("/customers", {"key": ANA.emails[0].value}).text


def run_command(*words: str) -> str:
    return CliRunner().invoke(group, words).output


@pytest.fixture
def search(
    desk: Desk, clock: HandClock, vendor: str, commands: None, everything: Written
) -> Iterator[Search]:
    """A connection that works and one that has a marker in each secret setting, to a fake that tells customers' data
    with each failure."""
    with open_outage(desk, clock, vendor) as outage:
        search = Search(outage, everything)
        settings = outage.fake.settings(outage.url)
        filled = fill_secrets(registry.load(vendor), settings)
        add_connection(desk, "filled", adapter=vendor, settings={**settings, **filled})
        search.secrets.shown |= {*filled.values()}
        outage.fake.checks.append(search.secrets.look)
        plant_errors(outage.fake)
        yield search


@pytest.mark.parametrize("vendor", fakes.available())
def test_no_secrets_and_no_customers_are_told(config: Config, desk: Desk, search: Search) -> None:
    search.misplace_secrets()
    search.told["sync"] = run_command("crm", "sync", NAME, "--json")
    for trouble in TROUBLES:
        search.use(trouble)
    search.browse(arrive(create_app(config, desk=desk), desk, *Role))
    run_command("db", "backup", str(config.data_dir / "backup.tar.gz"))
    search.assert_no_secrets()
    search.assert_no_customers()
    search.assert_it_was_worth_it()
