from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from personas.candidates import Candidate, Situation, Stage
from personas.eligibility import closed_gate, screen
from personas.policies import ConsentPolicy, Stance

NOW = datetime(2026, 3, 1, tzinfo=UTC)
POLICY = ConsentPolicy(Stance.UNTIL_OBJECTION, Stance.ASKED_ONLY)
STRICT = ConsentPolicy(Stance.AFTER_CONSENT, Stance.AFTER_CONSENT)


def situation(**changes: Any) -> Situation:
    return Situation(**{"now": NOW, "consent": POLICY, **changes})


def candidate(**changes: Any) -> Candidate:
    return Candidate(**{"product": "CASE-1", "kind": "cross_sell", "score": 1.0, **changes})


def rules(one: Candidate, where: Situation) -> list[tuple[Stage, str]]:
    passed, removed = screen([one], where)
    assert bool(passed) is not bool(removed)
    return [(each.stage, each.rule) for each in removed]


@pytest.mark.parametrize(
    ("where", "one", "rule"),
    [
        ({"offers": False}, {}, "objection"),
        ({"offers": False}, {"asked_for": True}, "objection"),
        ({"offers": None}, {}, None),
        ({"offers": None, "is_customer": False}, {}, "not_asked_for"),
        ({"offers": None, "is_customer": False}, {"asked_for": True}, None),
        ({"offers": True, "is_customer": False}, {}, None),
        ({"offers": None, "consent": STRICT}, {"asked_for": True}, "consent_unknown"),
        ({"offers": True, "consent": STRICT}, {}, None),
    ],
)
def test_consent(where: dict[str, Any], one: dict[str, Any], rule: str | None) -> None:
    assert rules(candidate(**one), situation(**where)) == ([(Stage.CONSENT, rule)] if rule else [])


@pytest.mark.parametrize(
    ("where", "rule"),
    [
        ({"open_complaint": True}, "open_complaint"),
        ({"open_complaint": None}, None),
        ({"late_days": 3}, "late_order"),
        ({"late_days": 0}, None),
        ({"late_days": None}, None),
        ({"closed_by_agent": True, "late_days": 3}, "closed_by_agent"),
    ],
)
def test_gate(where: dict[str, Any], rule: str | None) -> None:
    found = closed_gate(situation(**where))
    assert (found[1] if found else None) == rule
    assert rules(candidate(), situation(**where)) == ([(Stage.GATE, rule)] if rule else [])


@pytest.mark.parametrize(
    ("one", "found"),
    [
        ({"owned": True}, (Stage.ELIGIBILITY, "owned")),
        ({"owned": True, "kind": "replenish"}, None),
        ({"active": False}, (Stage.ELIGIBILITY, "inactive")),
        ({"stock": 0}, (Stage.STOCK, "out_of_stock")),
        ({"stock": None}, None),
        ({"suppressed_until": NOW + timedelta(days=1)}, (Stage.CONTACT, "suppressed")),
        ({"suppressed_until": NOW}, None),
        ({"snoozed_until": NOW + timedelta(days=1)}, (Stage.CONTACT, "category_snoozed")),
    ],
)
def test_the_products_own_obstacles(one: dict[str, Any], found: tuple[Stage, str] | None) -> None:
    assert rules(candidate(**one), situation()) == ([found] if found else [])


def test_every_obstacle_is_kept_in_the_order_of_the_stages_with_what_would_let_it_pass() -> None:
    _, removed = screen([candidate(owned=True, stock=0)], situation(offers=False))
    assert [each.rule for each in removed] == ["objection", "owned", "out_of_stock"]
    assert (removed[2].product, removed[2].actual, removed[2].wanted) == ("CASE-1", "0", "1")
