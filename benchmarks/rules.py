"""Deciding by many rules, with the trace of each removal, beside the same comparisons in a bare loop.

python -m benchmarks.rules
"""

import argparse
import gc
import random
import statistics
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from assist.cli.serve import COLLECT_AFTER
from benchmarks.cost import percentile, spend
from personas.arbitration import Decision, arbitrate
from personas.candidates import KINDS, Candidate, Situation
from personas.conditions import AllOf, Comparison, clauses
from personas.facts import FactSet, FactValue, slug
from personas.policies import Policies
from personas.release import shipped
from personas.rulebook import parse_rules
from personas.rules import Rule, Verb
from personas.rulings import denying, judge

TODAY = date(2026, 12, 1)
WORDS = {"en": "Why", "es": "Por qué", "pt-BR": "Por quê"}
CATEGORIES = [f"Category {number}" for number in range(40)]
STAGES = ["eligibility", "applicability", "suitability", "boost", "pin", "cap", "message"]
"""In a shop's rulebook most rules deny; the weights below say how many of each are drawn."""
SHARES = [30, 20, 20, 15, 5, 5, 5]
MOST = 3.0


def draw_clause(rng: random.Random) -> dict[str, Any]:
    return rng.choice(
        [
            {"fact": "order.count_12m", "at_least": rng.randint(1, 12)},
            {"fact": "order.days_since_last", "between": [0, rng.randint(1, 400)]},
            {"fact": "order.value_12m", "at_most": rng.randint(10, 3_000)},
            {"fact": f"category.share.category_{rng.randrange(40)}", "at_least": rng.randint(1, 60) / 100},
            {"fact": "customer.country", "in": rng.sample(["BR", "MX", "ES", "US", "PT", "AR"], 2)},
            {"fact": "customer.lifecycle", "is": rng.choice(["new", "active", "loyal", "lapsed"])},
            {"fact": "category.owned", "has": f"category_{rng.randrange(40)}"},
            {"fact": "crm.segment", "starts_with": rng.choice("abc")},
        ]
    )


def draw_rule(rng: random.Random, number: int) -> dict[str, Any]:
    stage = rng.choices(STAGES, SHARES)[0]
    effects = {
        "boost": {"factor": 1.5},
        "pin": "first",
        "cap": {"most": 1},
        "message": {"says": WORDS},
    }
    effect = effects.get(stage, rng.choice(["deny", "require"]))
    parts = [draw_clause(rng) for _ in range(rng.randint(1, 4))]
    group = parts[0] if len(parts) == 1 else {rng.choice(["all", "any"]): parts}
    scope: dict[str, Any] = {"categories": [slug(name) for name in rng.sample(CATEGORIES, rng.randint(1, 3))]}
    if rng.random() < 0.3:
        scope["kinds"] = [rng.choice(KINDS)]
    if rng.random() < 0.2:
        scope = {"products": [f"P{rng.randrange(300)}" for _ in range(5)]}
    rule = {"key": f"rule_{number}", "stage": stage, "effect": effect, "scope": scope, "if": group}
    ends = {"to": "2026-12-31"} if stage in {"boost", "pin"} else {}
    return {**rule, **ends, "priority": rng.randint(0, 9), "reason": WORDS, "owner": "Ana"}


def draw_candidates(rng: random.Random, several: int) -> list[Candidate]:
    return [
        Candidate(
            product=f"P{number}",
            kind=rng.choice(KINDS),
            score=rng.random(),
            likelihood=rng.random() / 10,
            category=rng.choice(CATEGORIES),
            price=Decimal(rng.randint(5, 900)),
        )
        for number in range(several)
    ]


def draw_facts(rng: random.Random) -> FactSet:
    """A third is not known, as in any CRM."""
    owned = {f"category_{number}" for number in rng.sample(range(40), 5)}
    known: dict[str, FactValue] = {
        "order.count_12m": rng.randint(0, 15),
        "order.days_since_last": rng.randint(0, 500),
        "order.value_12m": Decimal(rng.randint(0, 4_000)),
        "customer.country": rng.choice(["BR", "MX", "ES", "US"]),
        "customer.lifecycle": rng.choice(["new", "active", "loyal", "lapsed"]),
        "category.owned": frozenset(owned),
        "crm.segment": rng.choice(["alpha", "beta", "gamma"]),
        **{f"category.share.{name}": Decimal(rng.randint(1, 50)) / 100 for name in sorted(owned)},
    }
    return FactSet({name: value for name, value in known.items() if rng.random() < 0.67})


def decide(rules: Sequence[Rule], candidates: Sequence[Candidate], facts: FactSet, now: datetime) -> Decision:
    policies = POLICIES
    situation = Situation(now=now, consent=policies.consent_default, currency="EUR")
    ruling = judge(rules, facts, now.date())
    return arbitrate(candidates, situation, weighing=policies.weighing, ruling=ruling)


Test = Callable[[Any, Any], bool]
Plain = tuple[bool, list[tuple[str, Test, Any]], frozenset[str], frozenset[str], frozenset[str], bool]
"""Whether all clauses are wanted, the clauses, the scope's three lists, whether it denies where it does not hold."""


def as_plain(rule: Rule) -> Plain:
    found = (
        [(one.fact, _TESTS[one.operator], one.wanted) for one in clauses(rule.condition)]
        if rule.condition
        else []
    )
    scope, turned = rule.scope, rule.effect is Verb.REQUIRE
    whole = isinstance(rule.condition, AllOf | Comparison)
    return whole, found, scope.products, scope.categories, scope.kinds, turned


def loop(
    rules: Sequence[Plain], candidates: Sequence[Candidate], slugs: Sequence[str], facts: FactSet
) -> dict[str, list[tuple[str, Any, Any]]]:
    """Each clause of each rule beside its fact, each rule's scope beside each candidate, and what was found noted:
    nothing is ranked, explained or put in order."""
    removed: dict[str, list[tuple[str, Any, Any]]] = {}
    for whole, several, products, categories, kinds, turned in rules:
        traces = []
        yes = unknown = 0
        for fact, test, wanted in several:
            actual = facts.get(fact)
            if actual is None:
                unknown += 1
            elif test(actual, wanted):
                yes += 1
            else:
                traces.append((fact, actual, wanted))
        holds = yes == len(several) if whole else yes > 0
        denies = (not holds if turned else holds) or unknown > 0
        for candidate, category in zip(candidates, slugs, strict=True):
            if products and candidate.product not in products:
                continue
            if categories and category not in categories:
                continue
            if kinds and candidate.kind not in kinds:
                continue
            if denies:
                removed.setdefault(candidate.product, []).extend(traces)
    return removed


_TESTS: dict[str, Test] = {
    "at_least": lambda actual, wanted: bool(actual >= wanted),
    "at_most": lambda actual, wanted: bool(actual <= wanted),
    "between": lambda actual, wanted: bool(wanted[0] <= actual <= wanted[1]),
    "in": lambda actual, wanted: actual in wanted,
    "is": lambda actual, wanted: bool(actual == wanted),
    "has": lambda actual, wanted: wanted in actual,
    "starts_with": lambda actual, wanted: bool(actual.startswith(wanted)),
}
POLICIES: Policies = shipped().catalogue.policies


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rules", type=int, default=500)
    parser.add_argument("--candidates", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=200)
    asked = parser.parse_args()
    rng, now = random.Random(7), datetime(2026, 12, 1, 9, tzinfo=UTC)
    rules = parse_rules({"rules": [draw_rule(rng, number) for number in range(asked.rules)]}, path="rules")
    candidates = draw_candidates(rng, asked.candidates)
    plain, slugs = list(map(as_plain, rules)), [slug(one.category or "") for one in candidates]
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)  # as the server does
    ours: list[float] = []
    bare: list[float] = []
    removed: list[int] = []
    for number in range(asked.rounds):
        facts = draw_facts(rng)
        work = [
            (ours, lambda facts=facts: removed.append(len(decide(rules, candidates, facts, now).removed))),
            (bare, lambda facts=facts: loop(plain, candidates, slugs, facts)),
        ]
        for times, job in work if number % 2 else reversed(work):
            times.append(spend(job).cpu * 1000)
    denials = sum(bool(denying(rule)) for rule in rules)
    print(
        f"{asked.rules} rules, {denials} of which deny; {asked.candidates} candidates; {asked.rounds} customers"
    )
    print(f"removals of a decision, with their traces: {statistics.median(removed):.0f} at the median")
    for share in (50, 95):
        one, other = percentile(ours, share), percentile(bare, share)
        print(
            f"p{share}: decision {one:.2f} ms, bare loop {other:.2f} ms, {one / other:.2f} x (wanted: {MOST:.0f})"
        )


if __name__ == "__main__":
    main()
