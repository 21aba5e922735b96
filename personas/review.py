"""Looks a whole release over before it goes out: what can be read but cannot be meant.

What cannot be read never becomes a release: see `Release.of`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from personas.calendar import CALENDAR
from personas.catalogue import Catalogue
from personas.conditions import Condition, clauses
from personas.content import Fields, read_file
from personas.findings import Code, Finding, find_faults
from personas.languages import LANGUAGES, Translated
from personas.lint.linter import Fault, lint_tracks
from personas.lint.wording import explain
from personas.rule_lint import Concern, Remark, lint_rules
from personas.rule_tests import Failure, run_tests

SHIPPED = Path(__file__).with_name("catalogue") / "remarks.yaml"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Objection:
    place: str
    """As in the errors of reading: `rules.yaml: phones_need_a_year.tests[0]`."""
    code: str
    says: Translated
    blocks: bool
    """Whether the release must not go out with it."""


def review(catalogue: Catalogue, today: date) -> tuple[Objection, ...]:
    """What blocks first, then by place."""
    found = [
        *map(_of_test, run_tests(catalogue.rules)),
        *map(_of_rule, lint_rules(catalogue.rules, today)),
        *(_of_condition(finding) for place in catalogue.conditions() for finding in _faults(*place)),
        *_unknown_events(catalogue),
        *(_of_unlocked(fact, why) for fact, why in catalogue.policies.unlocked.items()),
        *(_of_sentence(place, fault) for place, fault in lint_tracks(catalogue.talk_tracks)),
    ]
    return tuple(sorted(found, key=lambda each: (not each.blocks, each.place, each.code)))


def _faults(place: str, condition: Condition) -> tuple[Finding, ...]:
    return find_faults(condition, path=place)


def _unknown_events(catalogue: Catalogue) -> Iterator[Objection]:
    """What is not in the calendar is never known."""
    for place, condition in catalogue.conditions():
        for fact in dict.fromkeys(clause.fact for clause in clauses(condition)):
            family, _, event = fact.rpartition(".")
            if family == CALENDAR and event not in catalogue.calendar:
                yield _objection(place, "no_event", {"event": event}, blocks=True)


def _of_unlocked(fact: str, why: Translated) -> Objection:
    """Told to whoever approves the release."""
    said = _objection(f"policies.yaml: unlocked.{fact}", "unlocked", {"fact": fact}, blocks=False)
    told = {language: f"{said.says.into(language)} {why.into(language)}" for language in LANGUAGES}
    return Objection(said.place, said.code, Translated(told), blocks=False)


def _of_test(failure: Failure) -> Objection:
    code = "test_unknown" if failure.missing else "test_failed"
    values = {
        "expected": failure.expected.value,
        "came": failure.came.value,
        "missing": ", ".join(sorted(failure.missing)),
    }
    return _objection(f"rules.yaml: {failure.place}", code, values, blocks=True)


def _of_rule(remark: Remark) -> Objection:
    place, concern = f"rules.yaml: {remark.rule}", remark.concern
    return _objection(place, concern.value, {"other": remark.other}, blocks=not concern.is_warning)


def _of_condition(finding: Finding) -> Objection:
    facts = finding.values.get("facts", ())
    values = {
        "fact": str(finding.values.get("fact", "")),
        "facts": ", ".join(map(str, facts)) if isinstance(facts, tuple) else "",
        "part": str(finding.values.get("part", "")),
    }
    return _objection(finding.path, finding.code.value, values, blocks=not finding.is_warning)


def _of_sentence(place: str, fault: Fault) -> Objection:
    """A matter of taste in the end: it is told, and editors decide."""
    says = Translated({language: explain(fault, language) for language in LANGUAGES})
    return Objection(f"talk_tracks.yaml: {place}", fault.code, says, blocks=False)


def _objection(place: str, code: str, values: Mapping[str, str], *, blocks: bool) -> Objection:
    sentence = shipped_sentences()[code]
    says = {
        language: _PLACEHOLDER.sub(lambda found: values[found[1]], sentence.into(language))
        for language in LANGUAGES
    }
    return Objection(place, code, Translated(says), blocks)


@cache
def shipped_sentences() -> Mapping[str, Translated]:
    fields = Fields(read_file(SHIPPED, SHIPPED.name), f"{SHIPPED.name}:")
    codes = ("test_failed", "test_unknown", "no_event", "unlocked", *map(str, Concern), *map(str, Code))
    sentences = {code: fields.translated(code) for code in codes}
    fields.finish()
    return sentences
