"""Runs through a CRM's records in the order of their ids: all of them at first, later those that changed since the
run before began. For CRMs that can list by id what changed since a moment.

Whatever changes behind the run's back is changed after it began, and seen by the next; so many rows of one moment do
no harm, nor does one that moves while it is read. Where deleting leaves no trace, every so often a run goes through
everything again, and what it does not list is gone: every week, and where the CRM can count, soon after there are fewer
of the records that it had before.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from crm_adapters.errors import VendorChanged
from crm_adapters.model import SyncCursor

LOOK_BACK = timedelta(minutes=10)
"""Before the beginning of the run before: a change becomes visible when its transaction ends, with the stamp of its
beginning, and clocks differ."""
ALL_EVERY = timedelta(days=7)
GONE_EVERY = timedelta(hours=1)
GONE_EVERY_EACH = timedelta(seconds=1)
"""Per record that there is: how long at least from one run through everything to the next because of deletions, so
that a large CRM is not gone through all the time."""
Count = Callable[[datetime], int | None]
"""How many records there are that were made before a moment; None where the CRM does not say."""


@dataclass(frozen=True, slots=True)
class Position:
    began: int = 0
    """When this run began, in seconds since 1970; 0 between runs."""
    since: int = 0
    """Only what changed since; 0: everything."""
    source: int = 0
    """Which of a kind's tables is being gone through."""
    after: int | str = 0
    """The last id that was read."""
    last: int = 0
    """When the run before began; 0: there was none."""
    complete: int = 0
    """When the last run through everything began."""
    known: int = 0
    """How many records there were that had been made before `counted`."""
    counted: int = 0
    """0: they were not counted."""

    @property
    def whole(self) -> bool:
        """This run goes through everything."""
        return self.since == 0

    @property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.since, UTC)

    @property
    def ended(self) -> bool:
        return self.began == 0

    def to_cursor(self) -> SyncCursor:
        return SyncCursor(json.dumps(asdict(self)))


def begin(
    cursor: SyncCursor | None, *, now: datetime, first: int | str = 0, count: Count | None = None
) -> Position:
    """The position to read at, in the middle of a run or at the beginning of the next. What is not a cursor of ours
    starts from the beginning. `first`: before all ids, in their own type. `count` is asked as a run begins."""
    found = _read(cursor, first)
    if not found.ended:
        return found
    began = int(now.timestamp())
    rest = began - found.complete
    fewer = count is not None and _has_shrunk(found, count)
    fresh = replace(found, began=began, source=0, after=first)
    if rest >= ALL_EVERY.total_seconds() or (fewer and rest >= _rest_of(found)):
        return _recount(replace(fresh, since=0, complete=began), count)
    fresh = replace(fresh, since=found.last - int(LOOK_BACK.total_seconds()))
    return fresh if fewer else _recount(fresh, count)


def advance(
    start: Position,
    ids: Sequence[int | str],
    *,
    limit: int,
    sources: int = 1,
    whole: int = 1,
    first: int | str = 0,
) -> Position:
    """Where to go on once the rows of these ids are kept. `sources`: how many tables a run of changes goes through;
    a run through everything needs the first of them only, or as many as `whole` says. Raises VendorChanged where the
    rows are not those asked for."""
    if len(ids) > limit or start.after in ids or any(type(one) is not type(first) for one in ids):
        raise VendorChanged("the answer is not the page that was asked for")
    if isinstance(first, int) and any(int(one) <= int(start.after) for one in ids):
        raise VendorChanged("the answer is a page that was read before")
    if len(ids) == limit:
        return replace(start, after=ids[-1])
    if start.source + 1 < (whole if start.whole else sources):
        return replace(start, source=start.source + 1, after=first)
    return Position(last=start.began, complete=start.complete, known=start.known, counted=start.counted)


def _has_shrunk(found: Position, count: Count) -> bool:
    left = count(datetime.fromtimestamp(found.counted, UTC)) if found.counted else None
    return left is not None and left < found.known


def _rest_of(found: Position) -> float:
    return max(GONE_EVERY, GONE_EVERY_EACH * found.known).total_seconds()


def _recount(position: Position, count: Count | None) -> Position:
    known = count(datetime.fromtimestamp(position.began, UTC)) if count else None
    counted = 0 if known is None else position.began
    return replace(position, known=known or 0, counted=counted)


def _read(cursor: SyncCursor | None, first: int | str) -> Position:
    try:
        found: Any = json.loads(cursor.value) if cursor else {}
        position = Position(**found)
    except (ValueError, TypeError):
        return Position()
    numbers = (
        position.began, position.since, position.source, position.last, position.complete, position.known,
        position.counted,
    )  # fmt: skip
    good = all(isinstance(one, int) and one >= 0 for one in numbers)
    return position if good and (position.ended or type(position.after) is type(first)) else Position()
