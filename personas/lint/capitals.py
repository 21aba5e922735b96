"""Capitals for emphasis, told from acronyms, units, sizes and names."""

import re
from collections.abc import Iterator
from itertools import groupby

from personas.lint.phrases import Slot
from personas.lint.text import Sentence, Span, Text, Word

LOUD_RUN = 4
"""So many words in capitals side by side are shouted whatever they are."""

_DRAWN_OUT = re.compile(r"(\w)\1\1+")


def find_shouting(text: Text, emphasised: Slot) -> list[Span]:
    """`emphasised`: words that stand in capitals for no other reason. What is beside one is shouted with it."""
    small = {
        word.folded
        for sentence in text.sentences
        for word in sentence.words
        if len(word.said) > 2 and word.said.islower()
    }
    return [
        Span(run[0].start, run[-1].end)
        for sentence in text.sentences
        for run in _runs(sentence)
        if len(run) >= LOUD_RUN or any(_is_loud(word, emphasised, small) for word in run)
    ]


def _runs(sentence: Sentence) -> Iterator[list[Word]]:
    """Words in capitals, next to each other."""
    for capital, run in groupby(sentence.words, key=_in_capitals):
        if capital:
            yield list(run)


def _in_capitals(word: Word) -> bool:
    return word.said.isupper() and not any(char.isdigit() for char in word.said)


def _is_loud(word: Word, emphasised: Slot, small: set[str]) -> bool:
    """A single letter begins most sentences that it begins; elsewhere it is as loud as a word."""
    if len(word.said) == 1:
        return not word.opens and word.folded in emphasised.words
    return word.folded in small or any(emphasised.fits(part) for part in _parts(word.folded))


def _parts(folded: str) -> list[str]:
    """What hyphens join; letters that are drawn out are said once or twice: `FREEEE`."""
    return [_DRAWN_OUT.sub(once, part) for part in folded.split("-") for once in (r"\1", r"\1\1")]
