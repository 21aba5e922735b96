"""A release that can be read, looked over for what cannot be meant."""

from copy import deepcopy
from datetime import date
from typing import Any

import pytest

from personas.content import InvalidContent
from personas.languages import LANGUAGES
from personas.release import Release, shipped
from personas.review import Objection, review
from personas.rule_lint import Concern

TODAY = date(2026, 5, 5)
WORDS = {"en": "Why", "es": "Porque", "pt-BR": "Porque"}
OFTEN = {"fact": "order.count", "at_least": 3}
DENY = {"key": "denied", "stage": "eligibility", "effect": "deny", "reason": WORDS, "owner": "Ana"}
BOOST = {**DENY, "key": "boosted", "stage": "boost", "effect": {"factor": 2}, "to": "2026-12-31"}
TESTED = {"if": OFTEN, "tests": [{"given": {"order.count": 3}, "expect": "applies"}]}


def look(**changes: Any) -> tuple[Objection, ...]:
    return review(Release.of({**deepcopy(dict(shipped().document)), **changes}).catalogue, TODAY)


def look_at(*rules: dict[str, Any]) -> tuple[Objection, ...]:
    return look(**{"rules.yaml": {"rules": list(rules)}})


def test_what_ships_is_meant() -> None:
    assert look() == ()


@pytest.mark.parametrize(
    ("rules", "place", "code", "blocks"),
    [
        (
            [{**DENY, **TESTED, "if": {"fact": "order.count", "at_least": 4}}],
            "denied.tests[0]",
            "test_failed",
            True,
        ),
        (
            [{**DENY, **TESTED, "if": {"fact": "rfm.m", "at_least": 4}}],
            "denied.tests[0]",
            "test_unknown",
            True,
        ),
        ([{**DENY, "if": {"not": {"fact": "order.count", "at_least": 0}}}], "denied.if", "never", True),
        ([{**DENY, "if": {"fact": "order.count", "at_least": 0}}], "denied.if", "clause_always", False),
        ([DENY, BOOST], "boosted", Concern.SHADOWED, True),
        ([{**BOOST, "to": "2030-01-01"}], "boosted", Concern.NEVER_ENDING, True),
        ([{**BOOST, "to": "2026-01-01"}], "boosted", Concern.EXPIRED, False),
        ([{**DENY, "if": OFTEN}], "denied", Concern.UNTESTED, False),
        (
            [{**DENY, "if": {"fact": "calendar.chrismas", "at_most": 3}}],
            "denied.if",
            "no_event",
            True,
        ),
    ],
)
def test_each_is_told_with_its_place(
    rules: list[dict[str, Any]], place: str, code: str, blocks: bool
) -> None:
    found = [(one.place, one.code, one.blocks) for one in look_at(*rules)]
    assert (f"rules.yaml: {place}", code, blocks) in found


def test_what_blocks_comes_first_and_all_is_said_in_every_language() -> None:
    found = look_at(BOOST, {**DENY, "if": {"fact": "order.count", "at_least": 0}}, {**DENY, "key": "all"})
    assert [one.blocks for one in found] == sorted((one.blocks for one in found), reverse=True)
    assert {one.code for one in found} >= {"shadowed", "clause_always"}
    for one in found:
        assert len({one.says.into(language) for language in LANGUAGES}) == len(LANGUAGES)
        assert "{" not in "".join(one.says.texts.values())


def test_what_is_in_the_calendar_may_be_counted_down_to() -> None:
    rule = {**DENY, "if": {"fact": "calendar.christmas", "at_most": 3}}
    assert not any(one.blocks for one in look_at(rule))


def test_a_barred_fact_is_unlocked_by_a_release_that_says_why() -> None:
    rule = {**DENY, "if": {"fact": "crm.age", "known": True}}
    with pytest.raises(InvalidContent, match=r"crm\.age is barred"):
        look_at(rule)
    policies = {**deepcopy(shipped().document["policies.yaml"]), "unlocked": {"crm.age": WORDS}}
    found = look(**{"policies.yaml": policies, "rules.yaml": {"rules": [rule]}})
    (told,) = (one for one in found if one.code == "unlocked")
    assert told.says.into("en") == "crm.age is barred by what it speaks of, and unlocked here: Why"
    with pytest.raises(InvalidContent, match=r"crm\.level is no fact that is barred"):
        look(**{"policies.yaml": {**policies, "unlocked": {"crm.level": WORDS}}})


def test_a_criterion_of_a_persona_that_can_never_hold_is_named() -> None:
    persona = deepcopy(shipped().document["personas/content_creator.yaml"])
    persona["criteria"][1]["if"] = {"not": {"fact": "order.count", "at_least": 0}}
    (found,) = (one for one in look(**{"personas/content_creator.yaml": persona}) if one.blocks)
    assert (found.place, found.code) == ("personas/content_creator.yaml: criteria[1].if", "never")


def test_a_loud_sentence_is_told_and_left_to_its_author() -> None:
    tracks = deepcopy(shipped().document["talk_tracks.yaml"])
    tracks["cross_sell"]["en"]["neutral"][-1] = "BUY {product} RIGHT NOW!!!"
    (first, *_) = found = look(**{"talk_tracks.yaml": tracks})
    assert first.place.startswith("talk_tracks.yaml: cross_sell.en.neutral[")
    assert not any(one.blocks for one in found)
