"""The word lists: how phrases are written, what is refused, and that a shop can add its own."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from personas.content import InvalidContent
from personas.lint.linter import lint
from personas.lint.lists import FORMS, SHIPPED, load_words, parse_words
from personas.lint.phrases import find_said
from personas.lint.text import read_text


def said(phrase: str, text: str) -> bool:
    words = parse_words({"address": {}, "jargon": [phrase]}, path="en.yaml:", forms=FORMS["en"])
    return "jargon" in find_said(words.phrases, read_text(text))


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("buy now", "Buy now.", True),
        ("buy now", "Buy it now.", False),
        ("buy now", "Something to buy. Now it is here.", False),
        ("buy now", 'It says "buy now" on it.', False),
        ("buy/order now", "Order now", True),
        ("regret*", "regrettable", True),
        ("regret*", "regre", False),
        ("*mente", "totalmente", True),
        ("*mente", "demente", False),
        ("a … d", "a d", True),
        ("a … d", "a b b b d", True),
        ("a … d", "a b b b b d", False),
        ("a b/c* d", "a cat d", True),
        ("^hurry", "Well, hurry", True),
        ("^hurry", "No hurry", False),
        ("don't", "Don’t", True),
        ("café", "Cafe\u0301", True),
        ("lead", "lead-free", False),
        ("{given_name}", "Dear {given_name}", True),
    ],
)
def test_phrases(phrase: str, text: str, found: bool) -> None:
    assert said(phrase, text) == found


def test_what_overlaps_a_harmless_phrase_is_none() -> None:
    raw = {"address": {}, "jargon": ["lead"], "harmless": ["lead time"]}
    words = parse_words(raw, path="en.yaml:", forms=FORMS["en"])
    assert find_said(words.phrases, read_text("Its lead time"))["jargon"] == []
    assert len(find_said(words.phrases, read_text("A lead, its lead time"))["jargon"]) == 1


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        ({"address": {}, "jargon": ["… now"]}, r"en.yaml: jargon\[0\]: … stands between two words"),
        ({"address": {}, "jargon": ["a … b … c … d"]}, "at most 2 times"),
        ({"address": {}, "jargon": ["a*b"]}, r"a\*b: a word is wanted"),
        ({"address": {}, "jargon": ["*"]}, "a word is wanted"),
        ({"address": {}, "jargon": ["a//b"]}, "a word is wanted"),
        ({"address": {}, "jargon": [False]}, "put it in quotes"),
        ({"address": {}, "jargn": []}, "there is no field jargn"),
        ({"address": {"usted": []}}, "address: there is no field usted"),
        ({"jargon": []}, "address is missing"),
    ],
)
def test_mistakes_are_named(raw: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidContent, match=words):
        parse_words(raw, path="en.yaml:", forms=FORMS["en"])


def test_a_shop_adds_words_of_its_own(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "words")
    file = tmp_path / "words" / "en.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("jargon: [", "jargon: [blorf, ", 1), encoding="utf-8"
    )
    text = "Your blorf is here."
    assert lint(text, language="en", register="neutral") == ()
    lists = load_words(tmp_path / "words")
    assert [fault.said for fault in lint(text, language="en", register="neutral", lists=lists)] == ["blorf"]


def test_a_missing_list_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidContent, match=r"en.yaml: the file is missing"):
        load_words(tmp_path)
