"""Runs through a CRM's records in the order of their ids: all of them at first, later those that changed since the
run before began. For CRMs that can list by id what changed since a moment.

Whatever changes behind the run's back is changed after it began, and seen by the next; so many rows of one moment do
no harm, nor does one that moves while it is read. Where deleting leaves no trace, every so often a run goes through
everything again, and what it does not list is gone.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from crm_adapters.errors import VendorChanged
from crm_adapters.model import SyncCursor

LOOK_BACK = timedelta(minutes=10)
"""Before the beginning of the run before: a change becomes visible when its transaction ends, with the stamp of its
beginning, and clocks differ."""
ALL_EVERY = timedelta(days=7)


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


def begin(cursor: SyncCursor | None, *, now: datetime, first: int | str = 0) -> Position:
    """The position to read at, in the middle of a run or at the beginning of the next. What is not a cursor of ours
    starts from the beginning. `first`: before all ids, in their own type."""
    found = _read(cursor, first)
    if not found.ended:
        return found
    began = int(now.timestamp())
    fresh = Position(began=began, after=first, last=found.last, complete=found.complete)
    if began - found.complete >= ALL_EVERY.total_seconds():
        return replace(fresh, complete=began)
    return replace(fresh, since=found.last - int(LOOK_BACK.total_seconds()))


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
    if len(ids) > limit or any(type(one) is not type(first) for one in ids):
        raise VendorChanged("the answer is not the page that was asked for")
    if isinstance(first, int) and any(int(one) <= int(start.after) for one in ids):
        raise VendorChanged("the answer is a page that was read before")
    if len(ids) == limit:
        return replace(start, after=ids[-1])
    if start.source + 1 < (whole if start.whole else sources):
        return replace(start, source=start.source + 1, after=first)
    return Position(last=start.began, complete=start.complete)


def _read(cursor: SyncCursor | None, first: int | str) -> Position:
    try:
        found: Any = json.loads(cursor.value) if cursor else {}
        position = Position(**found)
    except (ValueError, TypeError):
        return Position()
    numbers = (position.began, position.since, position.source, position.last, position.complete)
    good = all(isinstance(one, int) and one >= 0 for one in numbers)
    return position if good and (position.ended or type(position.after) is type(first)) else Position()
