"""A release is named by what it says, whichever form it has."""

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from personas.calendar import WEEKDAYS
from personas.content import InvalidContent
from personas.release import Release, find_differences, read_document, read_release, shipped, write_release
from personas.rulebook import dump_rules, parse_rules
from personas.rules import Rule, Rules
from tests.personas.rule_generators import rule_sets

SHIPPED = shipped()
numbers = st.integers(0, 100) | st.floats(0, 1, allow_nan=False).map(lambda one: round(one, 6))
words = st.text(
    st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], include_characters="\n\t"),
    min_size=1,
    max_size=60,
).filter(str.strip)


def changed(change: Callable[[Any], object]) -> dict[str, Any]:
    document = deepcopy(dict(SHIPPED.document))
    change(document)
    return document


@dataclass(frozen=True)
class Edit:
    """Other words, numbers, rules and days than those that ship."""

    texts: tuple[str, ...]
    threshold: float
    ceiling: float
    reasons: tuple[str, ...]
    another: bool
    rules: tuple[Rule, ...]
    days: tuple[dict[str, Any], ...]

    def apply(self) -> dict[str, Any]:
        document = deepcopy(dict(SHIPPED.document))
        persona = document["personas/content_creator.yaml"]
        texts = iter(self.texts)
        for field in FIELDS:
            persona[field] = {language: next(texts) for language in persona[field]}
        persona["threshold"] = self.threshold
        persona["selling"]["concession_ceiling"] = self.ceiling
        reasons = document["policies.yaml"]["decline_reasons"]
        document["policies.yaml"]["decline_reasons"] = {key: reasons[key] for key in self.reasons}
        document["rules.yaml"] = dump_rules(self.rules)
        document["calendar.yaml"] = {
            f"day_{number}": {"name": dict(persona["name"]), "days": {"BR": day}}
            for number, day in enumerate(self.days)
        }
        if self.another:
            document["personas/another.yaml"] = deepcopy(persona)
        return document


def is_readable(rules: Rules) -> bool:
    """Conditions of chance may contradict themselves."""
    try:
        return parse_rules(dump_rules(rules), path="rules") == rules
    except InvalidContent:
        return False


DAYS = st.one_of(
    st.fixed_dictionaries({"day": st.dates().map("{:%m-%d}".format)}),
    st.fixed_dictionaries({"easter": st.integers(-120, 120)}),
    st.fixed_dictionaries(
        {
            "nth": st.integers(1, 4) | st.just("last"),
            "weekday": st.sampled_from(WEEKDAYS),
            "month": st.integers(1, 12),
        }
    ),
)
FIELDS = ("name", "summary", "evidence")
edits = st.builds(
    Edit,
    texts=st.tuples(*[words] * 3 * len(FIELDS)),
    threshold=st.floats(0, 1) | st.integers(0, 1),
    ceiling=numbers,
    reasons=st.permutations(sorted(SHIPPED.document["policies.yaml"]["decline_reasons"])).map(tuple),
    another=st.booleans(),
    rules=rule_sets().map(tuple).filter(is_readable),
    days=st.lists(DAYS, max_size=3).map(tuple),
)


@settings(max_examples=25, deadline=None)  # each reads all of the content
@given(edits)
def test_written_out_and_read_in_again_it_has_the_same_name(
    tmp_path_factory: pytest.TempPathFactory, edit: Edit
) -> None:
    release = Release.of(edit.apply())
    folder = tmp_path_factory.mktemp("release")
    write_release(release, folder)
    assert read_release(folder) == release


@settings(max_examples=25, deadline=None)  # each reads all of the content
@given(edits)
def test_kept_as_json_it_has_the_same_name(edit: Edit) -> None:
    release = Release.of(edit.apply())
    assert Release.of(json.loads(json.dumps(release.document))) == release


def test_another_word_is_another_release() -> None:
    def rename(document: Any) -> None:
        document["icp.yaml"]["name"]["en"] = "Others"

    assert Release.of(changed(rename)).digest != SHIPPED.digest


def test_the_order_of_the_reasons_counts_and_that_of_the_files_does_not() -> None:
    def turn(document: Any) -> None:
        reasons = document["policies.yaml"]["decline_reasons"]
        document["policies.yaml"]["decline_reasons"] = dict(reversed(list(reasons.items())))

    assert Release.of(changed(turn)).digest != SHIPPED.digest
    assert Release.of(dict(reversed(list(SHIPPED.document.items())))).digest == SHIPPED.digest


def test_the_form_of_a_number_does_not_count() -> None:
    def write(document: Any) -> None:
        document["policies.yaml"]["decline_reasons"]["not_interested"]["negative"] = 1.0

    assert Release.of(changed(write)).digest == SHIPPED.digest


def test_persona_files_of_the_release_before_go(tmp_path: Path) -> None:
    write_release(Release.of({**SHIPPED.document, "personas/old.yaml": persona()}), tmp_path)
    (tmp_path / "README.md").write_text("ours")
    write_release(SHIPPED, tmp_path)
    assert read_release(tmp_path) == SHIPPED
    assert (tmp_path / "README.md").exists()


def persona() -> Any:
    return deepcopy(SHIPPED.document["personas/content_creator.yaml"])


def test_a_slip_of_the_pen_in_a_files_name_is_told(tmp_path: Path) -> None:
    write_release(SHIPPED, tmp_path)
    (tmp_path / "policies.yaml").rename(tmp_path / "policy.yaml")
    with pytest.raises(InvalidContent, match=r"policy\.yaml: .*policies\.yaml"):
        read_document(tmp_path)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {1: "a"}, b"bytes", {"a": {1, 2}}])
def test_what_has_no_plain_form_is_refused_with_its_place(value: Any) -> None:
    with pytest.raises(InvalidContent, match=r"icp\.yaml:\.extra"):
        Release.of(changed(lambda document: document["icp.yaml"].update(extra=value)))


@pytest.mark.parametrize("sign", ["\x85", "\u2028", "\u2029", "\0", "\r", "\ud800"])
def test_a_sign_that_nobody_sees_is_refused_with_its_place(sign: str) -> None:
    with pytest.raises(InvalidContent, match=r"icp\.yaml:\.name\.en: .*U\+"):
        Release.of(changed(lambda document: document["icp.yaml"]["name"].update(en=f"Two{sign}of them")))


def test_differences_are_told_by_place() -> None:
    document = changed(lambda document: document["icp.yaml"]["name"].update(en="Two"))
    del document["personas/content_creator.yaml"]["selling"]["affinities"]["photo"]
    document["policies.yaml"]["arbitration"]["attention"]["currencies"]["GBP"] = 0.13
    assert find_differences(SHIPPED, Release.of(document)) == {
        "icp.yaml: name.en": ("Customers who come back and take more than a phone", "Two"),
        "personas/content_creator.yaml: selling.affinities.photo": (1.8, None),
        "policies.yaml: arbitration.attention.currencies.GBP": (None, 0.13),
    }
