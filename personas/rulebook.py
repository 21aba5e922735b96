"""Rules as they are written in YAML, and back.

rules:
  - key: phones_need_a_year
    stage: eligibility
    scope: {categories: [phones], kinds: [upsell]}
    if: {fact: customer.months_since_first, at_least: 12}
    effect: require
    reason: {en: Upgrades after a year, es: Mejoras tras un año, pt-BR: Trocas depois de um ano}
    owner: Ana
    tests:
      - {given: {customer.months_since_first: 3}, expect: does_not_apply}
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from personas.arbitration import LEAST_FACTOR, MOST_FACTOR
from personas.candidates import KINDS
from personas.content import Fields, InvalidContent, nearest, read_date, read_number, read_word
from personas.fact import Fact, FactType
from personas.facts import FACTS, FactSet, FactValue, find_fact, slug
from personas.parse import dump_condition, parse_condition
from personas.rules import (
    Boost,
    Cap,
    Effect,
    Expected,
    Message,
    Rule,
    Rules,
    RuleStage,
    RuleTest,
    Scope,
    Verb,
)

HIGHEST_PRIORITY = 1000
HIGHEST_CAP = 2
"""Three are shown at most: a cap of three could never hold anything back."""


def parse_rules(raw: object, *, path: str, unlocked: Collection[str] = frozenset()) -> Rules:
    """Raises InvalidContent with the place of the mistake."""
    fields = Fields(raw, path)
    rules = fields.items("rules", partial(_rule, unlocked=unlocked))
    fields.finish()
    _refuse_repeated([rule.key for rule in rules], fields.at("rules"))
    return rules


def _refuse_repeated(keys: Sequence[str], path: str) -> None:
    for number, key in enumerate(keys):
        if key in keys[:number]:
            raise InvalidContent(
                f"{path}[{number}].key", f"{key} is the key of another rule; choose one more"
            )


def _rule(raw: object, path: str, unlocked: Collection[str]) -> Rule:
    fields = Fields(raw, path)
    stage = RuleStage(fields.choice("stage", list(RuleStage)))
    rule = Rule(
        key=_short(fields.raw("key"), fields.at("key")),
        stage=stage,
        effect=_effect(fields, stage),
        reason=fields.translated("reason"),
        owner=fields.text("owner"),
        scope=_scope(fields.raw("scope"), fields.at("scope")) if "scope" in fields else Scope(),
        condition=parse_condition(fields.raw("if"), path=fields.at("if"), unlocked=unlocked)
        if "if" in fields
        else None,
        priority=fields.whole("priority", 0, HIGHEST_PRIORITY) if "priority" in fields else 0,
        start=fields.day("from") if "from" in fields else None,
        end=fields.day("to") if "to" in fields else None,
        tests=fields.items("tests", _test),
    )
    fields.finish()
    _refuse_endless(rule, path)
    _refuse_pointless(rule, path)
    return rule


def _refuse_endless(rule: Rule, path: str) -> None:
    if rule.stage in {RuleStage.BOOST, RuleStage.PIN} and rule.end is None:
        raise InvalidContent(path, f"a {rule.stage} must end: write its last day as to")
    if rule.start and rule.end and rule.start > rule.end:
        raise InvalidContent(path, f"from {rule.start} is after to {rule.end}")


def _refuse_pointless(rule: Rule, path: str) -> None:
    if rule.effect is Verb.REQUIRE and rule.condition is None:
        raise InvalidContent(path, "require needs a condition: write it as if, or deny instead")
    if rule.stage is RuleStage.GATE and rule.scope:
        raise InvalidContent(
            f"{path}.scope", "a gate closes for everything; leave scope out, or deny instead"
        )


def _scope(raw: object, path: str) -> Scope:
    fields = Fields(raw, path)
    scope = Scope(
        products=frozenset(fields.items("products", read_word)),
        categories=frozenset(fields.items("categories", _short)),
        kinds=frozenset(fields.items("kinds", _kind)),
    )
    fields.finish()
    return scope


def _short(raw: object, path: str) -> str:
    word = read_word(raw, path)
    if slug(word) != word:
        raise InvalidContent(path, f"a short name is wanted: write {slug(word)}")
    return word


def _kind(raw: object, path: str) -> str:
    word = read_word(raw, path)
    if word not in KINDS:
        raise InvalidContent(path, f"{word} is none of {', '.join(KINDS)}.{nearest(word, KINDS)}")
    return word


_VERBS: Mapping[RuleStage, tuple[Verb, ...]] = {
    RuleStage.ELIGIBILITY: (Verb.DENY, Verb.REQUIRE),
    RuleStage.APPLICABILITY: (Verb.DENY, Verb.REQUIRE),
    RuleStage.SUITABILITY: (Verb.DENY, Verb.REQUIRE),
    RuleStage.PIN: (Verb.FIRST, Verb.MANDATORY),
    RuleStage.GATE: (Verb.CLOSE,),
}


def _effect(fields: Fields, stage: RuleStage) -> Effect:
    if stage in _VERBS:
        return Verb(fields.choice("effect", _VERBS[stage]))
    inner = Fields(fields.raw("effect"), fields.at("effect"))
    effect = _VALUED[stage](inner)
    inner.finish()
    return effect


def _boost(fields: Fields) -> Boost:
    factor = read_number(fields.raw("factor"))
    if factor is None or not LEAST_FACTOR <= factor <= MOST_FACTOR:
        raise InvalidContent(fields.at("factor"), f"a number from {LEAST_FACTOR} to {MOST_FACTOR} is wanted")
    return Boost(Decimal(factor))


_VALUED: Mapping[RuleStage, Callable[[Fields], Effect]] = {
    RuleStage.BOOST: _boost,
    RuleStage.CAP: lambda fields: Cap(fields.whole("most", 1, HIGHEST_CAP)),
    RuleStage.MESSAGE: lambda fields: Message(fields.translated("says")),
}


def _test(raw: object, path: str) -> RuleTest:
    fields = Fields(raw, path)
    given = Fields(fields.raw("given"), fields.at("given"))
    test = RuleTest(
        given=FactSet({name: _fact(given.raw(name), given.at(name), name) for name in given}),
        expect=Expected(fields.choice("expect", list(Expected))),
    )
    fields.finish()
    return test


def _fact(raw: object, path: str, name: str) -> FactValue:
    fact = find_fact(name)
    if fact is None:
        raise InvalidContent(path, f"there is no fact {name}.{nearest(name, [one.name for one in FACTS])}")
    try:
        return FactSet({name: _read(raw, path, fact)})[name]
    except (KeyError, ValueError):
        wanted = f"one of {', '.join(fact.values)}" if fact.values else f"a {fact.type}"
        raise InvalidContent(path, f"{name} is {wanted}; leave it out where it is not known") from None


def _read(raw: Any, path: str, fact: Fact) -> FactValue | None:
    match fact.type:
        case FactType.NUMBER:
            return read_number(raw)
        case FactType.DATE:
            return read_date(raw)
        case FactType.SET if isinstance(raw, list):
            return frozenset(_short(one, f"{path}[{number}]") for number, one in enumerate(raw))
    value: FactValue | None = raw
    return value


def dump_rules(rules: Rules) -> dict[str, Any]:
    """What `parse_rules` reads back to equal rules; what was left out stays out."""
    return {"rules": [_dump(rule) for rule in rules]}


def _dump(rule: Rule) -> dict[str, Any]:
    fields = {
        "key": rule.key,
        "stage": str(rule.stage),
        "scope": _dump_scope(rule.scope),
        "if": dump_condition(rule.condition) if rule.condition else None,
        "effect": _dump_effect(rule.effect),
        "priority": rule.priority,
        "from": rule.start.isoformat() if rule.start else None,
        "to": rule.end.isoformat() if rule.end else None,
        "reason": dict(rule.reason.texts),
        "owner": rule.owner,
        "tests": [_dump_test(test) for test in rule.tests],
    }
    return {name: value for name, value in fields.items() if value}


def _dump_scope(scope: Scope) -> dict[str, list[str]]:
    lists = {"products": scope.products, "categories": scope.categories, "kinds": scope.kinds}
    return {name: sorted(members) for name, members in lists.items() if members}


def _dump_effect(effect: Effect) -> Any:
    match effect:
        case Boost(factor):
            return {"factor": _plain(factor)}
        case Cap(most):
            return {"most": most}
        case Message(says):
            return {"says": dict(says.texts)}
        case Verb():
            return str(effect)


def _dump_test(test: RuleTest) -> dict[str, Any]:
    given = {name: _plain(value) for name, value in test.given.items()}
    return {"given": given, "expect": str(test.expect)}


def _plain(value: FactValue) -> Any:
    match value:
        case frozenset():
            return sorted(value)
        case Decimal():
            return int(value) if value == int(value) else float(value)
        case date():
            return value.isoformat()
        case _:
            return value
