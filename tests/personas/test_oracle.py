"""The evaluator beside an oracle that spells Kleene's tables out, on ten thousand trees and fact sets of chance."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

from personas.conditions import AllOf, AnyOf, Comparison, Condition, Not, Operator, Truth, evaluate
from personas.facts import FactSet, find_fact
from personas.parse import OPERATORS

TREES = 10_000
VALUES: dict[str, Sequence[Any]] = {
    "order.count": [0, 1, 2, 3, 4, Decimal("2.5"), Decimal("3.0")],
    "rfm.r": [1, 2, 3, 4, 5],
    "category.share.audio": [Decimal("0"), Decimal("0.25"), Decimal("0.5"), 1],
    "customer.country": ["BR", "br", "Brazil", "MX"],
    "crm.level": ["Gold", "gold plus", "GOLD", "Straße", "STRASSE"],
    "customer.company_known": [True, False],
    "case.open_complaint": [True, False],
    "order.last_on": [date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 2)],
    "category.owned": [
        frozenset(),
        frozenset({"audio"}),
        frozenset({"audio", "plans"}),
        frozenset({"cases"}),
    ],
}
MEMBERS = ["audio", "plans", "cases"]


def some_comparison(random: Random) -> Comparison:
    name = random.choice(list(VALUES))
    fact = find_fact(name)
    assert fact is not None
    operator = random.choice(sorted(OPERATORS[fact.type]))
    values = MEMBERS if name == "category.owned" else VALUES[name]
    wanted: Any = random.choice(values)
    if operator is Operator.KNOWN:
        wanted = random.choice([True, False])
    elif operator in {Operator.IN, Operator.HAS_ANY}:
        wanted = frozenset(random.sample(values, random.randint(1, 2)))
    elif operator is Operator.BETWEEN:
        wanted = tuple(sorted(random.sample(values, 2)))
    elif operator in {Operator.CONTAINS, Operator.STARTS_WITH}:
        wanted = wanted[: random.randint(1, 4)]
    return Comparison(name, operator, wanted)


def some_condition(random: Random, depth: int = 4) -> Condition:
    kind = random.choice(["clause", "all", "all", "any", "any", "not"]) if depth > 1 else "clause"
    if kind == "clause":
        return some_comparison(random)
    if kind == "not":
        return Not(some_condition(random, depth - 1))
    parts = tuple(some_condition(random, depth - 1) for _ in range(random.randint(1, 3)))
    return AllOf(parts) if kind == "all" else AnyOf(parts)


def some_facts(random: Random) -> FactSet:
    return FactSet({name: random.choice(values) for name, values in VALUES.items() if random.random() < 0.6})


def cases(seed: int) -> Iterator[tuple[Condition, FactSet, Random]]:
    random = Random(seed)
    for _ in range(TREES):
        yield some_condition(random), some_facts(random), random


def holds(actual: Any, operator: Operator, wanted: Any) -> Any:  # noqa: C901, PLR0911 - one operator after the other
    """A boolean; None: unknown."""
    if operator == "known":
        return (actual is not None) == wanted
    if actual is None:
        return None
    if isinstance(actual, str):
        actual = actual.casefold()
        wanted = [one.casefold() for one in wanted] if operator == "in" else wanted.casefold()
    if operator == "is":
        return actual == wanted
    if operator == "is_not":
        return actual != wanted
    if operator == "in":
        return any(actual == one for one in wanted)
    if operator == "at_least":
        return not actual < wanted
    if operator == "at_most":
        return not actual > wanted
    if operator == "between":
        return not actual < wanted[0] and not actual > wanted[1]
    if operator == "contains":
        return any(actual[start : start + len(wanted)] == wanted for start in range(len(actual)))
    if operator == "starts_with":
        return actual[: len(wanted)] == wanted
    return any(one in actual for one in ([wanted] if operator == "has" else wanted))


def oracle(condition: Condition, facts: FactSet) -> bool | None:
    if isinstance(condition, Comparison):
        answer: bool | None = holds(facts.get(condition.fact), condition.operator, condition.wanted)
        return answer
    if isinstance(condition, Not):
        inside = oracle(condition.part, facts)
        return None if inside is None else not inside
    answers = [oracle(part, facts) for part in condition.parts]
    decisive = isinstance(condition, AnyOf)
    if any(answer is decisive for answer in answers):
        return decisive
    if any(answer is None for answer in answers):
        return None
    return not decisive


def oracle_trace(condition: Condition, facts: FactSet) -> list[tuple[Comparison, bool | None]]:
    if isinstance(condition, Comparison):
        return [(condition, oracle(condition, facts))]
    parts = (condition.part,) if isinstance(condition, Not) else condition.parts
    return [row for part in parts for row in oracle_trace(part, facts)]


def oracle_reasons(condition: Condition, facts: FactSet) -> list[tuple[Comparison, bool | None]]:
    """Through the parts that come out as the whole does."""
    if isinstance(condition, Comparison):
        return [(condition, oracle(condition, facts))]
    if isinstance(condition, Not):
        return oracle_reasons(condition.part, facts)
    whole = oracle(condition, facts)
    return [
        row for part in condition.parts if oracle(part, facts) is whole for row in oracle_reasons(part, facts)
    ]


TRUTHS = {Truth.YES: True, Truth.NO: False, Truth.UNKNOWN: None}


def test_truth_trace_and_reasons_equal_the_oracle() -> None:
    seen = set()
    for condition, facts, _ in cases(seed=1):
        outcome = evaluate(condition, facts)
        assert TRUTHS[outcome.truth] is oracle(condition, facts)
        for found, wanted in (
            (outcome.trace, oracle_trace(condition, facts)),
            (outcome.reasons, oracle_reasons(condition, facts)),
        ):
            told = [(Comparison(one.fact, one.operator, one.wanted), TRUTHS[one.truth]) for one in found]
            assert told == wanted
            assert all(reason.actual == facts.get(reason.fact) for reason in found)
        seen |= {(reason.operator, reason.truth) for reason in outcome.trace}
    assert len(seen) == 3 * len(Operator) - 1  # whether something is known is never unknown


def test_a_comparison_with_what_is_unknown_is_neither_true_nor_false() -> None:
    random = Random(2)
    for _ in range(1_000):
        clause = some_comparison(random)
        if clause.operator is not Operator.KNOWN:
            facts = FactSet(
                {name: value for name, value in some_facts(random).items() if name != clause.fact}
            )
            assert evaluate(clause, facts).truth is evaluate(Not(clause), facts).truth is Truth.UNKNOWN


def test_learning_a_fact_changes_what_was_decided_through_its_own_clauses_only() -> None:
    """Monotonic in the order of knowledge: no clause about another fact moves, and where none asks whether the
    fact is known, what was decided stays."""
    for condition, facts, random in cases(seed=3):
        name = random.choice(list(VALUES))
        if name in facts:
            continue
        before = evaluate(condition, facts)
        after = evaluate(condition, facts | FactSet({name: random.choice(VALUES[name])}))
        pairs = list(zip(before.trace, after.trace, strict=True))
        assert all(one == other for one, other in pairs if one.fact != name)
        steady = all(one.operator is not Operator.KNOWN for one, _ in pairs if one.fact == name)
        if steady and before.truth is not Truth.UNKNOWN:
            assert after.truth is before.truth
