"""Which version serves, who decided it, and going back."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from assist.models.account import AuditEntry
from assist.models.training import ModelVersion
from assist.services.comparison import Comparison, compare, differ
from assist.services.desk import Desk
from assist.services.versions import (
    COMMAND,
    CONSOLE,
    Mover,
    NoRollback,
    UnknownVersion,
    UnreadableVersion,
    Version,
    find,
    find_serving,
    promote,
    rollback,
)
from tests.assist.conftest import HandClock
from tests.assist.models import add_version, difference, method, report

MOVER = Mover(COMMAND, "it suggested kettles")


@pytest.fixture
def three(desk: Desk, model: Path, clock: HandClock) -> Desk:
    """Versions `one`, `two` and `three`, of which the last serves, and `kept`, which never did."""
    for version in ("one", "two", "three"):
        add_version(desk, model, version)
        clock.pass_time(hours=1)
    add_version(desk, model, "kept", promoted=False)
    clock.pass_time(hours=1)
    return desk


def serving(desk: Desk) -> str | None:
    current = desk.models.current()
    return current.version if current else None


def read(desk: Desk, version: str) -> Version:
    with desk.database.reading() as session:
        return find(session, version)


def damage(desk: Desk, version: str) -> None:
    (desk.config.models_dir / version / "model.json").write_text("{}")


def test_going_back_twice_goes_back_further(three: Desk, clock: HandClock) -> None:
    assert serving(three) == "three"
    assert rollback(three, MOVER) == "two"
    clock.pass_time(minutes=1)
    assert rollback(three, MOVER) == "one"
    assert serving(three) == "one"
    with pytest.raises(NoRollback, match="older than one"):
        rollback(three, MOVER)


def test_going_back_names_its_aim(three: Desk) -> None:
    assert rollback(three, MOVER, to="one") == "one"
    assert serving(three) == "one"


@pytest.mark.parametrize(
    ("to", "cause"),
    [("kept", "assist model promote kept"), ("three", "serves already"), ("none", "assist model list")],
)
def test_only_what_served_before_can_be_gone_back_to(three: Desk, to: str, cause: str) -> None:
    with pytest.raises((NoRollback, UnknownVersion), match=cause):
        rollback(three, MOVER, to=to)
    assert serving(three) == "three"


def test_without_a_model_there_is_nothing_to_go_back_from(desk: Desk) -> None:
    with pytest.raises(NoRollback, match="assist model train"):
        rollback(desk, MOVER)


def test_what_cannot_be_read_is_not_made_to_serve(three: Desk) -> None:
    damage(three, "two")
    for move in (lambda: rollback(three, MOVER), lambda: promote(three, "two", MOVER)):
        with pytest.raises(UnreadableVersion, match="two cannot serve"):
            move()
    assert serving(three) == "three"
    assert len(read(three, "two").promotions) == 0, "what did not happen is not on record"


def test_any_version_can_be_promoted(three: Desk) -> None:
    promote(three, "kept", MOVER)
    assert serving(three) == "kept"
    with pytest.raises(UnknownVersion, match="There is no model nonsense"):
        promote(three, "nonsense", MOVER)


def test_moves_are_on_record_with_who_and_why(three: Desk, clock: HandClock) -> None:
    rollback(three, MOVER)
    clock.pass_time(minutes=1)
    promote(three, "two", Mover(CONSOLE, "better after all"))
    found = [(one.event, one.by, one.person, one.why) for one in read(three, "two").promotions]
    assert found == [
        ("model.promoted", "console", None, "better after all"),
        ("model.rolled_back", "command", None, "it suggested kettles"),
    ]
    with three.database.reading() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.detail["before"] for entry in entries] == ["three", "two"]


def test_a_version_tells_what_was_recorded_and_leaves_the_rest_unknown(
    desk: Desk, model: Path, clock: HandClock
) -> None:
    add_version(desk, model, "full", figures=report())
    full = read(desk, "full")
    assert (full.lines, full.customers, full.cost.peak_memory) == (310_083, 3_944, 734_003_200)
    clock.pass_time(hours=1)
    add_version(desk, model, "bare")
    bare = read(desk, "bare")
    assert (bare.lines, bare.cost.cpu_seconds, bare.quality, bare.new) == (None, None, (), None)
    with desk.database.reading() as session:
        assert find_serving(session) == bare


class TestComparing:
    @pytest.fixture
    def pair(self, desk: Desk, model: Path, clock: HandClock) -> Desk:
        settings = {"itemitem": {"fit_half_life": 60.0, "neighbours": 200}, "als": {"factors": 64}}
        verdict = {"cause": "worse", "against": "old", "differences": {"cross_sell": difference(-0.05)}}
        add_version(desk, model, "old", figures=report())
        clock.pass_time(hours=1)
        figures = report(verdict=verdict, settings=settings, notes=["No product has a family."])
        add_version(desk, model, "new", promoted=False, figures=figures)
        return desk

    def compared(self, desk: Desk, before: str, after: str) -> Comparison:
        return differ(read(desk, before), read(desk, after))

    def test_settings_notes_and_what_was_found_on_the_same_cases(self, pair: Desk) -> None:
        found = self.compared(pair, "old", "new")
        assert [(one.name, one.before, one.after) for one in found.settings] == [
            ("itemitem.fit_half_life", 120.0, 60.0)
        ]
        assert found.notes_new == ("No product has a family.",)
        assert len(found.notes_gone) == 1
        figure, cases = found.differences["cross_sell"]
        assert (figure.mean, cases) == (-0.05, 610)

    def test_the_other_way_round_differences_change_their_sign(self, pair: Desk) -> None:
        figure, _ = self.compared(pair, "new", "old").differences["cross_sell"]
        assert figure.mean == 0.05
        assert figure.low is not None
        assert figure.high is not None
        assert 0 < figure.low < figure.mean < figure.high

    def test_strangers_were_never_held_against_each_other(self, pair: Desk, model: Path) -> None:
        add_version(pair, model, "third", figures=report())
        assert self.compared(pair, "third", "new").differences == {}

    def test_products_are_read_from_the_artifacts(self, pair: Desk) -> None:
        path = pair.config.models_dir / "new"
        assert compare(pair, "old", "new").new is not None
        damage(pair, "new")
        assert compare(pair, "old", "new").new is None
        with pytest.raises(UnreadableVersion, match="new cannot serve"):
            compare(pair, "old", "new", measure=True)
        assert json.loads((path / "model.json").read_text()) == {}


def test_of_many_methods_those_held_against_the_chosen_one_are_shown(desk: Desk, model: Path) -> None:
    methods = {f"m{place}": method(0.5 - place / 100) for place in range(20)}
    rivals = {"sold ever": method(0.01, lead=0.3), "als": method(0.6, lead=-0.2)}
    for version, found in (("many", methods | rivals), ("bare", methods)):
        figures = {"quality": {"cross_sell": {"methods": found, "chosen": "m12"}}}
        add_version(desk, model, version, figures=figures)
    many, bare = (read(desk, version).quality[0] for version in ("many", "bare"))
    assert len(many.methods) == 22
    assert [one.name for one in many.main] == ["als", "m12", "sold ever"]
    assert [one.name for one in bare.main] == [*(f"m{place}" for place in range(8)), "m12"]


def test_figures_of_another_release_are_read_without_failing(desk: Desk, model: Path) -> None:
    odd = {"quality": {"cross_sell": None, "upsell": {"methods": {"x": {"ndcg": "high"}}}}, "notes": None}
    add_version(desk, model, "odd", figures=odd | {"verdict": None, "cost": None, "changes": None})
    upsell = read(desk, "odd").quality[1]
    assert (upsell.cases, upsell.coverage, upsell.methods[0].ndcg) == (None, None, None)
    with desk.database.reading() as session:
        assert session.get_one(ModelVersion, "odd").figures["notes"] is None
