"""A fault as the sentence its author reads."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from personas.content import Fields, read_file
from personas.languages import Translated
from personas.lint.layout import MOST_CHARACTERS, MOST_SENTENCES, MOST_WORDS
from personas.lint.linter import CODES, Fault
from personas.talk_tracks import PLACEHOLDERS

SHIPPED = Path(__file__).parent.with_name("catalogue") / "faults.yaml"
LONGEST_QUOTE = 60

_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def explain(fault: Fault, language: str) -> str:
    """In one of LANGUAGES, or what `fallbacks` leads to."""
    values = {
        "said": _shortened(fault.said),
        "known": ", ".join(f"{{{name}}}" for name in PLACEHOLDERS),
        "characters": str(MOST_CHARACTERS),
        "words": str(MOST_WORDS),
        "sentences": str(MOST_SENTENCES),
    }
    return _PLACEHOLDER.sub(lambda found: values[found[1]], shipped_sentences()[fault.code].into(language))


@cache
def shipped_sentences() -> Mapping[str, Translated]:
    fields = Fields(read_file(SHIPPED, SHIPPED.name), f"{SHIPPED.name}:")
    sentences = {code: fields.translated(code) for code in CODES}
    fields.finish()
    return sentences


def _shortened(said: str) -> str:
    flat = " ".join(said.split())
    return flat if len(flat) <= LONGEST_QUOTE else flat[: LONGEST_QUOTE - 1].rstrip() + "…"
