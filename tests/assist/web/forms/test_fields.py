"""What a form shows of a part it reads back; what nobody touches stays as it was written."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assist.web.console.icp import icp_form
from assist.web.console.persona_form import persona_form
from assist.web.console.policies import policies_form
from assist.web.console.rule_form import rule_form
from assist.web.console.talk_tracks import talk_track_form
from assist.web.forms.fields import (
    MISSING,
    Field,
    Figure,
    Group,
    InLanguages,
    Line,
    Raw,
    Rows,
    Sentence,
    Several,
)
from assist.web.forms.form import Form
from personas.content import InvalidContent
from personas.release import Release, shipped
from personas.rulebook import dump_rules, parse_rules
from personas.rules import Rule
from tests.personas.rule_generators import rules

DOCUMENT = shipped().document
PERSONAS = [path for path in DOCUMENT if path.startswith("personas/")]


def is_readable(rule: Rule) -> bool:
    """Not of a condition that can never be true, which is refused."""
    try:
        return bool(parse_rules(dump_rules((rule,)), path="rules.yaml:"))
    except InvalidContent:
        return False


def again(top: Field, raw: Any) -> Any:
    """As a browser sends what it was shown."""
    shown = top.show(raw, "")
    return Form.sent(top, {name: text.replace("\n", "\r\n") for name, text in shown.items()}).read(raw)


@pytest.mark.parametrize("path", PERSONAS)
def test_a_persona_that_nobody_changes_stays_as_it_is(path: str) -> None:
    assert again(persona_form(()), DOCUMENT[path]) == DOCUMENT[path]


def test_so_do_the_other_parts() -> None:
    reasons = shipped().catalogue.policies.decline_reasons
    assert again(icp_form(frozenset()), DOCUMENT["icp.yaml"]) == DOCUMENT["icp.yaml"]
    assert again(policies_form(reasons, "en"), DOCUMENT["policies.yaml"]) == DOCUMENT["policies.yaml"]
    for track in DOCUMENT["talk_tracks.yaml"].values():
        assert again(talk_track_form(), track) == track


@given(rules().filter(is_readable))
def test_any_rule_goes_through_its_form_unchanged(rule: Rule) -> None:
    [raw] = dump_rules((rule,))["rules"]
    kept = Release.of(dict(DOCUMENT) | {"rules.yaml": {"rules": [raw]}})
    form = rule_form(rule.stage, (), is_new=False)
    written = again(form, kept.document["rules.yaml"]["rules"][0])
    assert Release.of(dict(DOCUMENT) | {"rules.yaml": {"rules": [written]}}).digest == kept.digest


@given(rules().filter(is_readable))
def test_any_rule_can_be_written_anew_from_what_its_form_shows(rule: Rule) -> None:
    [raw] = dump_rules((rule,))["rules"]
    form = rule_form(rule.stage, (), is_new=True)
    written = Form.sent(form, form.show(raw, "")).read()
    made = Release.of(dict(DOCUMENT) | {"rules.yaml": {"rules": [{"stage": str(rule.stage), **written}]}})
    assert made.catalogue.rules == (rule,)


@given(st.decimals(-1000, 1000, allow_nan=False, places=3))
def test_a_number_is_read_with_a_point_or_a_comma(number: Any) -> None:
    figure = Figure(name="n")
    for text in (str(number), str(number).replace(".", ",")):
        assert figure.read({"n": text}, "n", MISSING) == float(number)


@pytest.mark.parametrize("text", ["", "much", "nan", "inf", "1e999", "1.2.3"])
def test_what_is_no_number_stays_text_for_reading_to_complain_about(text: str) -> None:
    assert Figure(name="n").read({"n": text}, "n", 3) == text


def test_what_is_left_empty_is_left_out_where_it_may_be() -> None:
    top = Group(
        fields=(
            Line(name="a", optional=True),
            Figure(name="b", optional=True),
            InLanguages(name="c", optional=True),
            Sentence(name="d", optional=True),
            Several(name="e", optional=True),
            Raw(name="f", optional=True),
            Rows(name="g", item=Line(), optional=True),
            Group(name="h", fields=(Line(name="i", optional=True),), optional=True),
        )
    )
    form = Form.of(top, MISSING)
    assert form.read({"a": "was", "h": {"i": "was"}, "other": 1}) == {"other": 1}


def test_a_condition_that_is_wrong_is_named_with_its_place() -> None:
    top = persona_form(())
    form = Form.of(top, DOCUMENT["personas/early_upgrader.yaml"])
    form.values["criteria[1].if"] = "order.count_12m at least 3 and order.count_12m at most 2"
    with pytest.raises(InvalidContent) as raised:
        form.read(DOCUMENT["personas/early_upgrader.yaml"])
    form.explain(raised.value)
    assert set(form.errors) == {"criteria[1].if"}
    assert "can never both be true" in form.errors["criteria[1].if"]


@pytest.mark.parametrize(
    ("path", "prefix", "field"),
    [
        ("personas/x.yaml: threshold", "", "threshold"),
        ("personas/x.yaml: criteria[0].if.all[1]", "", "criteria[0].if"),
        ("personas/x.yaml: goals[0].en", "", "goals[0].en"),
        ("personas/x.yaml:", "", ""),
        ("rules.yaml: rules[2].threshold", "rules[2]", "threshold"),
        ("icp.yaml: tiers", "rules[2]", ""),
    ],
)
def test_an_error_finds_its_field(path: str, prefix: str, field: str) -> None:
    form = Form.of(persona_form(()), DOCUMENT["personas/early_upgrader.yaml"])
    form.explain(InvalidContent(path, "is wrong"), prefix)
    assert set(form.errors) == {field}


def test_rows_are_added_at_the_end_and_those_below_a_dropped_one_move_up() -> None:
    raw = deepcopy(DOCUMENT["personas/early_upgrader.yaml"])
    form = Form.of(persona_form(()), raw)
    count = len(raw["criteria"])
    form.drop_row("criteria[0]")
    form.add_row("criteria")
    assert len(form.rows("criteria")) == count
    assert form.value(f"criteria[{count - 1}].if") == ""
    del raw["criteria"][0]
    form.drop_row(f"criteria[{count - 1}]")
    assert form.read(DOCUMENT["personas/early_upgrader.yaml"])["criteria"] == raw["criteria"]


def test_rows_that_there_are_not_change_nothing() -> None:
    form = Form.of(persona_form(()), DOCUMENT["personas/early_upgrader.yaml"])
    before = dict(form.values)
    form.add_row("no[3].such")
    form.drop_row("criteria")
    form.drop_row("criteria[99]")
    assert form.values == before
