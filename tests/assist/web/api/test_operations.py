"""How connections and the outbox stand, as a script sees it."""

from datetime import timedelta
from typing import Any

import pytest

from assist.models.account import Role
from assist.models.connection import Connection
from assist.services import switches
from assist.services.desk import Desk
from assist.services.switchboard import Switch
from tests.assist.web.api.conftest import Arrive, Script
from tests.assist.web.shops import open_shop, write_back


@pytest.fixture
def script(arrive: Arrive) -> Script:
    return arrive(Role.CRM_ADMIN)


@pytest.fixture
def shop(desk: Desk, script: Script) -> Connection:
    return open_shop(desk)


def test_connections_are_told_with_their_state_and_without_settings(
    desk: Desk, shop: Connection, script: Script
) -> None:
    with desk.database.writing() as session:
        row = session.get_one(Connection, shop.id)
        row.settings, row.sealed = {"url": "https://secret.example"}, desk.vault.seal({"token": "s3cret"})
    answer = script.ask("/connections")
    assert answer.json
    (found,) = answer.json["connections"]
    assert (found["name"], found["adapter"]) == ("shop", "sample")
    assert [(kind["kind"], kind["rejected"]) for kind in found["kinds"]] == [("customers", 0), ("orders", 2)]
    assert "secret" not in answer.text


def test_the_outbox_is_told_a_page_at_a_time(desk: Desk, shop: Connection, script: Script) -> None:
    for number in range(1, 53):
        write_back(desk, shop, number, state="dead" if number % 2 else "delivered", at=desk.clock.now())
    first: Any = script.ask("/outbox")
    assert len(first.json["entries"]) == 50
    rest: Any = script.ask(f"/outbox?before={first.json['before']}").json
    assert [entry["id"] for entry in rest["entries"]] == [2, 1]
    assert rest["before"] is None
    dead: Any = script.ask("/outbox?state=dead&attempts=51").json
    assert [entry["attempts"] for entry in dead["entries"]] == [51]
    assert first.json["entries"][0]["customer_ref"] == "C1"
    assert "Ruiz" not in first.text, "customers are named by reference only"


@pytest.mark.parametrize(
    "query", ["state=odd", "before=0", "before=99999999999", "until=now", "page=2", "cause=%00"]
)
def test_a_question_that_is_none_is_refused(script: Script, query: str) -> None:
    refused: Any = script.ask(f"/outbox?{query}")
    assert refused.status_code == 422
    assert list(refused.json["errors"]) == [query.partition("=")[0]]


def test_a_dead_letter_is_tried_again_once(desk: Desk, shop: Connection, script: Script) -> None:
    write_back(desk, shop, 1, state="dead", at=desk.clock.now() - timedelta(hours=1))
    assert script.ask("/outbox/1/replay", {}).json == {"id": 1, "replayed": True}
    refused: Any = script.ask("/outbox/1/replay", {})
    assert refused.status_code == 409
    assert "Entry 1 is waiting" in refused.json["detail"]
    assert script.ask("/outbox/2/replay", {}).status_code == 404
    assert script.ask("/outbox/99999999999/replay", {}).status_code == 404


def test_while_everything_is_off_the_cause_is_told(desk: Desk, shop: Connection, script: Script) -> None:
    switches.switch_off(desk, Switch.EVERYTHING, reason="broken into")
    answer = script.ask("/connections")
    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    assert answer.json
    assert (answer.json["switched_off"], answer.headers["Retry-After"]) == (True, "60")
    assert "broken into" in answer.json["detail"]
    switches.switch_on(desk, Switch.EVERYTHING)
    assert script.ask("/connections").status_code == 200
