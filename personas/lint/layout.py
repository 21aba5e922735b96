"""What is wrong with a text before it is read: its marks, its length, its blocks."""

import re
from collections.abc import Iterator

from personas.lint.text import Sentence, Span, Text

MOST_CHARACTERS = 320
MOST_WORDS = 40
"""In a sentence."""
MOST_SENTENCES = 5
"""In a paragraph."""
MOST_UNSPACED = 1
"""Marks with no space after them; one is a slip."""
MOST_EXCLAMATIONS = {"formal": 0, "neutral": 1, "informal": 2}

_EXCLAMATIONS = re.compile("[!！]+")
_EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u2b55\ufe0f]+"
    r"|(?<!\S)(?:[:;=]['’]?-?[()DPp3]|<3|:-?\*|\^_?\^)(?!\w)"
)
_DRAWN_OUT = re.compile(r"([^\W\dA-Z_])\1\1")
_CHUNK = re.compile(r"\S+")
_UNSPACED = re.compile(r"(?<=[^\W\d_]{2}|\w\})[.,;:!?](?=[^\W\d_]|[{¿¡])")
_LINK = re.compile(
    r"www\.|://|@|\.(?:com|net|org|shop|store|app|io|es|mx|ar|co|cl|pe|br|pt|uk|eu)(?![^\W_])", re.IGNORECASE
)


def find_exclamations(text: Text, register: str) -> list[Span]:
    """Marks beyond what the register bears; what is quoted keeps its own."""
    quoted = {place for quote in text.quotes for place in range(*quote)}
    marks = [Span(*found.span()) for found in _EXCLAMATIONS.finditer(text.raw) if found.start() not in quoted]
    most = MOST_EXCLAMATIONS[register]
    before = 0
    found = []
    for mark in marks:
        before += mark.end - mark.start
        if before > most or mark.end - mark.start > 1:
            found.append(mark)
    return found


def find_chatter(text: Text) -> list[Span]:
    """Emoji, emoticons and letters drawn out: `sooo`."""
    drawn_out = [
        Span(word.start, word.end)
        for sentence in text.sentences
        for word in sentence.words
        if _DRAWN_OUT.search(word.said) and word.folded != "www"
    ]
    return drawn_out + [Span(*found.span()) for found in _EMOJI.finditer(text.raw)]


def find_long(text: Text, length: int) -> list[Span]:
    """What goes beyond the length, and each sentence that does; `length` is that of all there is."""
    beyond = [Span(MOST_CHARACTERS, length)] if length > MOST_CHARACTERS else []
    return beyond + [
        _trimmed(sentence, text.raw)
        for sentence in text.sentences
        if len(text.raw[sentence.start : sentence.end].split()) > MOST_WORDS
    ]


def find_dense(text: Text) -> list[Span]:
    """Paragraphs of too many sentences, and marks that several times have no space after them."""
    crowded = [
        Span(paragraph[0].start, paragraph[-1].end)
        for paragraph in text.paragraphs
        if len(paragraph) > MOST_SENTENCES
    ]
    unspaced = list(_unspaced(text.raw))
    return crowded + (unspaced if len(unspaced) > MOST_UNSPACED else [])


def _unspaced(raw: str) -> Iterator[Span]:
    for chunk in _CHUNK.finditer(raw):
        if not _LINK.search(chunk[0]):
            yield from (Span(*mark.span()) for mark in _UNSPACED.finditer(raw, *chunk.span()))


def _trimmed(sentence: Sentence, raw: str) -> Span:
    said = raw[sentence.start : sentence.end]
    return Span(sentence.end - len(said.lstrip()), sentence.start + len(said.rstrip()))
