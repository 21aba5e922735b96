from datetime import date
from decimal import Decimal
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from personas.catalogue import SHIPPED, load_catalogue
from personas.content import InvalidContent, read_yaml
from personas.facts import FactSet, FactValue
from personas.languages import LANGUAGES
from personas.matcher import State, best, match
from personas.rule_lint import lint_rules
from personas.rule_tests import run_tests
from personas.rulebook import parse_rules
from personas.wording import explain

CATALOGUE = load_catalogue()

EXAMPLES: dict[str, dict[str, Any]] = {
    "content_creator": {"category.owned": {"photo", "memory"}, "category.share.photo": 0.3},
    "early_upgrader": {
        "family.owned": {"aurora"},
        "category.share.audio": 0.2,
        "category.count.phones": 3,
        "rfm.m": 5,
    },
    "household_organiser": {
        "family.owned": {"breeze", "kiddo"},
        "category.share.trackers": 0.1,
        "category.share.cases": 0.2,
        "category.count.phones": 4,
    },
    "mobile_gamer": {"family.owned": {"storm"}, "category.owned": {"gaming"}, "category.share.gaming": 0.3},
    "small_company": {
        "customer.company_known": True,
        "family.owned": {"atlas"},
        "category.share.car": 0.2,
        "order.count_12m": 6,
    },
    "value_keeper": {
        "family.owned": {"cirrus"},
        "category.share.cables": 0.3,
        "category.count.repairs": 1,
        "rfm.m": 1,
    },
}
"""Customers as the personas describe them; what is not listed is unknown."""


def facts(**values: Any) -> FactSet:
    return FactSet({name: _typed(value) for name, value in values.items()})


def _typed(value: Any) -> FactValue:
    match value:
        case set():
            return frozenset(value)
        case float():
            return Decimal(str(value))
        case _:
            known: FactValue = value
            return known


def test_six_personas_ship() -> None:
    assert [persona.key for persona in CATALOGUE.personas] == sorted(EXAMPLES)


@pytest.mark.parametrize("key", EXAMPLES)
def test_every_persona_can_be_reached(key: str) -> None:
    plain = {"customer.company_known": False, "category.owned": set(), "rfm.m": 3}
    shares = {f"category.share.{name}": 0.0 for name in ("gaming", "photo", "watches", "audio", "tablets")}
    result = best(CATALOGUE.personas, facts(**{**plain, **shares, **EXAMPLES[key]}))
    assert result.state in {State.STRONG, State.LIKELY}
    (found,) = result.leading
    assert found.persona.key == key
    for language in LANGUAGES:
        assert all(explain(reason, language) for reason in found.reasons)


@pytest.mark.parametrize(
    "known", [{}, {"order.count": 1, "customer.country": "BR", "customer.company_known": False}]
)
def test_too_little_data_is_said(known: dict[str, Any]) -> None:
    result = best(CATALOGUE.personas, facts(**known))
    assert result.state is State.NOT_ENOUGH_DATA
    assert result.leading == ()
    assert any(match(persona, facts(**known)).missing for persona in CATALOGUE.personas)


def test_one_purchase_alone_makes_no_persona() -> None:
    known = facts(
        **{
            "customer.company_known": False,
            "category.owned": {"gaming"},
            "family.owned": {"ranger"},
            "category.count.phones": 0,
            "category.count.repairs": 0,
        }
    )
    assert best(CATALOGUE.personas, known).state is State.NOT_ENOUGH_DATA


def broken(folder: Path, *, file: str, old: str, new: str) -> Path:
    copytree(SHIPPED, folder / "catalogue")
    path = folder / "catalogue" / file
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return folder / "catalogue"


@pytest.mark.parametrize(
    ("file", "old", "new", "place"),
    [
        ("personas/mobile_gamer.yaml", "share.gaming, at_least", "share.gaming, atleast", "criteria[0].if"),
        ("icp.yaml", "order.count_12m", "order.count_12", "dimensions[0].criteria[0].if"),
        ("talk_tracks.yaml", "{anchor}", "{ancor}", "cross_sell.en.formal[0]"),
        ("notes.yaml", "{product}", "{prodct}", "sentences.offered.en"),
        ("notes.yaml", "Reason: {value}", "Reason: {agent}", "lines.reason.en"),
        ("policies.yaml", "days: 90", "days: ninety", "decline_reasons.too_expensive.effects[0].days"),
    ],
)
def test_a_mistake_is_named_by_file_and_place(
    tmp_path: Path, file: str, old: str, new: str, place: str
) -> None:
    with pytest.raises(InvalidContent) as caught:
        load_catalogue(broken(tmp_path, file=file, old=old, new=new))
    assert caught.value.path == f"{file}: {place}"


def test_no_rules_ship_and_a_folder_need_not_have_any(tmp_path: Path) -> None:
    assert CATALOGUE.rules == ()
    folder = broken(tmp_path, file="rules.yaml", old="rules: []", new="rules: [{key: x}]")
    with pytest.raises(InvalidContent, match=r"rules.yaml: rules\[0\]: stage is missing"):
        load_catalogue(folder)
    (folder / "rules.yaml").unlink()
    assert load_catalogue(folder) == CATALOGUE


def test_the_example_beside_the_rules_is_one() -> None:
    text = (SHIPPED / "rules.yaml").read_text("utf-8")
    example = "\n".join(line[2:] for line in text.splitlines() if line.startswith("#   "))
    rules = parse_rules({"rules": read_yaml(example, "rules.yaml")}, path="rules.yaml:")
    assert run_tests(rules) == ()
    assert lint_rules(rules, rules[0].start or date.min) == ()


def test_a_folder_without_personas_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidContent, match="no persona there"):
        load_catalogue(tmp_path)
