"""Salesforce's query language, as far as we write it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime

MOST_IDS = 200
"""In one condition: a query and its headers may have 16,384 bytes."""


def quote(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{escaped}'"


def one_of(field: str, values: Iterable[str]) -> str:
    return f"{field} IN ({', '.join(map(quote, values))})"


def in_parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), MOST_IDS):
        yield ids[start : start + MOST_IDS]


def stamp(moment: datetime) -> str:
    """Not to be quoted."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def is_id(ref: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9]{15}([A-Za-z0-9]{3})?", ref, re.ASCII) is not None


def is_same(one: object, other: str) -> bool:
    """The last three of eighteen signs only repeat which of the others are capitals."""
    return str(one)[:15] == other[:15]
