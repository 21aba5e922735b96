"""Gerundism in Brazilian Portuguese: `vou estar enviando` for `vou enviar`."""

import re
from collections.abc import Iterator, Sequence

from personas.lint.text import Span, Text, Word

_GERUND = re.compile(r"\w*(?:ando|endo|indo|ondo)(?:-\w+)*")
_NO_GERUND = re.compile("quando|(?:contra)?bando|co?mando|brando|segundo|mundo|profundo|lindo|redondo")
_FUTURE = re.compile("estar(?:ei|á|emos|ão|ia|iam|íamos)")
_SUBJUNCTIVE = re.compile("esteja(?:mos)?")
_SPEAKER = re.compile("eu|gente|nós")
"""Before a subjunctive: what the speaker does; with others it is what goes on (`caso esteja procurando`)."""
_GUESSING = re.compile("dev(?:em?|iam?|erá|erão|eriam?)|parecem?|por|sem")
_BESIDE = re.compile("apesar|além|depois|antes|vez")
"""`Além de estar usando`: what goes on beside something else."""
_MAYBE = re.compile("podem?|poderiam?")
_OURS = re.compile("vou|vamos|irei|iremos|estarei|estaremos|estaríamos")
_WAITING = re.compile("(?:espera|torce|viaja|dormi)ndo")
_STATE = re.compile(
    f"{_WAITING.pattern}|(?:acaba|falta|funciona|passa|precisa|procura|sobra|termina|vale|vence)ndo"
)
"""What things do by themselves, or what somebody is at for a while."""
_HAPPENING = re.compile(
    f"{_STATE.pattern}|(?:causa|chega|deixa|entra|fica|gasta|impedi|paga|pensa|perde|quere|sai|usa)ndo"
)
"""What may be so already: `pode estar chegando`."""
_BETWEEN = re.compile(
    "a|aí|ainda|agora|amanhã|aqui|as|de|em|breve|hoje|já|lá|lhes?|logo|mais|me|não|nos|os?|se|sempre|só|também|te"
)
_MOST_BETWEEN = 3


def find_gerundism(text: Text) -> list[Span]:
    """`Estar` before a gerund, in a form that is not about what goes on now."""
    return [span for sentence in text.sentences for span in _in_sentence(sentence.words)]


def _in_sentence(words: Sequence[Word]) -> Iterator[Span]:
    for at in range(len(words)):
        last = _gerund(words, at)
        if last is not None:
            first = _auxiliary(words, at)
            if not _is_fine(words, first, at, last):
                yield Span(words[first].start, words[last].end)


def _gerund(words: Sequence[Word], at: int) -> int | None:
    """Where the gerund stands that the form of `estar` at `at` goes with."""
    verb = words[at].folded.partition("-")[0]
    if verb != "estar" and not _FUTURE.fullmatch(verb) and not _SUBJUNCTIVE.fullmatch(verb):
        return None
    for after in range(at + 1, min(at + 2 + _MOST_BETWEEN, len(words))):
        word = words[after].folded
        if _GERUND.fullmatch(word) and not _NO_GERUND.fullmatch(word):
            return after
        if not _BETWEEN.fullmatch(word):
            return None
    return None


def _auxiliary(words: Sequence[Word], at: int) -> int:
    """The word before `estar`, small ones left out; the form itself where it begins the sentence."""
    before = range(at - 1, max(at - 2 - _MOST_BETWEEN, -1), -1)
    return next((place for place in before if not _BETWEEN.fullmatch(words[place].folded)), at)


def _is_fine(words: Sequence[Word], first: int, at: int, last: int) -> bool:
    verb, auxiliary, gerund = (words[place].folded for place in (at, first, last))
    if _SUBJUNCTIVE.fullmatch(verb):
        return not _SPEAKER.fullmatch(auxiliary)
    if verb == "estar" and (_GUESSING.fullmatch(auxiliary) or _BESIDE.fullmatch(auxiliary)):
        return True
    if _OURS.fullmatch(verb) or _OURS.fullmatch(auxiliary):
        return bool(_WAITING.fullmatch(gerund))
    return bool((_HAPPENING if _MAYBE.fullmatch(auxiliary) else _STATE).fullmatch(gerund))
