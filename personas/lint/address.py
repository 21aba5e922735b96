"""Forms of address at odds with the register, or with each other."""

import re
from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise

from personas.lint.text import Span, Text, Word

AT_ODDS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("en", "formal"): ("familiar",),
    ("es", "formal"): ("tu", "vos", "vosotros"),
    ("es", "neutral"): ("tu", "vos", "vosotros"),
    ("es", "informal"): ("usted",),
    ("pt-BR", "formal"): ("tu", "te"),
    ("pt-BR", "neutral"): ("tu",),
    ("pt-BR", "informal"): ("senhor",),
}
MIXED = {"en": (), "es": (("vosotros", "ustedes"),), "pt-BR": (("senhor", "voce"),)}
"""The second is a fault beside the first."""

_GREETING = re.compile("dear|hello|hey|hi|morning|afternoon|evening|thanks|you|welcome")


def find_address(
    text: Text, said: Mapping[str, list[Span]], first_names: Collection[str], language: str, register: str
) -> list[Span]:
    """`said`: spans by form of address, see `personas.lint.lists.FORMS`."""
    found = [span for form in AT_ODDS.get((language, register), ()) for span in said.get(form, ())]
    for one, other in MIXED[language]:
        found += said.get(other, ()) if one in said else ()
    if (language, register) == ("en", "formal"):
        found += _called_by_name(text, first_names)
    return found


def _called_by_name(text: Text, first_names: Collection[str]) -> Iterator[Span]:
    """`Hello Sarah`, or a name between marks; neither `Dr. Sarah Hill` nor `a letter from Sarah`."""
    for sentence in text.sentences:
        for before, word in pairwise((None, *sentence.words)):
            if word is not None and _is_name(word, first_names) and _is_called(before, word, text.raw):
                yield Span(word.start, word.end)


def _is_name(word: Word, first_names: Collection[str]) -> bool:
    return word.said[:1].isupper() and word.folded in first_names


def _is_called(before: Word | None, word: Word, raw: str) -> bool:
    greeted = before is not None and _GREETING.fullmatch(before.folded) is not None
    return greeted or (word.opens and raw[word.end : word.end + 1] in {",", ".", "!", "?", ""})
