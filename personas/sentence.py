"""A condition as text that people read and edit, and back.

order.count_12m at least 3 and not (category.owned has any of plans, insurance)

Brackets say what belongs together wherever `and` meets `or`. A text that is not a plain word, or that is one of
the words used here, stands in quotes, as in JSON.
"""

import json
import re
from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Any

from personas.conditions import AllOf, AnyOf, Comparison, Condition, Not, Operator
from personas.content import InvalidContent
from personas.grammar import LISTED, PHRASES, RESERVED, Node, Reader
from personas.parse import parse_condition

MAX_LENGTH = 100_000
"""Letters; a condition that `parse_condition` accepts is never longer, even if all of it has to be escaped."""
_PLAIN = re.compile(r"[^\W\d][\w-]*")


def write_condition(condition: Condition) -> str:
    """One line, which `read_condition` reads back to an equal condition."""
    match condition:
        case AllOf((part,)):
            return f"all of ({write_condition(part)})"
        case AnyOf((part,)):
            return f"any of ({write_condition(part)})"
        case AllOf(parts):
            return " and ".join(map(_unit, parts))
        case AnyOf(parts):
            return " or ".join(map(_unit, parts))
        case Not(part):
            return f"not ({write_condition(part)})"
        case Comparison(fact, operator, wanted):
            return f"{fact} {_worded(operator, wanted)}"


def _unit(part: Condition) -> str:
    grouped = isinstance(part, AllOf | AnyOf) and len(part.parts) > 1
    return f"({write_condition(part)})" if grouped else write_condition(part)


def _worded(operator: Operator, wanted: Any) -> str:
    if operator is Operator.KNOWN:
        return "is known" if wanted else "is unknown"
    if operator is Operator.BETWEEN:
        return f"between {_shown(wanted[0])} and {_shown(wanted[1])}"
    values = sorted(wanted) if operator in LISTED else [wanted]
    return f"{PHRASES[operator]} {', '.join(map(_shown, values))}"


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and value not in RESERVED
        return value if plain else json.dumps(value, ensure_ascii=False)
    if isinstance(value, Decimal):
        short = value.normalize() + 0  # there is no -0 in YAML's whole numbers
        return f"{short:f}" if short == int(short) else str(short)
    return str(value)


def read_condition(
    text: str, *, path: str = "condition", unlocked: Collection[str] = frozenset()
) -> Condition:
    """Raises InvalidContent with line and column of the mistake; `unlocked` as in `parse_condition`."""
    if len(text) > MAX_LENGTH:
        raise InvalidContent(path, f"longer than {MAX_LENGTH} letters; split it in two")
    reader = Reader(text, path)
    node = reader.read()
    try:
        return parse_condition(node.raw, unlocked=unlocked)
    except InvalidContent as error:
        at = dict(_places(node, "condition"))[error.path]
        raise InvalidContent(reader.locate(at), error.problem) from None


def _places(node: Node, path: str) -> Iterator[tuple[str, int]]:
    """The places that `parse_condition` names, with where they stand in the text."""
    yield path, node.at
    key = next(key for key in node.raw if key != "fact")
    yield f"{path}.{key}", node.values_at[0] if node.values_at else node.at
    for number, at in enumerate(node.values_at):
        yield f"{path}.{key}[{number}]", at
    for number, part in enumerate(node.parts):
        yield from _places(part, f"{path}.{key}" if key == "not" else f"{path}.{key}[{number}]")
