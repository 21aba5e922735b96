"""Gerundism in Brazilian Portuguese: `vou estar enviando` for `vou enviar`."""

import re
from collections.abc import Sequence

from personas.lint.text import Span, Text, Word

_GERUND = re.compile(r"\w*(?:ando|endo|indo|ondo)(?:-\w+)*")
_NO_GERUNDS = frozenset(
    "quando comando bando brando contrabando segundo mundo profundo lindo redondo".split()
)
_FUTURE = frozenset("estarei estará estaremos estarão estaria estariam estaríamos".split())
_SUBJUNCTIVE = frozenset("esteja estejamos".split())
_SPEAKERS = frozenset("eu gente nós".split())
"""Before a subjunctive: what the speaker does; with others it is what goes on (`caso esteja procurando`)."""
_GUESSING = frozenset(
    "deve devem devia deviam deverá deverão deveria deveriam parece parecem por sem".split()
)
_BESIDE = frozenset("apesar além depois antes vez".split())
"""`Além de estar usando`: what goes on beside something else."""
_MAYBE = frozenset("pode podem poderia poderiam".split())
_OURS = frozenset("vou vamos irei iremos estarei estaremos estaríamos".split())
_WAITING = frozenset("esperando torcendo viajando dormindo".split())
_STATES = _WAITING | frozenset(
    "acabando faltando funcionando passando precisando procurando sobrando terminando valendo vencendo".split()
)
"""What things do by themselves, or what somebody is at for a while."""
_HAPPENING = _STATES | frozenset(
    "causando chegando deixando entrando ficando gastando impedindo pagando pensando perdendo querendo saindo usando".split()
)
"""What may be so already: `pode estar chegando`."""
_BETWEEN = frozenset(
    "a aí ainda agora amanhã aqui as de em breve hoje já lá lhe lhes logo mais me não nos o os se sempre só também te".split()
)
_MOST_BETWEEN = 3


def find_gerundism(text: Text) -> list[Span]:
    """`Estar` before a gerund, in a form that is not about what goes on now."""
    return [
        Span(sentence.words[first].start, sentence.words[last].end)
        for sentence in text.sentences
        for at in range(len(sentence.words))
        if (last := _gerund(sentence.words, at)) is not None
        and not _is_fine(sentence.words, first := _auxiliary(sentence.words, at), at, last)
    ]


def _gerund(words: Sequence[Word], at: int) -> int | None:
    """Where the gerund stands that the form of `estar` at `at` goes with."""
    verb = words[at].folded.partition("-")[0]
    if verb != "estar" and verb not in _FUTURE | _SUBJUNCTIVE:
        return None
    for after in range(at + 1, min(at + 2 + _MOST_BETWEEN, len(words))):
        if _GERUND.fullmatch(words[after].folded) and words[after].folded not in _NO_GERUNDS:
            return after
        if words[after].folded not in _BETWEEN:
            return None
    return None


def _auxiliary(words: Sequence[Word], at: int) -> int:
    """The word before `estar`, small ones left out; the form itself where it begins the sentence."""
    before = range(at - 1, max(at - 2 - _MOST_BETWEEN, -1), -1)
    return next((place for place in before if words[place].folded not in _BETWEEN), at)


def _is_fine(words: Sequence[Word], first: int, at: int, last: int) -> bool:
    verb, auxiliary, gerund = (words[place].folded for place in (at, first, last))
    if verb in _SUBJUNCTIVE:
        return auxiliary not in _SPEAKERS
    if verb == "estar" and auxiliary in _GUESSING | _BESIDE:
        return True
    if verb in _OURS or auxiliary in _OURS:
        return gerund in _WAITING
    return gerund in (_HAPPENING if auxiliary in _MAYBE else _STATES)
