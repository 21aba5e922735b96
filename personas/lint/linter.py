"""Looks a talk track over for what an editor would strike out."""

from dataclasses import dataclass

from personas.languages import LANGUAGES, REGISTERS, fallbacks
from personas.lint import address, capitals, gerunds, layout, placeholders
from personas.lint.lists import WordLists, shipped_words
from personas.lint.phrases import find_said
from personas.lint.text import merge, read_text
from personas.talk_tracks import TalkTracks

CODES = (
    "shouting",
    "exclamation",
    "slang",
    "address",
    "jargon",
    "gerundism",
    "long",
    "dense",
    "pressure",
    "placeholder",
)

MOST_READ = 1_000
"""Characters; of what follows it is only said that it is too long."""


@dataclass(frozen=True, slots=True)
class Fault:
    code: str
    """One of CODES."""
    start: int
    end: int
    said: str
    """`text[start:end]`."""


def lint(text: str, *, language: str, register: str, lists: WordLists | None = None) -> tuple[Fault, ...]:
    """In the order of the text; for an unknown language see `fallbacks`, an unknown register is neutral."""
    tongue = next(tried for tried in fallbacks(language) if tried in LANGUAGES)
    tone = register if register in REGISTERS else "neutral"
    words = (lists or shipped_words())[tongue]
    head = text if len(text) <= MOST_READ else text[:MOST_READ].rpartition(" ")[0]
    broken = placeholders.find_broken(head)
    read = read_text(head, broken)
    said = find_said(words.phrases, read)
    spans = {
        "shouting": capitals.find_shouting(read, words.capitals),
        "exclamation": layout.find_exclamations(read, tone),
        "slang": said["vulgar"]
        + (said["colloquial"] + layout.find_chatter(read) if tone != "informal" else []),
        "address": address.find_address(read, said, words.first_names, tongue, tone),
        "jargon": said["jargon"],
        "gerundism": gerunds.find_gerundism(read) if tongue == "pt-BR" else [],
        "long": layout.find_long(read, len(text)),
        "dense": layout.find_dense(read),
        "pressure": said["pressure"],
        "placeholder": broken,
    }
    found = sorted((span, code) for code, several in spans.items() for span in merge(several))
    return tuple(Fault(code, *span, text[span.start : span.end]) for span, code in found)


def lint_tracks(tracks: TalkTracks, lists: WordLists | None = None) -> list[tuple[str, Fault]]:
    """Each fault behind its place, as `cross_sell.en.formal[0]`."""
    return [
        (f"{key}.{language}.{register}[{number}]", fault)
        for key, track in tracks.tracks.items()
        for (language, register), variants in track.items()
        for number, text in enumerate(variants)
        for fault in lint(text, language=language, register=register, lists=lists)
    ]
