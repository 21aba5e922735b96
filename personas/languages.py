"""The languages people read here, and what to read where a text is not in theirs."""

from collections.abc import Mapping
from dataclasses import dataclass

LANGUAGES = ("en", "es", "pt-BR")
"""Every text that people see exists in these, BCP 47."""

REGISTERS = ("formal", "neutral", "informal")
"""Forms of address; a text that exists in one only is neutral."""


def fallbacks(language: str) -> tuple[str, ...]:
    """Where to look, in order: `es-MX` → es-MX, es, en; `pt-PT` → pt-PT, pt, pt-BR, en."""
    base = language.replace("_", "-").split("-")[0].lower()
    kin = [known for known in LANGUAGES if known.split("-")[0] == base]
    return tuple(dict.fromkeys((language, base, *kin, "en")))


@dataclass(frozen=True, slots=True)
class Translated:
    """One text in all of `LANGUAGES`."""

    texts: Mapping[str, str]

    def into(self, language: str) -> str:
        return next(self.texts[tried] for tried in fallbacks(language) if tried in self.texts)
