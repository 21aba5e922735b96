"""A desk on a database of its own, with a clock that only moves by hand."""

import logging
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
import structlog
from cryptography.fernet import Fernet

from assist.app import build_desk
from assist.config import Config
from assist.logs import configure_logs
from assist.services.desk import Desk
from crm_adapters.registry import ENTRY_POINTS
from tests.assist.databases import PostgresTemplate, SqliteTemplate, Template, postgres_database
from tests.assist.models import train_small
from tests.assist.processes.nursery import Nursery


class HandClock:
    def __init__(self) -> None:
        self._now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self._now

    def pass_time(self, **by: float) -> None:
        self._now += timedelta(**by)

    def sleep(self, seconds: float, /) -> None:
        self.pass_time(seconds=seconds)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return SqliteTemplate(tmp_path_factory.mktemp("template"))


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[Template]:
    with postgres_database() as url:
        yield PostgresTemplate(url)


@pytest.fixture
def template(request: pytest.FixtureRequest) -> Template:
    """SQLite; a module whose tests run on PostgreSQL too marks them with `on_both_databases`."""
    template: Template = request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_template")
    return template


@pytest.fixture
def config(tmp_path: Path, template: Template) -> Iterator[Config]:
    yield Config(
        data_dir=tmp_path,
        database_url=template.make(tmp_path),
        jobs_url=f"sqlite:///{tmp_path / 'jobs.sqlite'}",
        public_url="http://localhost",
        secret_key="s" * 32,
        vault_keys=(Fernet.generate_key().decode(),),
    )
    template.clear()


@pytest.fixture(scope="session", autouse=True)
def plug_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The CRM of these tests is installed as anybody's adapter would be: by an entry point."""
    folder = tmp_path_factory.mktemp("site-packages")
    about = folder / "tested_crm-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: tested-crm\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        f"[{ENTRY_POINTS}]\ntested = tests.assist.crms:WorldAdapter\nsigned = tests.assist.signed:SignedAdapter\n"
    )
    sys.path.append(str(folder))
    yield
    sys.path.remove(str(folder))


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    with Nursery() as nursery:
        yield nursery


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train_small(tmp_path_factory.mktemp("models"))


@pytest.fixture
def desk(config: Config, clock: HandClock) -> Iterator[Desk]:
    desk = build_desk(config, clock=clock)
    yield desk
    desk.database.engine.dispose()


@pytest.fixture
def written() -> Iterator[StringIO]:
    """What is logged, at all levels, as JSON lines; afterwards logging is as it was."""
    root, stream = logging.getLogger(), StringIO()
    before = (root.handlers, root.level)
    configure_logs("json", stream=stream)
    root.setLevel(logging.DEBUG)
    yield stream
    root.handlers, root.level = before[0], before[1]
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
