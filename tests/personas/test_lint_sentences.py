"""How well the linter finds what editors struck out, on sentences that were labelled before any rule was written.

The rules and word lists were made by looking at one half, told by a hash of the text. The other half was only
counted, so its figures say what to expect of sentences that nobody had in mind.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from personas.languages import LANGUAGES, REGISTERS
from personas.lint.linter import CODES, lint

FOLDER = Path(__file__).with_name("sentences")
LEAST = 0.9
"""Precision and recall over all codes."""
LEAST_OF_A_CODE = 0.75


class Labelled(NamedTuple):
    language: str
    text: str
    register: str
    faults: frozenset[str]
    held_out: bool


def read_labelled() -> Iterator[Labelled]:
    for language in LANGUAGES:
        for item in yaml.safe_load((FOLDER / f"{language}.yaml").read_text(encoding="utf-8")):
            held_out = hashlib.sha256(item["text"].encode()).digest()[0] % 2 == 1
            yield Labelled(language, item["text"], item["register"], frozenset(item["faults"]), held_out)


class Measured(NamedTuple):
    found: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.found / (self.found + self.wrong) if self.found + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.found / (self.found + self.missed) if self.found + self.missed else 1.0


SENTENCES = tuple(read_labelled())
FOUND = {
    one: frozenset(f.code for f in lint(one.text, language=one.language, register=one.register))
    for one in SENTENCES
}
PARTS = {
    "whole": SENTENCES,
    "held out": tuple(one for one in SENTENCES if one.held_out),
    **{language: tuple(one for one in SENTENCES if one.language == language) for language in LANGUAGES},
    **{
        f"{language} held out": tuple(one for one in SENTENCES if one.held_out and one.language == language)
        for language in LANGUAGES
    },
}


def measure(part: str, *codes: str) -> Measured:
    counted: Counter[str] = Counter()
    for one in PARTS[part]:
        for code in codes or CODES:
            counted[f"{code in FOUND[one]} {code in one.faults}"] += 1
    return Measured(counted["True True"], counted["True False"], counted["False True"])


def table(part: str) -> str:
    rows = [(code, measure(part, code)) for code in CODES] + [("all", measure(part))]
    return "\n".join(
        [part.ljust(12) + "  precision  recall  found  wrong  missed"]
        + [f"{code:12} {m.precision:10.2f} {m.recall:7.2f} {m[0]:6} {m[1]:6} {m[2]:7}" for code, m in rows]
    )


def test_the_sentences_are_labelled_with_what_there_is() -> None:
    assert {one.register for one in SENTENCES} == set(REGISTERS)
    assert {fault for one in SENTENCES for fault in one.faults} == set(CODES)


@pytest.mark.parametrize("part", PARTS)
def test_what_is_found_is_right_and_what_is_wrong_is_found(part: str) -> None:
    measured = measure(part)
    assert measured.precision >= LEAST, table(part)
    assert measured.recall >= LEAST, table(part)


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("part", ["whole", "held out"])
def test_no_fault_is_left_to_luck(part: str, code: str) -> None:
    measured = measure(part, code)
    assert measured.precision >= LEAST_OF_A_CODE, table(part)
    assert measured.recall >= LEAST_OF_A_CODE, table(part)
