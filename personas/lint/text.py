"""A talk track as its rules look at it: sentences of words, each with its place."""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple


class Span(NamedTuple):
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Word:
    said: str
    """As it stands there; a placeholder is one word, braces and all."""
    folded: str
    """In small letters, accents composed, apostrophes straight."""
    start: int
    end: int
    opens: bool
    """It begins a clause: what is before it is no word, or a mark such as a comma."""


@dataclass(frozen=True, slots=True)
class Sentence:
    start: int
    end: int
    words: tuple[Word, ...]
    """Without what is quoted or stands in a broken placeholder."""


@dataclass(frozen=True, slots=True)
class Text:
    raw: str
    paragraphs: tuple[tuple[Sentence, ...], ...]
    quotes: tuple[Span, ...]

    @property
    def sentences(self) -> Iterator[Sentence]:
        return (sentence for paragraph in self.paragraphs for sentence in paragraph)


_WORD = re.compile(r"\{\w+\}|[^\W_][\w\u0300-\u036f]*(?:['’-][^\W_][\w\u0300-\u036f]*)*")
_QUOTE = re.compile(r'(?<!\w)["“«][^"“”«»\n]{1,80}["”»](?!\w)')
_LINE = re.compile(r"[^\n]+")
_STOP = re.compile(r"""[.!?…]+["'”»’)]*""")
_OPENING = ",;:¿¡(–—.!?…\n"
_ABBREVIATED = re.compile(
    "approx|aprox|av|d|dña|dra?|ej|etc|max|min|mrs?|ms|nro|núm|pág|prof|sr|sra|srta|st|tel|uds?|vol",
    re.IGNORECASE,
)


def read_text(raw: str, broken: Iterable[Span] = ()) -> Text:
    """`broken`: where broken placeholders stand; their words are none of the text's."""
    quotes = tuple(Span(*found.span()) for found in _QUOTE.finditer(raw))
    words = _words(raw, _covered([*quotes, *broken]))
    paragraphs = tuple(_sentences(raw, Span(*line.span()), words) for line in _LINE.finditer(raw))
    return Text(raw, paragraphs, quotes)


def fold(word: str) -> str:
    return unicodedata.normalize("NFC", word).lower().replace("’", "'")


def _covered(spans: Iterable[Span]) -> set[int]:
    return {place for span in spans for place in range(*span)}


def _words(raw: str, covered: set[int]) -> list[Word]:
    words = []
    after = 0
    for found in _WORD.finditer(raw):
        if found.start() not in covered:
            between = raw[after : found.start()]
            opens = not after or any(mark in between for mark in _OPENING)
            words.append(Word(found[0], fold(found[0]), *found.span(), opens))
        after = found.end()
    return words


def _sentences(raw: str, line: Span, words: list[Word]) -> tuple[Sentence, ...]:
    ends = (*_stops(raw, line), line.end)
    found = []
    for start, end in pairwise((line.start, *ends)):
        if raw[start:end].strip():
            first, last = (bisect_left(words, place, key=attrgetter("start")) for place in (start, end))
            found.append(Sentence(start, end, tuple(words[first:last])))
    return tuple(found)


def _stops(raw: str, line: Span) -> Iterator[int]:
    for found in _STOP.finditer(raw, *line):
        follows = raw[found.end() : found.end() + 12]
        if follows[:1].isspace() and not (found[0] == "." and _runs_on(raw, found.start(), follows)):
            yield found.end()


def _runs_on(raw: str, stop: int, follows: str) -> bool:
    """The full stop is an abbreviation's: `13 % vol. and`, `Dr. Hauschka`."""
    before = raw[max(stop - 12, 0) : stop].split()
    return follows.lstrip()[:1].islower() or bool(before and _ABBREVIATED.fullmatch(before[-1]))


def merge(spans: Iterable[Span]) -> list[Span]:
    """In order; those that overlap become one."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start < merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged
