"""Product names as tokens, in any language: words, numbers, and numbers with their unit."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from unicodedata import category, normalize

Name = tuple[str, ...]
"""Tokens of one name, case folded."""

LONGEST_UNIT = 4
"""Letters; units are abbreviations everywhere."""
AFTER_NUMBERS = 0.9
"""Of a unit's occurrences, so many follow a number."""

_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[^\s\d.,]+")
_DIGITS = re.compile(r"[\d.,]+")
_PART = re.compile(r"\d{1,100}")
_THOUSANDS = re.compile(r"[.,](?=\d{3}(?!\d))")
_WITHOUT_SPACES = (
    ("\u3040", "\u30ff"),
    ("\u3400", "\u9fff"),
    ("\uf900", "\ufaff"),
    ("\U00020000", "\U0003ffff"),
)


def tokenise(names: Sequence[str]) -> list[Name]:
    """One for each, () where a name holds neither letter nor digit. What is a unit is learned from all."""
    folded = [normalize("NFKC", name).casefold() for name in names]
    table = {ord(sign): _separate(sign) for sign in set().union(*map(set, folded))}
    found = [tuple(_TOKEN.findall(text.translate(table))) for text in folded]
    units = _find_units(found)
    return [_attach(tokens, units) for tokens in found]


def _separate(sign: str) -> str:
    """What stands for a sign when words are told apart."""
    if any(first <= sign <= last for first, last in _WITHOUT_SPACES):
        return f" {sign} "
    if sign in "'’":
        return ""
    return sign if sign in ".," or category(sign)[0] in "LMN" else " "


def _find_units(names: Sequence[Name]) -> set[str]:
    total = Counter(token for tokens in names for token in tokens)
    after = Counter(word for tokens in names for number, word in pairwise(tokens) if is_number(number))
    return {
        word
        for word, count in after.items()
        if 1 < total[word] <= count / AFTER_NUMBERS and len(word) <= LONGEST_UNIT and not is_number(word)
    }


def _attach(tokens: Name, units: set[str]) -> Name:
    attached: list[str] = []
    for token in tokens:
        if token in units and attached and attached[-1][-1].isdecimal():
            attached[-1] += token
        else:
            attached.append(token)
    return tuple(attached)


def is_number(token: str) -> bool:
    return token[:1].isdecimal()


def kind_of(token: str) -> str:
    """`#` and the unit for a number, else the word itself."""
    return "#" + _DIGITS.sub("", token, count=1) if is_number(token) else token


def size_of(number: str) -> tuple[int, ...]:
    """What numbers are ordered by, separators of thousands left out: 5,000 → (5000,), 1.5 → (1, 5)."""
    return tuple(int(part) for part in _PART.findall(_THOUSANDS.sub("", number)))
