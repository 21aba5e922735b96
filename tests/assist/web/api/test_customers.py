"""From a look-up to an outcome, as a script goes."""

from typing import Any

import pytest
from flask import Flask

from assist.models.account import Role
from tests.assist.conftest import HandClock
from tests.assist.crms import World
from tests.assist.web.api.conftest import Arrive, Script


@pytest.fixture
def script(world: World, arrive: Arrive) -> Script:
    return arrive(Role.AGENT)


def read(script: Script, path: str, body: object) -> Any:
    answer = script.ask(path, body)
    assert answer.status_code < 300, answer.text
    return answer.json


def find_ana(script: Script) -> int:
    return int(read(script, "/customers/look-up", {"email": "ana@example.com"})["customer"]["customer_id"])


def offer(script: Script) -> Any:
    found = read(script, "/suggestions", {"customer": find_ana(script), "context": "ticket-7"})
    first = found["suggestions"][0]
    act = {"suggestion": first["id"], "act": "offered", "channel": "copy"}
    return read(script, "/outcomes", act)


@pytest.mark.parametrize("key", [{"email": "Ana@Example.com"}, {"ref": "A"}])
def test_a_customer_is_found_by_what_is_known_of_them(script: Script, key: dict[str, str]) -> None:
    card = read(script, "/customers/look-up", key)
    assert card["state"] == "match"
    assert card["customer"]["name"] == "Ana Ruiz"
    assert card["history"][0]["quantity"] == "1"


def test_several_are_not_merged_and_one_can_be_picked(script: Script) -> None:
    card = read(script, "/customers/look-up", {"email": "family@example.com"})
    assert (card["state"], card["customer"], len(card["choices"])) == ("ambiguous", None, 2)
    assert "family@" not in str(card["choices"])
    picked = read(script, "/customers/look-up", {"customer": card["choices"][0]["id"]})
    assert picked["customer"]["matched_on"] == "picked"


def test_nobody_is_an_answer(script: Script) -> None:
    assert read(script, "/customers/look-up", {"phone": "+34600000000"})["state"] == "unknown"


def test_suggestions_are_the_same_under_the_same_context(script: Script) -> None:
    asked = {"customer": find_ana(script), "context": "ticket-7"}
    first, again = read(script, "/suggestions", asked), read(script, "/suggestions", asked)
    assert first["decision_id"] == again["decision_id"]
    assert [one["position"] for one in first["suggestions"]] == [1, 2, 3]
    assert first["suggestions"][0]["price"]["amount"].replace(".", "").isdigit()
    other = read(script, "/suggestions", {**asked, "context": "ticket-8"})
    assert other["decision_id"] != first["decision_id"]


def test_an_outcome_is_recorded_once_and_undone_in_time(script: Script, clock: HandClock) -> None:
    outcome = offer(script)
    assert outcome["act"] == "offered"
    for _ in range(2):
        undone = read(script, f"/outcomes/{outcome['id']}/undo", {})
        assert undone == {"id": outcome["id"], "undone": True}
    late = offer(script)
    clock.pass_time(seconds=11)
    refused = script.ask(f"/outcomes/{late['id']}/undo", {})
    assert refused.status_code == 409
    assert refused.json
    assert refused.json["detail"] == "The time to undo is over; the CRM may have been told."


def test_what_belongs_to_another_account_is_not_there(script: Script, arrive: Arrive) -> None:
    outcome, other = offer(script), arrive(Role.AGENT, name="other")
    assert other.ask(f"/outcomes/{outcome['id']}/undo", {}).status_code == 404
    found = read(script, "/suggestions", {"customer": find_ana(script), "context": "ticket-7"})
    act = {"suggestion": found["suggestions"][1]["id"], "act": "accepted"}
    assert other.ask("/outcomes", act).status_code == 404


def test_there_is_nothing_to_offer_to_nobody(script: Script) -> None:
    assert script.ask("/suggestions", {"customer": 999, "context": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("path", "body", "wrong"),
    [
        ("/customers/look-up", {}, "_schema"),
        ("/customers/look-up", [], "_schema"),
        ("/customers/look-up", {"email": "ana@example.com", "mail": "x"}, "mail"),
        ("/customers/look-up", {"ref": "A\u0000"}, "ref"),
        ("/customers/look-up", {"customer": 2**40}, "customer"),
        ("/customers/look-up", {"customer": "1"}, "customer"),
        ("/suggestions", {"customer": 1}, "context"),
        ("/outcomes", {"suggestion": "0" * 32 + "\n", "act": "accepted"}, "suggestion"),
        ("/outcomes", {"suggestion": "0" * 32, "act": "sold"}, "act"),
        ("/outcomes", {"suggestion": "0" * 32, "act": "offered"}, "channel"),
        ("/outcomes", {"suggestion": "0" * 32, "act": "declined", "reason": "moody"}, "reason"),
    ],
)
def test_what_is_not_as_it_should_be_is_named(script: Script, path: str, body: object, wrong: str) -> None:
    refused = script.ask(path, body)
    assert refused.status_code == 422
    assert refused.content_type == "application/problem+json"
    assert refused.json
    assert list(refused.json["errors"]) == [wrong]
    assert "ana@example.com" not in refused.text


@pytest.mark.parametrize(
    ("data", "type", "status"),
    [
        ('{"ref": "A"}', "text/plain", 415),
        ("{", "application/json", 400),
        ('{"customer": NaN}', "application/json", 400),
        ("[" * 60_000, "application/json", 400),
        ('{"customer": ' + "9" * 5_000 + "}", "application/json", 400),
        (b'{"ref": "\xff"}', "application/json", 400),
        ('{"ref": "' + "x" * 70_000 + '"}', "application/json", 413),
        ("null", "application/json", 422),
    ],
)
def test_what_is_no_body_is_refused(script: Script, data: str, type: str, status: int) -> None:  # noqa: A002 - as the header says
    refused = script.ask("/customers/look-up", data=data, content_type=type)
    assert refused.status_code == status
    assert refused.content_type == "application/problem+json"


def test_answers_carry_the_callers_correlation_id(script: Script, app: Flask) -> None:
    headers = {"X-Request-Id": "nightly-4711"}
    refused = script.client.get("/api/v1/releases", headers=headers)
    assert refused.headers["X-Request-Id"] == "nightly-4711"
    assert refused.json
    assert refused.json["request_id"] == "nightly-4711"


def test_a_method_that_is_none_says_which_there_are(script: Script) -> None:
    refused = script.ask("/customers/look-up")
    assert refused.status_code == 405
    assert "POST" in refused.headers["Allow"]
    assert refused.content_type == "application/problem+json"
