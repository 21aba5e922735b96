"""Switches at the command line, and that what they say holds in a server and a worker that run elsewhere."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.assist.cli.conftest import Run
from tests.assist.processes.nursery import Nursery
from tests.assist.processes.seat import Seat
from tests.assist.processes.service import Forked, Victim, wait_until
from tests.assist.processes.shop import Shop


def test_switches_are_listed_with_who_and_why(run: Run) -> None:
    run("db", "upgrade")
    assert json.loads(run("switch", "list", "--json").stdout) == []
    run("users", "add", "ada@example.com", "--role", "crm_admin")
    off = run("switch", "off", "writes", "--why", "wrong notes", "--as", "ada@example.com")
    assert "writes is off." in off.output
    assert "the first reason stands" in run("switch", "off", "writes", "--why", "again").output
    (told,) = json.loads(run("switch", "list", "--json").stdout)
    assert (told["switch"], told["reason"]) == ("writes", "wrong notes")
    assert "wrong notes" in run("switch", "list").output
    assert "writes is on." in run("switch", "on", "writes").output
    assert "writes was on." in run("switch", "on", "writes").output


def test_nothing_is_switched_without_a_name_and_a_reason(run: Run) -> None:
    run("db", "upgrade")
    assert "Missing option '--why'" in run("switch", "off", "writes", expect=2).stderr
    assert "Say why" in run("switch", "off", "writes", "--why", " ", expect=2).stderr
    assert "is not one of" in run("switch", "off", "all", "--why", "x", expect=2).stderr


@pytest.fixture
def own_shop(shop: Shop, tmp_path: Path) -> Shop:
    """A copy: the others' is only read."""
    folder = tmp_path / "shop"
    shutil.copytree(shop.folder, folder)
    with closing(sqlite3.connect(folder / "assist.sqlite")) as database:
        moved = "UPDATE connection SET settings = json_set(settings, '$.path', ?)"
        database.execute(moved, (str(folder / "crm.sqlite"),))
        database.commit()
    return Shop(folder, shop.adapter, shop.password)


@pytest.fixture
def seat(own_shop: Shop, nursery: Nursery) -> Iterator[Seat]:
    service = Forked(own_shop, nursery)
    service.start()
    seat = Seat(own_shop.password)
    seat.sit_down(service.url)
    yield seat
    seat.leave()
    service.kill(Victim.BOTH)


def test_what_a_command_switches_off_stops_in_the_other_processes(
    own_shop: Shop, nursery: Nursery, seat: Seat
) -> None:
    def turn(*arguments: str) -> None:
        log = own_shop.folder / "switch.log"
        ran = nursery.run(["switch", *arguments], environment=own_shop.environment, log=log)
        assert ran.exit_code == 0, ran.output

    def decide() -> Any:
        return seat.ask("suggestions", {"context": "chat", "customer": customer})

    customer, offered = _find_offer(own_shop, seat)
    turn("off", "writes", "--why", "wrong notes")
    body = {"suggestion": offered, "act": "offered", "channel": "insert"}
    assert seat.post("outcomes", body).status_code == 201, "what the agent did is stored"
    wait_until(lambda: "writes are switched off" in _foot(seat, customer), "told at the sidebar")
    turn("off", "suggestions", "--why", "odd offers")
    wait_until(lambda: "odd offers" in decide()["html"], "told that nothing is suggested")
    turn("off", "everything", "--why", "broken into")
    wait_until(
        lambda: seat.post("card", {"context": "c", "customer": customer}).status_code == 503, "stopped"
    )
    turn("on", "everything")
    wait_until(lambda: seat.post("card", {"context": "c", "customer": customer}).ok, "back")
    assert own_shop.count_outbox() == {"waiting": 1}, "due for a second and more, and not written"
    assert not own_shop.count_written()
    turn("on", "writes")
    wait_until(lambda: own_shop.count_outbox() == {"delivered": 1}, "delivered")
    assert sum(own_shop.count_written().values()) == 1


def _find_offer(shop: Shop, seat: Seat) -> tuple[int, str]:
    """A customer, and a suggestion for them."""
    for ref in shop.list_customers():
        customer = seat.ask("card", {"context": "chat", "ref": ref})["customer"]
        found = seat.ask("suggestions", {"context": "chat", "customer": customer})["suggestions"]
        if found:
            return customer, found[0]["id"]
    raise AssertionError("nothing is offered to anybody")


def _foot(seat: Seat, customer: int) -> str:
    return str(seat.ask("state", {"customer": customer, "suggestions": []})["html"])
