import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from assist.cli.outbox import NOTHING
from tests.assist.cli.conftest import Run

CUSTOMER = """INSERT INTO customer
  (id, connection_id, ref, digest, seen_run, deleted, name, given_name, custom, refreshed_at)
  VALUES (1, 1, 'C-1', '', 0, 0, 'Ana Ruiz', 'Ana', '{}', '2026-01-05 10:00:00')"""
LETTER = """INSERT INTO outbox
  (id, key, connection_id, customer_ref, customer_id, outcome_id, payload, state, created_at, due_at,
   attempts, cause)
  VALUES (?, ?, 1, 'C-1', 1, 'o', '{"act": "offered"}', ?, '2026-01-05 10:00:00', '2026-01-05 10:00:00',
   3, ?)"""


@pytest.fixture
def letters(run: Run, tmp_path: Path) -> None:
    """One delivered, two dead; sqlite3 leaves out the connection they would come from."""
    run("db", "upgrade")
    with closing(sqlite3.connect(tmp_path / "data" / "assist.sqlite")) as database:
        database.execute(CUSTOMER)
        dead = "PermissionDenied: the account may not write"
        rows = [(1, "k1", "delivered", None), (2, "k2", "dead", dead), (3, "k3", "dead", dead)]
        database.executemany(LETTER, rows)
        database.commit()


def test_an_empty_outbox_is_a_table_without_rows(run: Run) -> None:
    run("db", "upgrade")
    assert run("outbox", "list").output.split() == ["id", "state", "customer", "act", "attempts", "cause"]
    assert json.loads(run("outbox", "list", "--json").output) == []


def test_dead_letters_are_listed_with_their_cause_and_without_names(run: Run, letters: None) -> None:
    output = run("outbox", "list", "--state", "dead").output
    assert output.count("the account may not write") == 2
    assert "Ana" not in output


def test_one_dead_letter_is_tried_again_alone(run: Run, letters: None) -> None:
    assert run("outbox", "replay", "2").output == "1 made due again.\n"
    states = {entry["id"]: entry["state"] for entry in json.loads(run("outbox", "list", "--json").output)}
    assert states == {1: "delivered", 2: "waiting", 3: "dead"}


def test_all_dead_letters_are_tried_again(run: Run, letters: None) -> None:
    assert run("outbox", "replay", "--all").output == "2 made due again.\n"
    assert run("outbox", "replay", "--all").output == f"{NOTHING}\n"


def test_what_was_delivered_is_not_tried_again(run: Run, letters: None) -> None:
    assert run("outbox", "replay", "1").output == f"{NOTHING}\n"


@pytest.mark.parametrize("arguments", [[], ["2", "--all"]])
def test_what_to_try_again_is_said_once(run: Run, arguments: list[str]) -> None:
    assert (
        "Give the id of a dead letter, or --all, --connection or --cause."
        in run("outbox", "replay", *arguments, expect=2).stderr
    )


@pytest.fixture
def told(run: Run, letters: None, tmp_path: Path) -> None:
    """The dead ones are of a connection, with a note that the CRM has not been told."""
    note = json.dumps({"act": "offered", "product_name": "Case", "note": "Zoë offered Case.\nPrice: €29.00"})
    run("crm", "add", "crm", "--adapter", "sample", "--set", f"path={tmp_path / 'crm.sqlite'}")
    with closing(sqlite3.connect(tmp_path / "data" / "assist.sqlite")) as database:
        database.execute("UPDATE outbox SET payload = ? WHERE id > 1", (note,))
        database.execute("UPDATE outbox SET cause = 'HostRefused: 10.0.0.1 is not open' WHERE id = 3")
        database.commit()


def test_an_entry_is_shown_word_for_word(run: Run, told: None) -> None:
    output = run("outbox", "show", "2").output
    assert output.endswith("\n\nZoë offered Case.\nPrice: €29.00\n")
    for said in ("dead", "crm (sample)", "C-1", "k2", "PermissionDenied: the account may not write"):
        assert said in output
    assert "Ana" not in output
    assert json.loads(run("outbox", "show", "2", "--json").output)["attempts"] == 3
    assert "There is no entry 9 in the outbox." in run("outbox", "show", "9", expect=1).stderr


def test_several_dead_letters_are_tried_again_by_cause_or_connection(run: Run, told: None) -> None:
    assert run("outbox", "replay", "--cause", "HostRefused").output == "1 made due again.\n"
    assert run("outbox", "replay", "--connection", "crm").output == "1 made due again.\n"
    assert "there are: crm" in run("outbox", "replay", "--connection", "crmm", expect=1).stderr


def test_an_entry_is_cancelled_once(run: Run, told: None) -> None:
    assert run("outbox", "cancel", "2").output == "2 is cancelled.\n"
    assert "is cancelled; there is nothing to cancel" in run("outbox", "cancel", "2", expect=1).stderr
    assert "is delivered; there is nothing to cancel" in run("outbox", "cancel", "1", expect=1).stderr
    listed = json.loads(run("outbox", "list", "--state", "cancelled", "--connection", "crm", "--json").output)
    assert [one["id"] for one in listed] == [2]


def test_what_was_kept_is_shown_as_what_it_would_have_added(run: Run, told: None) -> None:
    run("outbox", "replay", "--all")
    assert "Kept so far: 2." in run("crm", "shadow", "crm", "--on").output
    output = run("crm", "shadow", "crm").output
    assert (
        "#3  2026-01-05 10:00 UTC  offered  note of customer C-1\n+ Zoë offered Case.\n+ Price: €29.00"
        in output
    )
    assert "Ana" not in output
    off = run("crm", "shadow", "crm", "--off").output
    assert "What was kept stays unwritten: 2." in off
    assert "What was kept is being delivered: 2." in run("crm", "shadow", "crm", "--off", "--deliver").output
    states = {entry["id"]: entry["state"] for entry in json.loads(run("outbox", "list", "--json").output)}
    assert states == {1: "delivered", 2: "waiting", 3: "waiting"}
