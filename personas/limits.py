"""How large a condition may be: bounds that keep reading and deciding it within milliseconds, whoever wrote it."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from personas.content import InvalidContent

MAX_DEPTH = 6
MAX_NODES = 200
MAX_VALUES = 200
"""In the lists of all clauses together."""
MAX_LETTERS = 10_000
"""Of all names and texts together."""
MAX_TEXT = 200
"""Letters of one name or text."""

GROUPS = ("all", "any", "not")


def refuse_large(raw: object, path: str) -> None:
    """Counts before anything is built: aliases let a short YAML text unfold into billions of nodes."""
    waiting, nodes, values, letters = [(raw, 1)], 0, 0, 0
    while waiting:
        node, depth = waiting.pop()
        nodes += 1
        words = list(islice(_words(node), MAX_VALUES + 3))
        values += max(len(words) - 2, 0)  # beside the fact's name and one value
        letters += sum(len(word) for word in words if isinstance(word, str))
        _refuse(path, depth=depth, nodes=nodes, values=values, letters=letters)
        waiting.extend((child, depth + 1) for child in islice(_children(node), MAX_NODES + 1))


def _refuse(path: str, *, depth: int, nodes: int, values: int, letters: int) -> None:
    if depth > MAX_DEPTH:
        raise InvalidContent(path, f"nested deeper than {MAX_DEPTH} levels; split it in two")
    if nodes > MAX_NODES:
        raise InvalidContent(path, f"more than {MAX_NODES} parts; split it in two")
    if values > MAX_VALUES:
        raise InvalidContent(path, f"more than {MAX_VALUES} values in its lists; split it in two")
    if letters > MAX_LETTERS:
        raise InvalidContent(path, f"more than {MAX_LETTERS} letters in names and texts; split it in two")


def _children(raw: object) -> Iterator[object]:
    if isinstance(raw, dict):
        for name in GROUPS:
            found = raw.get(name)
            yield from found if isinstance(found, list) else [found] * (name in raw)


def _words(raw: Any) -> Iterator[object]:
    """A clause's name and values."""
    if isinstance(raw, dict) and raw.keys().isdisjoint(GROUPS):
        for found in raw.values():
            yield from found if isinstance(found, list) else [found]
