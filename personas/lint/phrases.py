"""Phrases people list, and where a text says one of them.

A phrase is words in small letters. `buy/order now` stands for two phrases, `regret*` for a word and what it ends in,
`*mente` for what ends so after three letters or more, `…` for up to three words, and `^hurry` begins a clause.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product, zip_longest
from typing import TypeAlias

from personas.content import InvalidContent, read_word
from personas.lint.text import Sentence, Span, Text, Word, fold

HARMLESS = "harmless"
"""The label of what another phrase would take for a fault and is none."""
GAP = 3
"""Words that `…` may stand for."""
SHORTEST_BEGINNING = 3
"""Letters before an ending: `*ado` is for `agotado`, none of it is `lado`."""
MOST_GAPS = 2


@dataclass(frozen=True, slots=True)
class Slot:
    """What one word of a phrase may be."""

    words: frozenset[str] = frozenset()
    beginnings: tuple[str, ...] = ()
    endings: tuple[str, ...] = ()

    def fits(self, word: str) -> bool:
        if word in self.words or word.startswith(self.beginnings):
            return True
        return word[SHORTEST_BEGINNING:].endswith(self.endings)


@dataclass(frozen=True, slots=True)
class Phrase:
    slots: tuple[Slot | None, ...]
    """None for a gap."""
    opens: bool = False

    def end(self, words: Sequence[Word], at: int) -> int | None:
        """The first word after the phrase that begins at `at`; its first slot is known to fit."""
        return None if self.opens and not words[at].opens else _end(self.slots[1:], words, at + 1)


def _end(slots: Sequence[Slot | None], words: Sequence[Word], at: int) -> int | None:
    for number, slot in enumerate(slots):
        if slot is None:
            tried = (_end(slots[number + 1 :], words, at + skipped) for skipped in range(GAP + 1))
            return next((end for end in tried if end is not None), None)
        if at >= len(words) or not slot.fits(words[at].folded):
            return None
        at += 1
    return at


def read_phrase(raw: object, path: str) -> Phrase:
    """Raises InvalidContent with the place of the mistake."""
    written = fold(read_word(raw, path)).strip()
    parts = written.removeprefix("^").split()
    if not parts or "…" in (parts[0], parts[-1]) or parts.count("…") > MOST_GAPS:
        raise InvalidContent(path, f"… stands between two words, and at most {MOST_GAPS} times")
    slots = tuple(None if part == "…" else read_slot(part, path) for part in parts)
    return Phrase(slots, written.startswith("^"))


def read_slot(raw: object, path: str) -> Slot:
    """Raises InvalidContent with the place of the mistake."""
    options = fold(read_word(raw, path)).strip().split("/")
    for option in options:
        if not option.strip("*") or option.count("*") > 1 or "*" in option[1:-1]:
            raise InvalidContent(path, f"{raw}: a word is wanted, with * at one end of it or none")
    return Slot(
        frozenset(option for option in options if "*" not in option),
        tuple(option[:-1] for option in options if option[-1] == "*"),
        tuple(option[1:] for option in options if option[0] == "*"),
    )


def join(slots: Iterable[Slot]) -> Slot:
    """One that fits what any of them does."""
    several = tuple(slots)
    return Slot(
        frozenset(word for slot in several for word in slot.words),
        tuple(one for slot in several for one in slot.beginnings),
        tuple(one for slot in several for one in slot.endings),
    )


_Entry: TypeAlias = tuple[str, Phrase]


class PhraseBook:
    """Labelled phrases by how they begin, so that a text is read once however many there are."""

    def __init__(self, phrases: Iterable[_Entry]) -> None:
        self._words: dict[tuple[str, ...], list[_Entry]] = defaultdict(list)
        """By the first word, or the first two where the second is one of a few."""
        self._beginnings: dict[str, list[_Entry]] = defaultdict(list)
        self._endings: dict[str, list[_Entry]] = defaultdict(list)
        for label, phrase in phrases:
            first = phrase.slots[0] or Slot()
            for key in product(first.words, *_seconds(phrase)):
                self._words[key].append((label, phrase))
            for beginning in first.beginnings:
                self._beginnings[beginning].append((label, phrase))
            for ending in first.endings:
                self._endings[ending].append((label, phrase))
        self._sizes = sorted({*map(len, self._beginnings)}), sorted({*map(len, self._endings)})

    def find(self, sentence: Sentence) -> Iterator[tuple[str, Span]]:
        words = sentence.words
        for at, (word, follows) in enumerate(zip_longest(words, words[1:])):
            for label, phrase in self._starting(word.folded, follows.folded if follows else ""):
                end = phrase.end(words, at)
                if end is not None:
                    yield label, Span(word.start, words[end - 1].end)

    def _starting(self, word: str, follows: str) -> Iterator[_Entry]:
        yield from self._words.get((word,), ())
        yield from self._words.get((word, follows), ())
        beginnings, endings = self._sizes
        for size in beginnings[: bisect_right(beginnings, len(word))]:
            yield from self._beginnings.get(word[:size], ())
        for size in endings[: bisect_right(endings, len(word))]:
            yield from (
                entry
                for entry in self._endings.get(word[-size:], ())
                if len(word) >= size + SHORTEST_BEGINNING
            )


def _seconds(phrase: Phrase) -> list[frozenset[str]]:
    """The words that may come second, if they can be told."""
    second = phrase.slots[1] if len(phrase.slots) > 1 else None
    return [second.words] if second and not second.beginnings + second.endings else []


def find_said(book: PhraseBook, text: Text) -> Mapping[str, list[Span]]:
    """By label; what overlaps a harmless phrase is left out."""
    said: dict[str, list[Span]] = defaultdict(list)
    for sentence in text.sentences:
        found = list(book.find(sentence))
        harmless = [span for label, span in found if label == HARMLESS]
        for label, span in found:
            if not any(span.start < safe.end and safe.start < span.end for safe in harmless):
                said[label].append(span)
    return said
