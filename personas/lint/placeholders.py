"""What stands for a value in a text, and is none of the placeholders a talk track has."""

import re

from personas.lint.text import Span, merge
from personas.talk_tracks import PLACEHOLDERS

_KNOWN = frozenset(f"{{{name}}}" for name in PLACEHOLDERS)

_BRACES = re.compile(r"[$#%@]?\{+[^{}\n]{0,40}\}+|[$#%@]?\{+\w{0,40}|\}+")
_NOTATIONS = re.compile(
    r"\[{1,2}[^\[\]\n]{0,40}\]{1,2}"
    r"|<{1,2}/?[^\W\d]\w{0,30}[^<>\n]{0,30}>{1,2}|<[^\W\d]\w{2,30}"
    r"|%\(\w{1,30}\)[sd]|(?<![\d%])%[sd]\b|(?<!\d)%[^\W\d]\w{1,30}%"
    r"|\$[a-z_]\w{2,30}|\*\|\w{1,30}\|\*|#\w{1,30}#|(?<![\w:]):[a-z_]{3,30}:(?!\w)|@@\w{1,30}"
)
_BLANKS = re.compile(
    r"_{2,}\w*"
    r"|\b[Xx]{2,}[.,][Xx]{2,}\b|\b[Xx]{3,}\b|(?:R\$|[$€£]) ?[Xx]{1,8}(?:[.,][Xx]{1,2})?\b|(?:R\$|[$€£]) ?[#*]+"
    r"|\b(?:TBD|TBC|NaN|undefined|null|lorem ipsum)\b"
    r"|\((?:insert |your )?(?:name|product|price|nombre|producto|precio|nome|produto|preço)\)"
    r"|(?<=\w) +[.,;](?=\s|$)|[,:] +[.,;:!](?=\s|$)"
    r"|(?<![\d}])(?<![\d}]\s)(?:R\$|US\$|[$€£])(?= ?[.,;:?!](?!\d)| ?$)"
)
_REPEATED = re.compile(r"(\{\w{1,40}\}) ?\1")


def find_broken(raw: str) -> list[Span]:
    braces = [Span(*found.span()) for found in _BRACES.finditer(raw) if found[0] not in _KNOWN]
    others = [
        Span(*found.span()) for rule in (_NOTATIONS, _BLANKS, _REPEATED) for found in rule.finditer(raw)
    ]
    return merge(braces + others)
