"""How large a condition may be: bounds that keep reading and deciding it within milliseconds, whoever wrote it."""

from itertools import islice
from typing import Any, NoReturn

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
        if isinstance(node, dict):
            inside = [node[name] for name in GROUPS if name in node]
            several, words = (0, 0) if inside else _count(node)
            values += several
            letters += words
            waiting += [(child, depth + 1) for group in inside for child in _children(group)]
        if depth > MAX_DEPTH or nodes > MAX_NODES or values > MAX_VALUES or letters > MAX_LETTERS:
            _refuse(path, depth=depth, nodes=nodes, values=values)


def _refuse(path: str, *, depth: int, nodes: int, values: int) -> NoReturn:
    if depth > MAX_DEPTH:
        raise InvalidContent(path, f"nested deeper than {MAX_DEPTH} levels; split it in two")
    if nodes > MAX_NODES:
        raise InvalidContent(path, f"more than {MAX_NODES} parts; split it in two")
    if values > MAX_VALUES:
        raise InvalidContent(path, f"more than {MAX_VALUES} values in its lists; split it in two")
    raise InvalidContent(path, f"more than {MAX_LETTERS} letters in names and texts; split it in two")


def _children(group: object) -> list[object]:
    return group[: MAX_NODES + 1] if isinstance(group, list) else [group]


def _count(clause: dict[Any, Any]) -> tuple[int, int]:
    """The values in its list, and the letters of all; as far as counting them matters."""
    values = letters = 0
    for found in islice(clause.values(), 2):
        if isinstance(found, str):
            letters += len(found)
        elif isinstance(found, list):
            values += len(found)
            letters += sum(len(word) for word in found[:MAX_VALUES] if isinstance(word, str))
    return values, letters
