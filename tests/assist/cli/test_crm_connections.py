"""A connection's life at the command line, with HubSpot's fake behind it: mapped, in shadow, on, rotated, removed."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_adapters.fakes.loopback import serving
from crm_adapters.fakes.seed import MARKER, Seed
from crm_adapters.fakes.vendors.hubspot import Fake
from tests.assist.cli.conftest import Run, RunTyping

OPENED = {"ASSIST_CRM_PRIVATE_HOSTS": "127.0.0.1"}


@pytest.fixture
def fake() -> Fake:
    fake = Fake()
    fake.fill(Seed())
    return fake


@pytest.fixture
def hubspot(run: Run, fake: Fake) -> Iterator[dict[str, str]]:
    """Its settings, with a connection called crm to it."""
    with serving(fake) as url:
        settings = fake.settings(url)
        pairs = [part for name, value in settings.items() for part in ("--set", f"{name}={value}")]
        run("db", "upgrade")
        run("crm", "add", "crm", "--adapter", "hubspot", *pairs, env=OPENED)
        yield settings


@pytest.fixture
def sample(run: Run, tmp_path: Path) -> None:
    run("db", "upgrade")
    settings = ("--set", f"path={tmp_path / 'crm.sqlite'}", "--set", "customers=20")
    run("crm", "add", "sample", "--adapter", "sample", *settings)


def writing(run: Run, name: str) -> tuple[bool, bool, bool]:
    listed = {one["name"]: one for one in json.loads(run("crm", "list", "--json").output)}
    return listed[name]["writes"], listed[name]["shadow"], listed[name]["notes_first"]


def test_a_crm_starts_in_shadow_and_the_sample_does_not(run: Run, hubspot: None, sample: None) -> None:
    assert writing(run, "crm") == (True, True, False)
    assert writing(run, "sample") == (True, False, False)
    output = run("crm", "list").output
    assert output.splitlines()[0].split()[:3] == ["name", "adapter", "outcomes"]
    assert "shadow" in output.splitlines()[1]
    assert "written" in output.splitlines()[2]


def test_how_it_is_written_to_is_said_when_it_is_added(run: Run, tmp_path: Path) -> None:
    run("db", "upgrade")
    add = ("--adapter", "sample", "--set", f"path={tmp_path / 'crm.sqlite'}")
    assert "shadow mode" not in run("crm", "add", "quiet", *add, "--read-only").output
    assert "nothing is written to it yet" in run("crm", "add", "kept", *add, "--shadow").output
    assert (writing(run, "quiet")[:2], writing(run, "kept")[:2]) == ((False, False), (True, True))
    assert (
        "leave one of them out" in run("crm", "add", "both", *add, "--read-only", "--shadow", expect=2).stderr
    )


def test_shadow_mode_is_switched_and_said(run: Run, sample: None) -> None:
    assert "Kept so far: 0." in run("crm", "shadow", "sample", "--on").output
    assert "sample is in shadow mode.\nNothing was kept from it." in run("crm", "shadow", "sample").output
    assert "is written to from now on" in run("crm", "shadow", "sample", "--off").output
    assert "--deliver goes with --off" in run("crm", "shadow", "sample", "--deliver", expect=2).stderr
    assert json.loads(run("crm", "shadow", "sample", "--json").output) == {"shadow": False, "entries": []}


def test_which_connection_is_told_is_set_and_said(run: Run, sample: None) -> None:
    assert "comes before other" in run("crm", "writes", "sample", "--first").output
    assert "read only" in run("crm", "writes", "sample", "--off").output
    assert writing(run, "sample") == (False, False, True)
    assert "read only: nothing" in run("crm", "shadow", "sample", "--on", expect=1).stderr


def test_notes_are_seen_before_they_are_written(run: Run, sample: None, tmp_path: Path) -> None:
    before = run("crm", "preview", "sample").output
    assert "Alex Agent offered Phone case.\nPrice: €29.00\nGoes with: Phone X" in before
    run("crm", "sync", "sample")
    shown = json.loads(run("crm", "preview", "sample", "--agent", "Zoë", "--json").output)
    assert {one["act"] for one in shown} == {"offered", "accepted", "declined", "wrong_data"}
    assert all("Zoë" in one["note"] and "Phone case" not in one["note"] for one in shown)
    add = ("--adapter", "sample", "--set", f"path={tmp_path / 'other.sqlite'}")
    run("crm", "add", "otra", *add, "--set", "note_language=es")
    assert "Alex Agent ofreció" in run("crm", "preview", "otra").output


def test_fields_are_shown_with_their_fill_and_nobodys_data(run: Run, hubspot: None) -> None:
    output = run("crm", "map", "crm", "--all", env=OPENED).output
    assert "customer.language" in output
    assert "100%" in output
    assert MARKER.lower() not in output.lower()
    rows = json.loads(run("crm", "map", "crm", "--json", env=OPENED).output)["rows"]
    assert not [row for row in rows if MARKER.lower() in str(row["sample"]).lower()]
    personal = [row["sample"] for row in rows if row["name"] in {"firstname", "lastname", "phone"}]
    assert all(sample and "…" in sample for sample in personal)


def test_a_mapping_is_kept_checked_and_taken_back(run: Run, hubspot: None) -> None:
    lost = run("crm", "map", "crm", "--set", "customer.crm.town=nearest_stor", expect=1, env=OPENED)
    assert "the CRM has no field nearest_stor. Near: nearest_store" in lost.stderr
    assert (
        "Did you mean customer.language?"
        in run("crm", "map", "crm", "--set", "customer.langage=country", expect=1, env=OPENED).stderr
    )
    kept = run("crm", "map", "crm", "--set", "customer.crm.town=nearest_store", env=OPENED)
    assert "mapped: customer.crm.town=nearest_store" in kept.output
    assert "assist crm sync crm --full" in kept.stderr
    assert "ok    mapping: 1 fields are mapped." in run("crm", "check", "crm", env=OPENED).output
    gone = run("crm", "map", "crm", "--unset", "customer.crm.town", env=OPENED)
    assert "customer.crm.town" not in gone.output


def test_an_adapter_without_a_mapping_says_so(run: Run, sample: None) -> None:
    assert "no field mapping to set from here" in run("crm", "map", "sample").output
    assert "no field mapping" in run("crm", "map", "sample", "--set", "customer.name=x", expect=1).stderr


def test_a_secret_is_read_from_the_input_and_tried(run: RunTyping, hubspot: dict[str, str]) -> None:
    wrong = run("crm", "rotate-secret", "crm", "--set", "token", expect=1, env=OPENED, typed="wr0ng-one\n")
    assert "goes on with the secrets it had" in wrong.stderr
    assert "wr0ng-one" not in wrong.output
    assert "FAIL" not in run("crm", "check", "crm", env=OPENED).output
    right = run("crm", "rotate-secret", "crm", "--set", "token", env=OPENED, typed=f"{hubspot['token']}\n")
    assert "Replaced: token." in right.output
    assert hubspot["token"] not in right.output
    assert "keeps no former secrets" in run("crm", "rotate-secret", "crm", "--drop-former").output


@pytest.mark.parametrize(
    ("arguments", "typed", "said"),
    [
        (("--set", "token=s3cret"), "", "the value is asked for"),
        ((), "", "or say --drop-former"),
        (("--set", "token", "--drop-former"), "x\n", "or say --drop-former"),
        (("--set", "tokn"), "x\n", "there are: client_secret, token, webhook_secret"),
        (("--set", "token", "--set", "client_secret"), "one\n", "a line each"),
    ],
)
def test_a_secret_is_named_and_not_given(
    run: RunTyping, hubspot: None, arguments: tuple[str, ...], typed: str, said: str
) -> None:
    refused = run("crm", "rotate-secret", "crm", *arguments, expect=2, env=OPENED, typed=typed)
    assert said in " ".join(refused.stderr.split())


def test_a_connection_is_removed_after_it_was_said_what_goes(run: RunTyping, sample: None) -> None:
    run("crm", "sync", "sample")
    kept = run("crm", "remove", "sample", expect=1, typed="n\n")
    assert "20 customers" in kept.output
    assert "Outcomes that it was not told yet: 0." in kept.output
    assert "sample is removed" in run("crm", "remove", "sample", "--yes").output
    assert json.loads(run("crm", "list", "--json").output) == []
    assert "there are: none yet" in run("crm", "check", "sample", expect=1).stderr


def test_a_check_names_scopes_and_who_grants_them(run: Run, hubspot: None, fake: Fake) -> None:
    fake.scopes ^= {"crm.objects.deals.read", "crm.objects.quotes.write"}
    said = run("crm", "check", "crm", env=OPENED, expect=1).output
    assert "Missing: crm.objects.deals.read. Ask a super admin" in said
    assert "crm.objects.quotes.write. Have them taken away by a super admin" in said
    refused = said[said.index("FAIL  read deals") :].splitlines()
    assert "Ask a super admin" in refused[0]
    assert refused[1] == "      missing: crm.objects.deals.read"
