"""The tests that stand beside rules: what their conditions come to with facts that people thought of."""

from typing import NamedTuple

from personas.conditions import Truth, evaluate
from personas.facts import FactSet
from personas.rules import Expected, Rule, Rules

_SAID = {
    Truth.YES: Expected.APPLIES,
    Truth.NO: Expected.DOES_NOT_APPLY,
    Truth.UNKNOWN: Expected.UNKNOWN,
}


class Failure(NamedTuple):
    place: str
    """`phones_need_a_year.tests[0]`."""
    expected: Expected
    came: Expected
    missing: frozenset[str]
    """The facts that would have decided it, where it came out unknown."""


def run_tests(rules: Rules) -> tuple[Failure, ...]:
    """In the order of the rules; none where all came out as expected."""
    return tuple(failure for rule in rules for failure in _failures(rule))


def _failures(rule: Rule) -> list[Failure]:
    found = []
    for number, test in enumerate(rule.tests):
        came, missing = _try_out(rule, test.given)
        if came is not test.expect:
            found.append(Failure(f"{rule.key}.tests[{number}]", test.expect, came, missing))
    return found


def _try_out(rule: Rule, facts: FactSet) -> tuple[Expected, frozenset[str]]:
    if rule.condition is None:
        return Expected.APPLIES, frozenset()
    outcome = evaluate(rule.condition, facts)
    return _SAID[outcome.truth], outcome.missing
