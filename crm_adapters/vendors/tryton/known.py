"""Which ids were listed before: how it is noticed that a record is gone.

Tryton keeps a log of deletions that only its administrators may read, and that does not name what was deleted.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby


def write_ids(ids: Iterable[int]) -> str:
    """As `1-5,7`; ids are given out in order, so that there are few gaps."""
    runs = groupby(enumerate(sorted(set(ids))), key=lambda one: one[1] - one[0])
    return ",".join(_write_run([number for _, number in run]) for _, run in runs)


def read_ids(text: str) -> set[int]:
    """Raises ValueError for what was not written so."""
    return {number for part in text.split(",") if part for number in _read_run(part)}


def _write_run(run: list[int]) -> str:
    return str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}"


def _read_run(part: str) -> Iterator[int]:
    first, _, last = part.partition("-")
    yield from range(int(first), int(last or first) + 1)
