"""A backup brings everything back, on either database, and a damaged one touches nothing."""

import gzip
import io
import json
import stat
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from assist.app import build_desk
from assist.config import Config
from assist.services import backup
from assist.services.desk import Desk
from assist.services.outcomes import NewOutcome, record
from assist.services.sync import sync
from assist.store import schema
from tests.assist.conftest import HandClock
from tests.assist.crms import complaint, connect, customer, dump, order, product
from tests.assist.databases import on_both_databases, opened, postgres_database
from tests.assist.scenes import add_agent, suggest


@pytest.fixture
def kept(desk: Desk, tmp_path: Path) -> Path:
    """The backup of a desk with something in every part."""
    shop = connect(desk)
    shop.put(customer("C1", email="ana@x.com", phone="+34612345678"), product("CASE", price="10.10"))
    shop.put(order("O1", "C1", "CASE"), complaint("K1", "C1"))
    connect(desk, "helpdesk").put(customer("H1", email="ana@x.com"))
    for name in ("shop", "helpdesk"):
        sync(desk, name)
    agent = add_agent(desk)
    new = NewOutcome(suggest(desk, "C1", "CASE", agent_id=agent), "declined", reason="too_expensive")
    record(desk, new, agent_id=agent)
    model = desk.config.models_dir / "20260302" / "model.json"
    model.parent.mkdir(parents=True)
    model.write_text("{}")
    (desk.config.data_dir / "keys.json").write_text("{}")
    file = tmp_path / "backup.tar.gz"
    backup.write(desk, file)
    return file


@pytest.fixture(params=["sqlite", "postgres"])
def elsewhere(request: pytest.FixtureRequest, config: Config, tmp_path: Path) -> Iterator[Config]:
    """Another machine, on which nothing is yet."""
    folder = tmp_path / "new" / "data"
    if request.param == "sqlite":
        yield replace(config, data_dir=folder, database_url=f"sqlite:///{folder / 'assist.sqlite'}")
    else:
        with postgres_database() as url:
            yield replace(config, data_dir=folder, database_url=url)


@on_both_databases
def test_everything_comes_back_on_either_database(desk: Desk, kept: Path, elsewhere: Config) -> None:
    backup.restore(elsewhere, kept)
    with opened(elsewhere.database_url) as engine:
        assert schema.is_current(engine)
        assert dump(engine) == dump(desk.database.engine)
    assert (elsewhere.models_dir / "20260302" / "model.json").exists()
    assert (elsewhere.data_dir / "keys.json").exists()


@on_both_databases
def test_life_goes_on_after_a_restore(desk: Desk, kept: Path, clock: HandClock) -> None:
    add_agent(desk, "After")
    backup.restore(desk.config, kept)
    again = build_desk(desk.config, clock=clock)
    try:
        assert add_agent(again, "After"), "ids go on behind those that were restored"
        assert all(report.changed == 0 for report in sync(again, "shop"))
    finally:
        again.database.engine.dispose()


def test_a_backup_is_for_its_owner_alone_and_appears_complete(kept: Path) -> None:
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert not list(kept.parent.glob("*.part"))
    with tarfile.open(kept) as archive:
        assert {"about.json", "assist.sqlite", "keys.json", "models"} <= set(archive.getnames())


def repacked(file: Path, **changes: bytes | None) -> Path:
    """The same with some members changed, or left out."""
    new = file.with_name("changed.tar.gz")
    with tarfile.open(file) as source, tarfile.open(new, "w:gz") as target:
        for member in source.getmembers():
            stream = source.extractfile(member) if member.isfile() else None
            content = stream.read() if stream else None
            name = member.name.replace(".", "_")
            content = changes.get(name, content)
            if content is not None:
                member.size = len(content)
                target.addfile(member, io.BytesIO(content))
    return new


def flipped(file: Path, place: float) -> Path:
    content = bytearray(file.read_bytes())
    content[int(len(content) * place)] ^= 0x10
    new = file.with_name("flipped.tar.gz")
    new.write_bytes(content)
    return new


def cut(file: Path) -> Path:
    new = file.with_name("cut.tar.gz")
    new.write_bytes(file.read_bytes()[:-100])
    return new


def other(file: Path) -> Path:
    new = file.with_name("other.gz")
    new.write_bytes(gzip.compress(b"not a backup"))
    return new


DAMAGES: dict[str, Callable[[Path], Path]] = {
    "cut": cut,
    "bit in the middle": lambda file: flipped(file, 0.5),
    "bit at the end": lambda file: flipped(file, 0.9999),
    "other file": other,
    "no database": lambda file: repacked(file, assist_sqlite=None),
    "other database": lambda file: repacked(file, assist_sqlite=b"no database at all" * 100),
    "empty database": lambda file: repacked(file, assist_sqlite=b""),
    "no description": lambda file: repacked(file, about_json=None),
    "odd description": lambda file: repacked(file, about_json=b"[]"),
    "newer": lambda file: repacked(file, about_json=json.dumps({"format": 99}).encode()),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_refused_before_anything_is_touched(desk: Desk, kept: Path, damage: str) -> None:
    add_agent(desk, "After")
    before = dump(desk.database.engine)
    with pytest.raises(backup.BadBackup):
        backup.restore(desk.config, DAMAGES[damage](kept))
    assert dump(desk.database.engine) == before
    assert (desk.config.models_dir / "20260302" / "model.json").exists()


def test_a_restore_that_fails_halfway_leaves_the_database_as_it_was(desk: Desk, kept: Path) -> None:
    add_agent(desk, "After")
    before = dump(desk.database.engine)
    with tarfile.open(kept) as archive:
        archive.extract("assist.sqlite", kept.parent / "odd", filter="data")
    with opened(f"sqlite:///{kept.parent / 'odd' / 'assist.sqlite'}") as engine, engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE outcome")
    odd_file = repacked(kept, assist_sqlite=(kept.parent / "odd" / "assist.sqlite").read_bytes())
    with pytest.raises(Exception, match="outcome"):
        backup.restore(desk.config, odd_file)
    assert dump(desk.database.engine) == before
