from typing import Any

import pytest
import yaml

from personas.catalogue import SHIPPED, load_catalogue
from personas.content import InvalidContent
from personas.policies import Stance, parse_policies

POLICIES = load_catalogue().policies


@pytest.mark.parametrize(
    ("reason", "said_by", "negative", "effects"),
    [
        ("too_expensive", "customer", "0", [("lower_price_band", 90), ("propose_cheaper", 0)]),
        ("already_has_it", "customer", "0", [("owned", None)]),
        ("not_interested", "customer", "1", [("suppress", 90), ("double_cost", 30)]),
        ("not_now", "customer", "0", [("snooze", None)]),
        ("wrong_moment", "agent", "0", [("close_gate", None)]),
        ("wrong_data", "agent", "0", [("data_note", None), ("exclude_from_learning", None)]),
        ("no_reason", "agent", "0.5", []),
        ("no_offers", "customer", "0", [("objection", None)]),
    ],
)
def test_what_a_decline_does(
    reason: str, said_by: str, negative: str, effects: list[tuple[str, int | None]]
) -> None:
    found = POLICIES.decline_reason(reason)
    assert (found.said_by, str(found.negative)) == (said_by, negative)
    assert [(effect.kind, effect.days) for effect in found.effects] == effects


def test_a_snooze_leaves_the_choice_of_days() -> None:
    assert POLICIES.decline_reason("not_now").effects[0].choices == (7, 14, 30)


def test_existing_customers_until_they_object_and_strangers_only_what_they_ask() -> None:
    policy = POLICIES.consent_for("BR")
    assert (policy.existing, policy.strangers) == (Stance.UNTIL_OBJECTION, Stance.ASKED_ONLY)


def shipped() -> Any:
    return yaml.safe_load((SHIPPED / "policies.yaml").read_text("utf-8"))


def test_a_country_may_be_stricter() -> None:
    raw = shipped()
    raw["consent"]["countries"] = {"ES": {"existing": "after_consent", "strangers": "after_consent"}}
    policies = parse_policies(raw, path="policies.yaml:")
    assert policies.consent_for("es").existing is Stance.AFTER_CONSENT
    assert policies.consent_for(None) == policies.consent_for("MX") == policies.consent_default


@pytest.mark.parametrize(
    ("effect", "words"),
    [
        ({"kind": "supress", "scope": "offer"}, "Did you mean suppress?"),
        ({"kind": "suppress", "scope": "offer", "days": -1}, "from 0 to 3650"),
        ({"kind": "snooze", "scope": "offer", "choices": [0]}, r"choices\[0\]: days from 1"),
    ],
)
def test_mistakes_are_named(effect: dict[str, Any], words: str) -> None:
    raw = shipped()
    raw["decline_reasons"]["not_now"]["effects"] = [effect]
    with pytest.raises(InvalidContent, match=words):
        parse_policies(raw, path="policies.yaml:")
