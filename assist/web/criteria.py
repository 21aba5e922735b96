"""A persona's criteria as sentences: `orders of the last 12 months: at least 3`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from babel.core import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent
from flask_babel import gettext as _

from personas.conditions import AllOf, AnyOf, Comparison, Condition, Not, Operator
from personas.fact import Fact
from personas.facts import find_fact
from personas.wording import Labels, shipped_labels


@dataclass(frozen=True, slots=True)
class Clause:
    """A sentence; where it has parts, it introduces them."""

    text: str
    parts: tuple["Clause", ...] = ()


@dataclass(frozen=True, slots=True)
class _Reader:
    language: str
    """BCP 47."""
    labels: Labels

    @property
    def locale(self) -> Locale:
        return Locale.parse(self.language, sep="-")


def say_condition(condition: Condition, language: str) -> Clause:
    return _say(condition, _Reader(language, shipped_labels()))


def _say(condition: Condition, reader: _Reader) -> Clause:
    match condition:
        case AllOf(parts):
            return Clause(_("All of these:"), _say_parts(parts, reader))
        case AnyOf(parts):
            return Clause(_("At least one of these:"), _say_parts(parts, reader))
        case Not(part):
            return Clause(_("Not:"), _say_parts((part,), reader))
    return Clause(_say_comparison(condition, reader))


def _say_parts(parts: Iterable[Condition], reader: _Reader) -> tuple[Clause, ...]:
    return tuple(_say(part, reader) for part in parts)


def _say_comparison(clause: Comparison, reader: _Reader) -> str:
    fact = find_fact(clause.fact)
    assert fact is not None  # noqa: S101 - conditions are checked against the declared facts when they are read
    label = reader.labels.facts[fact.name].name.into(reader.language)
    name = label.replace("{subject}", _member(clause.fact.rpartition(".")[2], reader))
    name = name[:1].upper() + name[1:]
    if isinstance(clause.wanted, bool) and clause.operator in {Operator.IS, Operator.IS_NOT}:
        word = _("yes") if clause.wanted is (clause.operator is Operator.IS) else _("no")
        return f"{name}: {word}"
    return f"{name}: {_say_wanted(clause, fact, reader)}"


def _say_wanted(clause: Comparison, fact: Fact, reader: _Reader) -> str:
    wanted: Any = clause.wanted
    if clause.operator is Operator.KNOWN:
        return str(_("known")) if wanted else str(_("not known"))
    if clause.operator is Operator.BETWEEN:
        low, high = (_value(end, fact, reader) for end in wanted)
        return str(_("between %(low)s and %(high)s", low=low, high=high))
    value = _value(wanted, fact, reader)
    sentences = {
        Operator.IS: value,
        Operator.IS_NOT: _("not %(value)s", value=value),
        Operator.IN: value,
        Operator.AT_LEAST: _("at least %(value)s", value=value),
        Operator.AT_MOST: _("at most %(value)s", value=value),
        Operator.CONTAINS: _("contains %(value)s", value=value),
        Operator.STARTS_WITH: _("starts with %(value)s", value=value),
        Operator.HAS: value,
        Operator.HAS_ANY: value,
    }
    return str(sentences[clause.operator])


def _value(wanted: Any, fact: Fact, reader: _Reader) -> str:
    if isinstance(wanted, frozenset):
        members = [_value(member, fact, reader) for member in sorted(wanted)]
        return format_list(members, style="or", locale=reader.locale)
    if isinstance(wanted, date):
        return format_date(wanted, locale=reader.locale)
    if isinstance(wanted, int | Decimal):
        share = fact.unit == "share"
        return (
            format_percent(wanted, locale=reader.locale)
            if share
            else format_decimal(wanted, locale=reader.locale)
        )
    return _member(str(wanted), reader)


def _member(short: str, reader: _Reader) -> str:
    known = reader.labels.categories.get(short)
    return known.into(reader.language) if known else short.replace("_", " ")
