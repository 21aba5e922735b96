"""Connections: settings understood before they are stored, secrets never in the clear."""

from pathlib import Path

import pytest

from assist.models.connection import Connection
from assist.services.connect import (
    UnknownConnection,
    add_connection,
    check_connection,
    get_connection,
    open_adapter,
)
from assist.services.desk import Desk
from crm_adapters.errors import BadSettings
from crm_adapters.transport import Purpose
from tests.assist.crms import WorldAdapter, connect, customer, dump


def read(desk: Desk, name: str) -> Connection:
    with desk.database.reading() as session:
        return get_connection(session, name)


def test_secrets_are_sealed_and_reach_the_adapter(desk: Desk) -> None:
    world = connect(desk, "shop")
    settings = {"world": world.name, "token": "s3cret-token"}
    add_connection(desk, "second", adapter="tested", settings=settings)
    row = read(desk, "second")
    assert (row.settings, desk.vault.open(row.sealed)) == ({"world": world.name}, {"token": "s3cret-token"})
    assert "s3cret-token" not in str(dump(desk.database.engine))
    adapter = open_adapter(desk, row, Purpose.BACKGROUND)
    assert isinstance(adapter, WorldAdapter)
    assert adapter.given == settings


@pytest.mark.parametrize(
    ("name", "adapter", "settings", "message"),
    [
        ("new", "hubspoot", {}, "no adapter called hubspoot"),
        ("new", "tested", {}, "world"),
        ("new", "tested", {"world": "w", "colour": "red"}, "colour"),
        ("shop", "tested", {"world": "w"}, "already"),
        ("", "tested", {"world": "w"}, "name"),
        ("a/b", "tested", {"world": "w"}, "name"),
        ("x" * 81, "tested", {"world": "w"}, "name"),
    ],
)
def test_what_cannot_work_is_refused(
    desk: Desk, *, name: str, adapter: str, settings: dict[str, str], message: str
) -> None:
    connect(desk, "shop")
    with pytest.raises(BadSettings, match=message):
        add_connection(desk, name, adapter=adapter, settings=settings)


def test_an_unknown_connection_is_refused_with_those_there_are(desk: Desk) -> None:
    connect(desk, "shop")
    with pytest.raises(UnknownConnection, match="there are: shop"):
        read(desk, "shopp")


def test_a_relative_path_means_the_same_from_another_folder(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    add_connection(desk, "files", adapter="csvfiles", settings={"path": "exports"})
    monkeypatch.chdir("/")
    assert open_adapter(desk, read(desk, "files"), Purpose.BACKGROUND).settings["path"] == str(
        tmp_path / "exports"
    )


def test_a_check_says_what_the_crm_said(desk: Desk) -> None:
    connect(desk, "shop").put(customer("C1"))
    health = check_connection(desk, "shop")
    assert (health.ok, health.findings[0].message) == (True, "1 customers")
