"""Looks a set of rules over for what cannot be meant: rules that never do anything, or that nothing ends."""

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum
from itertools import combinations
from typing import NamedTuple

from personas.conditions import Condition, Not, Truth
from personas.implication import implies
from personas.rules import Rule, Rules, RuleStage, Scope, Verb
from personas.rulings import denying, precedence

LONGEST = timedelta(days=366)
"""A boost or pin that lasts longer has no end that anybody meant."""


class Concern(StrEnum):
    SHADOWED = "shadowed"
    """`other` takes out all that the rule speaks of, whenever it does."""
    NEVER_ENDING = "never_ending"
    EXPIRED = "expired"
    TIED = "tied"
    """`other` is a pin of the same priority and nothing but its key says which goes first, or both pin the same."""
    UNTESTED = "untested"

    @property
    def is_warning(self) -> bool:
        """What a release may go out with."""
        return self in {Concern.EXPIRED, Concern.UNTESTED}


class Remark(NamedTuple):
    rule: str
    """Its key."""
    concern: Concern
    other: str = ""
    """The key of the rule it is about as well."""


def lint_rules(rules: Rules, today: date) -> tuple[Remark, ...]:
    """By rule; the order of `rules` makes no difference."""
    ordered = sorted(rules, key=lambda rule: rule.key)
    found = {remark for rule in ordered for remark in _remarks(rule, today)}
    found |= {remark for rule in ordered if (remark := _find_shadow(rule, ordered))}
    found |= set(_find_ties([rule for rule in ordered if rule.stage is RuleStage.PIN]))
    return tuple(sorted(found))


def _remarks(rule: Rule, today: date) -> Iterator[Remark]:
    if rule.condition and not rule.tests:
        yield Remark(rule.key, Concern.UNTESTED)
    if rule.end and rule.end < today:
        yield Remark(rule.key, Concern.EXPIRED)
    must_end = rule.stage in {RuleStage.BOOST, RuleStage.PIN}
    if must_end and rule.end and rule.end - (rule.start or today) > LONGEST:
        yield Remark(rule.key, Concern.NEVER_ENDING)


def _find_shadow(rule: Rule, rules: list[Rule]) -> Remark | None:
    shadows = (other.key for other in rules if other is not rule and _shadows(other, rule))
    return next((Remark(rule.key, Concern.SHADOWED, key) for key in shadows), None)


def _shadows(denial: Rule, rule: Rule) -> bool:
    """Whether nothing of what `rule` does is ever seen, because `denial` takes it all out."""
    if not denying(denial) or _rank(denial) >= _rank(rule) or not _lasts(denial, rule):
        return False
    if rule.stage is RuleStage.MESSAGE and not rule.scope:
        return False  # it is told whatever is offered
    return _contains(denial.scope, rule.scope) and _covers(denial, rule)


def _rank(rule: Rule) -> tuple[int, int, str]:
    """Smallest first: a gate, then denials, then all else; among equals the higher priority, then the key."""
    strength = 0 if rule.stage is RuleStage.GATE else 1 if denying(rule) else 2
    return strength, -rule.priority, rule.key


def _covers(denial: Rule, rule: Rule) -> bool:
    """Whether `denial` takes out wherever `rule` does anything."""
    if Truth.UNKNOWN in denying(rule) and Truth.UNKNOWN not in denying(denial):
        return False
    when, denied = _when(rule), _when(denial)
    return denied is None or (when is not None and implies(when, denied))


def _when(rule: Rule) -> Condition | None:
    """What holds where the rule does something; None: always."""
    return Not(rule.condition) if rule.condition and rule.effect is Verb.REQUIRE else rule.condition


def _contains(outer: Scope, inner: Scope) -> bool:
    pairs = (
        (outer.products, inner.products),
        (outer.categories, inner.categories),
        (outer.kinds, inner.kinds),
    )
    return all(not wide or (narrow and narrow <= wide) for wide, narrow in pairs)


def _lasts(denial: Rule, rule: Rule) -> bool:
    """Whether `denial` is in force all the time that `rule` is."""
    begins = (denial.start or date.min) <= (rule.start or date.min)
    return begins and (rule.end or date.max) <= (denial.end or date.max)


def _overlap(one: Rule, other: Rule) -> bool:
    latest_start = max(one.start or date.min, other.start or date.min)
    return latest_start <= min(one.end or date.max, other.end or date.max)


def _find_ties(pins: list[Rule]) -> Iterator[Remark]:
    for one, other in combinations(pins, 2):
        alike = one.effect is other.effect and one.priority == other.priority and _overlap(one, other)
        undecided = precedence(one)[:-1] == precedence(other)[:-1]
        if alike and (one.scope == other.scope or undecided):
            yield Remark(other.key, Concern.TIED, one.key)
