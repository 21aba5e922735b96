"""The word lists of each language, which a shop extends: `words/es.yaml`."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from personas.content import Fields, read_file, read_word
from personas.languages import LANGUAGES
from personas.lint.phrases import HARMLESS, PhraseBook, Slot, join, read_phrase, read_slot
from personas.lint.text import fold

SHIPPED = Path(__file__).parent.with_name("catalogue") / "words"

FORMS = {
    "en": ("familiar",),
    "es": ("tu", "vos", "vosotros", "usted", "ustedes"),
    "pt-BR": ("tu", "te", "voce", "senhor"),
}
"""Forms of address that a language's list tells apart."""
LISTS = ("jargon", "pressure", "vulgar", "colloquial", HARMLESS)


@dataclass(frozen=True, slots=True)
class Words:
    capitals: Slot
    """Words that stand in capitals for emphasis only."""
    phrases: PhraseBook
    """By one of LISTS or FORMS."""
    first_names: frozenset[str]


WordLists = Mapping[str, Words]
"""By each of LANGUAGES."""


def load_words(directory: Path | None = None) -> WordLists:
    """Raises InvalidContent, naming the file, the place in it and the way out."""
    folder = directory or SHIPPED
    files = {language: f"{language}.yaml" for language in LANGUAGES}
    return {
        language: parse_words(read_file(folder / file, file), path=f"{file}:", forms=FORMS[language])
        for language, file in files.items()
    }


@cache
def shipped_words() -> WordLists:
    return load_words()


def parse_words(raw: object, *, path: str, forms: tuple[str, ...]) -> Words:
    """Raises InvalidContent with the place of the mistake; a list left out is empty."""
    fields = Fields(raw, path)
    address = Fields(fields.raw("address"), fields.at("address"))
    labelled = [
        (name, phrase)
        for owner, names in ((fields, LISTS), (address, forms))
        for name in names
        for phrase in owner.items(name, read_phrase)
    ]
    words = Words(
        capitals=join(fields.items("capitals", read_slot)),
        phrases=PhraseBook(labelled),
        first_names=frozenset(map(fold, fields.items("first_names", read_word))),
    )
    address.finish()
    fields.finish()
    return words
