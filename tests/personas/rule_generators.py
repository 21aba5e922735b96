"""Rules as people write them, and random ones."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from hypothesis import strategies as st

from personas.candidates import KINDS
from personas.conditions import Condition
from personas.languages import Translated
from personas.rulebook import parse_rules
from personas.rules import (
    Boost,
    Cap,
    Effect,
    Expected,
    Message,
    Rule,
    RuleStage,
    RuleTest,
    Scope,
    Verb,
)
from tests.personas.generators import CONDITIONS, STEADY_CONDITIONS, fact_sets

WORDS = {"en": "Why", "es": "Por qué", "pt-BR": "Por quê"}
TODAY = date(2026, 3, 1)
LONG_AFTER = date(2026, 12, 31)
DENYING = (RuleStage.ELIGIBILITY, RuleStage.APPLICABILITY, RuleStage.SUITABILITY)


def written(stage: str = "eligibility", effect: Any = "deny", **changes: Any) -> dict[str, Any]:
    """A rule as YAML holds it; `when` is its condition."""
    raw = {"key": "one", "stage": stage, "effect": effect, "reason": WORDS, "owner": "Ana", **changes}
    if stage in {"boost", "pin"}:
        raw.setdefault("to", LONG_AFTER.isoformat())
    if "when" in raw:
        raw["if"] = raw.pop("when")
    return raw


def rule(stage: str = "eligibility", effect: Any = "deny", **changes: Any) -> Rule:
    (found,) = parse_rules({"rules": [written(stage, effect, **changes)]}, path="rules")
    return found


_VERBS = st.sampled_from([Verb.DENY, Verb.REQUIRE])
_EFFECTS: Mapping[RuleStage, st.SearchStrategy[Effect]] = {
    **dict.fromkeys(DENYING, _VERBS),
    RuleStage.BOOST: st.decimals("0.5", "2", places=2).map(Boost),
    RuleStage.PIN: st.sampled_from([Verb.FIRST, Verb.MANDATORY]),
    RuleStage.CAP: st.integers(1, 2).map(Cap),
    RuleStage.GATE: st.just(Verb.CLOSE),
    RuleStage.MESSAGE: st.just(Message(Translated(WORDS))),
}

SCOPES = st.builds(
    Scope,
    products=st.frozensets(st.sampled_from("ABCD"), max_size=2),
    categories=st.frozensets(st.sampled_from(["cases", "phones"]), max_size=2),
    kinds=st.frozensets(st.sampled_from(KINDS), max_size=2),
)
_TESTS = st.builds(RuleTest, given=fact_sets(), expect=st.sampled_from(Expected))


@st.composite
def rules(
    draw: st.DrawFn,
    stages: st.SearchStrategy[RuleStage] = st.sampled_from(RuleStage),  # noqa: B008 - a strategy is immutable
    conditions: st.SearchStrategy[Condition] = CONDITIONS,
) -> Rule:
    stage = draw(stages)
    effect: Effect = draw(_EFFECTS[stage])
    ends = stage in {RuleStage.BOOST, RuleStage.PIN}
    return Rule(
        key=draw(st.from_regex(r"[a-d]{1,3}", fullmatch=True)),
        stage=stage,
        effect=effect,
        reason=Translated(WORDS),
        owner="Ana",
        scope=Scope() if stage is RuleStage.GATE else draw(SCOPES),
        condition=draw(conditions if effect is Verb.REQUIRE else st.none() | conditions),
        priority=draw(st.integers(0, 2)),
        start=draw(st.none() | st.dates(date(2025, 1, 1), TODAY)),
        end=draw(st.just(LONG_AFTER) if ends else st.none() | st.dates(TODAY, LONG_AFTER)),
        tests=tuple(draw(st.lists(_TESTS, max_size=2))),
    )


def rule_sets(
    stages: st.SearchStrategy[RuleStage] = st.sampled_from(RuleStage),  # noqa: B008 - a strategy is immutable
) -> st.SearchStrategy[list[Rule]]:
    steady = rules(stages, STEADY_CONDITIONS)
    return st.lists(steady, max_size=5, unique_by=lambda one: one.key)
