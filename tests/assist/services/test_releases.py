"""Releases: brought in, approved by another person, in force from a moment on, and taken back."""

from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from assist.models.account import AuditEntry, Role
from assist.models.release import StoredRelease
from assist.services import releases
from assist.services.accounts import add_user
from assist.services.audit import Actor
from assist.services.desk import Desk
from assist.services.releases import Blocked, NotApproved, NothingBefore, NotSimulated, UnknownRelease
from assist.services.simulation import simulate
from personas.release import Release, shipped
from tests.assist.conftest import HandClock
from tests.assist.databases import on_both_databases
from tests.assist.scenes import put_in_force

pytestmark = on_both_databases


def draft(name: str) -> Release:
    document = deepcopy(dict(shipped().document))
    document["icp.yaml"]["name"]["en"] = name
    return Release.of(document)


def add_person(desk: Desk, name: str, *roles: Role) -> Actor:
    with desk.database.writing() as session:
        user, _ = add_user(session, email=f"{name}@example.com", name=name, roles=roles, at=desk.clock.now())
    return Actor(user.id)


def in_force(desk: Desk) -> str:
    desk.releases.look_again()
    return desk.personas.icp.name.into("en")


def put(desk: Desk, name: str) -> str:
    return put_in_force(desk, draft(name))


def test_what_ships_is_in_force_until_something_else_is(desk: Desk) -> None:
    assert in_force(desk) == shipped().catalogue.icp.name.into("en")
    put(desk, "Ours")
    assert in_force(desk) == "Ours"


def test_the_same_content_is_the_same_release(desk: Desk) -> None:
    assert releases.bring_in(desk, draft("Ours"))
    assert not releases.bring_in(desk, draft("Ours"))


def test_bringing_in_changes_nothing(desk: Desk) -> None:
    before = in_force(desk)
    releases.bring_in(desk, draft("Ours"))
    assert in_force(desk) == before


def test_a_release_begins_when_it_was_told_to(desk: Desk, clock: HandClock) -> None:
    before, release = in_force(desk), draft("Spring")
    releases.bring_in(desk, release)
    simulate(desk, release.digest)
    releases.activate(desk, release.digest, begins_at=clock.now() + timedelta(days=2))
    assert in_force(desk) == before
    clock.pass_time(days=2)
    assert in_force(desk) == "Spring"


def test_steps_back_lead_one_release_further_each(desk: Desk, clock: HandClock) -> None:
    for name in ("One", "Two", "Three"):
        put(desk, name)
        clock.pass_time(minutes=1)
    found = []
    for _ in range(3):
        releases.roll_back(desk)
        clock.pass_time(minutes=1)
        found.append(in_force(desk))
    assert found == ["Two", "One", shipped().catalogue.icp.name.into("en")]
    with pytest.raises(NothingBefore):
        releases.roll_back(desk)


def test_after_a_step_back_another_release_and_back_again(desk: Desk, clock: HandClock) -> None:
    for name in ("One", "Two"):
        put(desk, name)
        clock.pass_time(minutes=1)
    releases.roll_back(desk)
    clock.pass_time(minutes=1)
    put(desk, "Three")
    clock.pass_time(minutes=1)
    releases.roll_back(desk)
    assert in_force(desk) == "One"


DENIAL = {
    "key": "nobody",
    "stage": "eligibility",
    "effect": "deny",
    "if": {"fact": "order.count", "at_least": 3},
    "reason": {"en": "Why", "es": "Por qué", "pt-BR": "Por quê"},
    "owner": "Ana",
}
PIN = {**DENIAL, "key": "pinned", "stage": "pin", "effect": "first", "to": "2026-12-31"}
FAILING = {**DENIAL, "tests": [{"given": {"order.count": 2}, "expect": "applies"}]}


class TestWhatCannotBeMeant:
    @pytest.mark.parametrize(
        ("rules", "place"),
        [
            ([FAILING], r"nobody\.tests\[0\]: The test expects applies"),
            ([{**DENIAL, "if": {"not": {"fact": "order.count", "at_least": 0}}}], r"nobody\.if: .*never"),
            ([{**PIN, "to": "2099-12-31"}], "pinned: It lasts longer than a year"),
            ([DENIAL, PIN], "pinned: It never does anything: nobody"),
        ],
    )
    def test_it_is_not_put_in_force(self, desk: Desk, rules: list[Any], place: str) -> None:
        release = Release.of({**shipped().document, "rules.yaml": {"rules": rules}})
        releases.bring_in(desk, release)
        with pytest.raises(Blocked, match=f"rules.yaml: {place}"):
            releases.activate(desk, release.digest)
        assert in_force(desk) == shipped().catalogue.icp.name.into("en")

    def test_it_is_judged_for_the_day_it_begins(self, desk: Desk, clock: HandClock) -> None:
        last = (clock.now() + timedelta(days=600)).date().isoformat()
        release = Release.of({**shipped().document, "rules.yaml": {"rules": [{**PIN, "to": last}]}})
        releases.bring_in(desk, release)
        with pytest.raises(Blocked):
            releases.activate(desk, release.digest)
        simulate(desk, release.digest)
        releases.activate(desk, release.digest, begins_at=clock.now() + timedelta(days=300))


class TestApproval:
    def test_somebody_else_has_to_look_at_it(self, desk: Desk) -> None:
        editor = add_person(desk, "editor", Role.OPS_EDITOR, Role.OPS_APPROVER)
        approver = add_person(desk, "approver", Role.OPS_APPROVER)
        release = draft("Ours")
        releases.bring_in(desk, release, actor=editor)
        with pytest.raises(NotApproved, match="Nobody has approved"):
            releases.activate(desk, release.digest, actor=editor)
        with pytest.raises(NotApproved, match="imported"):
            releases.approve(desk, release.digest, actor=editor)
        simulate(desk, release.digest)
        releases.approve(desk, release.digest, actor=approver)
        releases.activate(desk, release.digest, actor=editor)
        assert in_force(desk) == "Ours"

    @pytest.mark.parametrize("role", [role for role in Role if role is not Role.OPS_APPROVER])
    def test_only_an_approver_approves(self, desk: Desk, role: Role) -> None:
        release = draft("Ours")
        releases.bring_in(desk, release)
        with pytest.raises(NotApproved, match="ops_approver"):
            releases.approve(desk, release.digest, actor=add_person(desk, "somebody", role))

    def test_where_nobody_else_is_there_one_person_is_enough(self, desk: Desk) -> None:
        alone = add_person(desk, "alone", *Role)
        release = draft("Ours")
        releases.bring_in(desk, release, actor=alone)
        with pytest.raises(NotSimulated, match=f"assist rules simulate {release.digest[:12]}"):
            releases.activate(desk, release.digest, actor=alone)
        simulate(desk, release.digest, actor=alone)
        assert releases.activate(desk, release.digest, actor=alone) == release.digest

    def test_it_has_to_be_simulated_against_what_is_in_force_now(self, desk: Desk) -> None:
        approver = add_person(desk, "approver", Role.OPS_APPROVER)
        ours, theirs = draft("Ours"), draft("Theirs")
        for release in (ours, theirs):
            releases.bring_in(desk, release)
        with pytest.raises(NotSimulated, match="assist rules simulate"):
            releases.approve(desk, ours.digest, actor=approver)
        for release in (ours, theirs):
            simulate(desk, release.digest)
        releases.approve(desk, theirs.digest, actor=approver)
        releases.activate(desk, theirs.digest)
        with pytest.raises(NotSimulated):
            releases.approve(desk, ours.digest, actor=approver)
        simulate(desk, ours.digest, against=theirs.digest)
        assert releases.approve(desk, ours.digest, actor=approver) == ours.digest

    def test_the_list_says_what_was_simulated_against_what_is_in_force(
        self, desk: Desk, clock: HandClock
    ) -> None:
        one, two = draft("One"), draft("Two")
        releases.bring_in(desk, two)
        simulate(desk, two.digest)
        assert simulated(desk) == {two.digest}
        put_in_force(desk, one)
        assert simulated(desk) == set()


def simulated(desk: Desk) -> set[str]:
    with desk.database.reading() as session:
        return {one.digest for one in releases.list_all(session, desk.clock.now()) if one.simulated_at}


@pytest.mark.parametrize(
    ("name", "problem"), [("abc", "at least 4"), ("0000", "No release begins"), ("%%%%", "No release")]
)
def test_a_name_that_names_nothing_is_told(desk: Desk, name: str, problem: str) -> None:
    releases.bring_in(desk, draft("Ours"))
    with pytest.raises(UnknownRelease, match=problem):
        releases.activate(desk, name)


def test_what_cannot_be_read_is_passed_over(desk: Desk) -> None:
    put(desk, "One")
    assert in_force(desk) == "One"
    digest = put(desk, "Two")
    with desk.database.writing() as session:
        session.execute(update(StoredRelease).where(StoredRelease.digest == digest).values(document={}))
    assert in_force(desk) == "One"


def test_every_step_is_on_record(desk: Desk) -> None:
    put(desk, "One")
    releases.roll_back(desk, why="too many phones")
    with desk.database.reading() as session:
        found = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.event for entry in found] == [
        "release.imported",
        "release.simulated",
        "release.activated",
        "release.rolled_back",
    ]
    assert found[-1].detail["why"] == "too many phones"
