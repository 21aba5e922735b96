"""A reason as the short sentence an agent reads: `bought 5 times in 12 months`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent

from personas.conditions import Operator, Reason, Truth
from personas.content import Fields, InvalidContent, read_file, read_translated, read_word
from personas.fact import Fact
from personas.facts import find_fact
from personas.languages import LANGUAGES, Translated, fallbacks

SHIPPED = Path(__file__).with_name("catalogue") / "fact_labels.yaml"
OTHER = "other"
MOST_NAMED = 3
"""Members of a set that a sentence lists."""


@dataclass(frozen=True, slots=True)
class Label:
    name: Translated
    says: Mapping[str, Mapping[str, str]]
    """Language, then case, to the sentence."""


@dataclass(frozen=True, slots=True)
class Labels:
    facts: Mapping[str, Label]
    """By the name the fact is declared under."""
    categories: Mapping[str, Translated]
    unknown: Translated

    def explain(self, reason: Reason, language: str) -> str:
        tongue = next(tried for tried in fallbacks(language) if tried in LANGUAGES)
        fact = _declared(reason.fact)
        label = self.facts[fact.name]
        subject = self._member(reason.fact.rpartition(".")[2], tongue)
        if reason.actual is None:
            name = label.name.into(tongue).replace("{subject}", subject)
            return self.unknown.into(tongue).replace("{name}", name)
        said = _case(reason, label.says[tongue], tongue)
        value = self._value(reason, fact, tongue) if "{value}" in said else ""
        return said.replace("{subject}", subject).replace("{value}", value)

    def _value(self, reason: Reason, fact: Fact, language: str) -> str:
        actual = reason.actual
        if isinstance(actual, frozenset):
            named = [self._member(one, language) for one in sorted(_named(reason, actual))]
            return _listed(named[:MOST_NAMED], reason.truth, _locale(language)) or "–"
        return _worded(actual, fact, _locale(language))

    def _member(self, short: str, language: str) -> str:
        known = self.categories.get(short)
        return known.into(language) if known else short.replace("_", " ").capitalize()


def explain(reason: Reason, language: str) -> str:
    """In one of LANGUAGES, or what `fallbacks` leads to."""
    return shipped_labels().explain(reason, language)


@cache
def shipped_labels() -> Labels:
    return parse_labels(read_file(SHIPPED, SHIPPED.name), path=f"{SHIPPED.name}:")


def _declared(name: str) -> Fact:
    fact = find_fact(name)
    if fact is None:
        raise ValueError(f"{name} is not declared in personas.facts.FACTS")
    return fact


@cache
def _locale(language: str) -> Locale:
    return Locale.parse(language, sep="-")


def _named(reason: Reason, actual: frozenset[str]) -> frozenset[str]:
    """What the clause asked about: the members found, or those looked for in vain."""
    wanted: Any = reason.wanted
    if reason.operator is Operator.KNOWN:
        return actual
    asked = wanted if isinstance(wanted, frozenset) else frozenset({wanted})
    return asked & actual or asked


def _listed(named: Sequence[str], truth: Truth, locale: Locale) -> str:
    if truth is Truth.NO:
        return format_list(named, style="or", locale=locale)
    return format_list(named, locale=locale)


def _case(reason: Reason, sentences: Mapping[str, str], language: str) -> str:
    actual = reason.actual
    if isinstance(actual, bool):
        case = "when_true" if actual else "when_false"
    elif isinstance(actual, int | Decimal):
        exact = f"{actual.normalize():f}" if isinstance(actual, Decimal) else str(actual)
        case = exact if exact in sentences else str(_locale(language).plural_form(actual))
    elif isinstance(actual, frozenset):
        case = "lacks" if reason.truth is Truth.NO else "has"
    else:
        case = str(actual)
    return sentences.get(case) or sentences[OTHER]


def _worded(actual: Any, fact: Fact, locale: Locale) -> str:
    match fact.unit:
        case "share":
            return format_percent(actual, locale=locale)
        case "country":
            return str(locale.territories.get(actual.upper(), actual))
        case "language":
            return str(locale.languages.get(actual.split("-")[0].lower(), actual))
    if isinstance(actual, date):
        return format_date(actual, format="long", locale=locale)
    return actual if isinstance(actual, str) else format_decimal(actual, locale=locale)


def parse_labels(raw: object, *, path: str) -> Labels:
    """Raises InvalidContent with the place of the mistake."""
    fields = Fields(raw, path)
    labels = Labels(
        facts=fields.entries("facts", _label),
        categories=fields.entries("categories", read_translated),
        unknown=fields.translated("unknown"),
    )
    fields.finish()
    return labels


def _label(raw: object, path: str) -> Label:
    fields = Fields(raw, path)
    by_language = Fields(fields.raw("says"), fields.at("says"))
    says = {language: _cases(by_language.raw(language), by_language.at(language)) for language in LANGUAGES}
    by_language.finish()
    label = Label(fields.translated("name"), says)
    fields.finish()
    if len({frozenset(cases) for cases in says.values()}) > 1 and OTHER not in says["en"]:
        raise InvalidContent(path, "the languages tell different cases apart")
    return label


def _cases(raw: object, path: str) -> Mapping[str, str]:
    if isinstance(raw, str):
        return {OTHER: read_word(raw, path)}
    fields = Fields(raw, path)
    return {case: fields.text(case) for case in fields}
