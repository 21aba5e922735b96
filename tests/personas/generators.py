"""Random conditions and facts about a few facts of every type."""

from collections.abc import Mapping, Sequence, Set
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import combinations, product
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from personas.conditions import AllOf, AnyOf, Comparison, Condition, Not, Operator
from personas.content import InvalidContent
from personas.fact import Fact, FactType
from personas.facts import FACTS, FactSet, FactValue, find_fact, slug
from personas.languages import REGISTERS
from personas.parse import OPERATORS, parse_condition
from personas.sensitivity import is_barred

NUMBERS = st.one_of(st.integers(0, 6), st.sampled_from([Decimal("0.5"), Decimal("2.5"), Decimal(4)]))
WORDS = st.sampled_from(["BR", "br", "MX", "ES", "Brazil"])
SLUGS = st.sampled_from(["phones", "cases", "audio", "plans"])
DATES = st.dates(date(2025, 1, 1), date(2025, 1, 6))
SOME_SLUGS = st.frozensets(SLUGS, max_size=3)

VALUES: Mapping[str, st.SearchStrategy[FactValue]] = {
    "order.count": NUMBERS,
    "order.average_value": NUMBERS,
    "customer.country": WORDS,
    "crm.level": WORDS,
    "customer.company_known": st.booleans(),
    "category.owned": SOME_SLUGS,
    "order.last_on": DATES,
}

_STEADY = set(Operator) - {Operator.KNOWN}


@st.composite
def comparisons(
    draw: st.DrawFn,
    values: Mapping[str, st.SearchStrategy[FactValue]] = VALUES,
    operators: Set[Operator] = _STEADY,
) -> Comparison:
    """Without `known` unless it is asked for: see `anything_known`."""
    name = draw(st.sampled_from(sorted(values)))
    fact = find_fact(name)
    assert fact is not None
    operator = draw(st.sampled_from(sorted(OPERATORS[fact.type] & operators)))
    members = SLUGS if fact.type is FactType.SET else values[name]
    match operator:
        case Operator.KNOWN:
            return Comparison(name, operator, draw(st.booleans()))
        case Operator.IN | Operator.HAS_ANY:
            return Comparison(name, operator, draw(st.frozensets(members, min_size=1, max_size=3)))  # type: ignore[arg-type]
        case Operator.BETWEEN:
            pair: Any = sorted((draw(members), draw(members)))
            return Comparison(name, operator, tuple(pair))
    return Comparison(name, operator, draw(members))


def anything_known() -> st.SearchStrategy[Comparison]:
    return st.builds(Comparison, st.sampled_from(sorted(VALUES)), st.just(Operator.KNOWN), st.booleans())


def trees(leaves: st.SearchStrategy[Comparison]) -> st.SearchStrategy[Condition]:
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(Not, inner),
            st.builds(AllOf, st.lists(inner, min_size=1, max_size=4).map(tuple)),
            st.builds(AnyOf, st.lists(inner, min_size=1, max_size=4).map(tuple)),
        ),
        max_leaves=8,
    )


CONDITIONS = trees(st.one_of(comparisons(), anything_known()))
"""Every kind of clause."""
STEADY_CONDITIONS = trees(comparisons())
"""Without `known`, the one clause whose truth changes when something becomes known."""


def fact_sets() -> st.SearchStrategy[FactSet]:
    """Any part of the facts known."""
    return st.fixed_dictionaries({}, optional=dict(VALUES)).map(FactSet)


def complete_fact_sets() -> st.SearchStrategy[FactSet]:
    return st.fixed_dictionaries(dict(VALUES)).map(FactSet)


_FEW_NUMBERS, _FEW_WORDS = st.integers(1, 3), st.sampled_from(["BR", "br", "MX"])
_COARSE: Mapping[str, st.SearchStrategy[FactValue]] = {
    "rfm.r": _FEW_NUMBERS,
    "order.value_12m": _FEW_NUMBERS,
    "customer.country": _FEW_WORDS,
    "customer.register": st.sampled_from(REGISTERS),
    "customer.company_known": st.booleans(),
    "category.owned": SOME_SLUGS,
    "order.last_on": st.dates(date(2025, 1, 2), date(2025, 1, 3)),
}
_FINE: Mapping[str, Sequence[FactValue]] = {
    "rfm.r": [1, 2, 3, 4, 5],
    "order.value_12m": [0, 1, Decimal("1.5"), 2, Decimal("2.5"), 3, 4],
    "customer.country": ["", "BR", "br", "MX", "BR MX", "MX BR", "BR –", "MX –"],
    "customer.register": REGISTERS,
    "customer.company_known": [True, False],
    "category.owned": [
        frozenset(few)
        for size in range(5)
        for few in combinations(("audio", "cases", "phones", "plans"), size)
    ],
    "order.last_on": [date(2025, 1, day) for day in range(1, 5)],
}
"""Between and beside all that `_COARSE` names, within what the facts are declared to be."""


@st.composite
def surveyed(draw: st.DrawFn, most: int = 3) -> tuple[Condition, Sequence[FactSet]]:
    """A condition about up to so many facts, and fact sets among which there is one of every kind it can tell
    apart."""
    names = draw(st.sets(st.sampled_from(sorted(_COARSE)), min_size=1, max_size=most))
    return draw(_about(frozenset(names))), survey(frozenset(names))


@cache
def _about(names: frozenset[str]) -> st.SearchStrategy[Condition]:
    return trees(comparisons({name: _COARSE[name] for name in sorted(names)}, set(Operator)))


@cache
def survey(names: frozenset[str]) -> Sequence[FactSet]:
    values = [[None, *_FINE[name]] for name in sorted(names)]
    return [FactSet(dict(zip(sorted(names), row, strict=True))) for row in product(*values)]


_TEXTS = st.one_of(
    st.text(min_size=1, max_size=12), st.sampled_from(["and", "true", "NO", "3", "2026-01-01", "~"])
)
_SHORT = st.one_of(SLUGS, st.text(min_size=1, max_size=12).map(slug).filter(bool))
_RAW_VALUES: Mapping[FactType, st.SearchStrategy[Any]] = {
    FactType.NUMBER: st.one_of(
        st.integers(-(10**15), 10**15),
        st.floats(-1e15, 1e15),
        st.decimals(-1000, 1000, places=3),
        st.integers(0, 6),
    ),
    FactType.TEXT: _TEXTS,
    FactType.BOOLEAN: st.booleans(),
    FactType.SET: _SHORT,
    FactType.DATE: st.dates().map(date.isoformat),
}


@st.composite
def _raw_comparisons(draw: st.DrawFn) -> dict[str, Any]:
    """As YAML or JSON would hold them, about any declared fact."""
    fact: Fact = draw(st.sampled_from(FACTS))
    short = draw(_SHORT.filter(lambda name: not is_barred(name))) if fact.is_pattern else ""
    operator = draw(st.sampled_from(sorted(OPERATORS[fact.type])))
    return {"fact": fact.name.replace("*", short), str(operator): draw(_operands(fact, operator))}


def _operands(fact: Fact, operator: Operator) -> st.SearchStrategy[Any]:
    values = st.sampled_from(fact.values) if fact.values else _RAW_VALUES[fact.type]
    match operator:
        case Operator.KNOWN:
            return st.booleans()
        case Operator.IN | Operator.HAS_ANY:
            return st.lists(values, min_size=1, max_size=4)
        case Operator.BETWEEN:
            return st.tuples(values, values).map(lambda pair: sorted(pair, key=_comparable))
        case Operator.CONTAINS | Operator.STARTS_WITH:
            return _TEXTS
    return values


def _comparable(value: Any) -> Any:
    return Decimal(repr(value)) if isinstance(value, float) else value


def _grouped(inner: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    lists = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        *(st.fixed_dictionaries({name: lists}) for name in ("all", "any")),
        st.fixed_dictionaries({"not": inner}),
    )


RAW_CONDITIONS: st.SearchStrategy[dict[str, Any]] = st.recursive(_raw_comparisons(), _grouped, max_leaves=6)
"""Most are accepted; the values are anything that a person might write."""


def accepted(raw: dict[str, Any]) -> Condition:
    """The condition; an example that is refused is passed over."""
    try:
        return parse_condition(raw)
    except InvalidContent:
        assume(False)
        raise
