"""Runs through ids: nobody is left out, whatever changes meanwhile, and a run ends."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_adapters import sweeps
from crm_adapters.errors import VendorChanged
from crm_adapters.model import SyncCursor

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
Rows = dict[int, datetime]
Changes = list[tuple[int, int]]
"""Which id is changed, or made, before which page."""


class Table:
    """Rows by id with the moment of their last change; each page is read some seconds after the one before."""

    def __init__(self, rows: Rows, changes: Changes) -> None:
        self.rows = dict(rows)
        self.changes = changes
        self.now = NOW
        self.pages = 0

    def sync(self, cursor: SyncCursor | None, *, limit: int = 2) -> tuple[set[int], SyncCursor, bool]:
        """What one run lists."""
        listed: set[int] = set()
        while True:
            position = sweeps.begin(cursor, now=self.now)
            found = [one for one in sorted(self.rows) if one > int(position.after)]
            if not position.whole:
                found = [one for one in found if self.rows[one] >= position.moment]
            whole = position.whole
            position = sweeps.advance(position, found[:limit], limit=limit)
            listed |= set(found[:limit])
            cursor = position.to_cursor()
            self._pass_time()
            if position.ended:
                return listed, cursor, whole

    def _pass_time(self) -> None:
        self.now += timedelta(seconds=3)
        self.pages += 1
        for number, page in self.changes:
            if page == self.pages:
                self.rows[number] = self.now


IDS = st.integers(min_value=1, max_value=12)
OLD = st.just(NOW - timedelta(days=90))


@given(st.dictionaries(IDS, OLD), st.lists(st.tuples(IDS, st.integers(min_value=1, max_value=9))))
def test_every_change_is_listed_by_this_run_or_the_next(rows: Rows, changes: Changes) -> None:
    table = Table(rows, changes)
    first, cursor, whole = table.sync(None)
    assert whole
    assert set(rows) <= first
    changed = {number for number, page in changes if page <= table.pages}
    table.changes = []
    table.now += timedelta(hours=5)
    second, cursor, whole = table.sync(cursor)
    assert not whole
    assert changed <= first | second
    assert all(table.rows[one] >= NOW - sweeps.LOOK_BACK for one in second)
    table.now += timedelta(hours=5)
    assert table.sync(cursor)[0] == set()


def test_what_was_long_in_being_written_is_listed() -> None:
    table = Table({}, [])
    _, cursor, _ = table.sync(None)
    table.rows[1] = NOW - timedelta(minutes=5)
    assert table.sync(cursor)[0] == {1}


def test_once_a_week_everything_is_gone_through_again() -> None:
    table = Table({1: NOW - timedelta(days=90)}, [])
    _, cursor, _ = table.sync(None)
    table.now += timedelta(days=6)
    listed, cursor, whole = table.sync(cursor)
    assert (listed, whole) == (set(), False)
    table.now += timedelta(days=2)
    listed, cursor, whole = table.sync(cursor)
    assert (listed, whole) == ({1}, True)
    table.now += timedelta(hours=1)
    assert table.sync(cursor)[2] is False


class Counted:
    """A CRM that tells how many records there are, all made long ago, and how often it was asked."""

    def __init__(self, number: int | None) -> None:
        self.number = number
        self.asked: list[datetime] = []

    def count(self, before: datetime) -> int | None:
        self.asked.append(before)
        return self.number

    def sync(self, cursor: SyncCursor | None, now: datetime) -> tuple[SyncCursor, bool]:
        """Whether the run goes through everything."""
        start = sweeps.begin(cursor, now=now, count=self.count)
        return sweeps.advance(start, [], limit=2).to_cursor(), start.whole


def test_when_there_are_fewer_everything_is_gone_through_again() -> None:
    crm = Counted(9)
    cursor, _ = crm.sync(None, NOW)
    cursor, whole = crm.sync(cursor, NOW + timedelta(hours=2))
    assert not whole
    crm.number = 8
    cursor, whole = crm.sync(cursor, NOW + timedelta(hours=4))
    assert whole
    assert crm.sync(cursor, NOW + timedelta(hours=6))[1] is False
    assert crm.asked[:2] == [NOW, NOW], "as the run began, and as the next one looks back at it"


def test_a_large_crm_is_not_gone_through_for_every_deletion() -> None:
    crm = Counted(50_000)
    cursor, _ = crm.sync(None, NOW)
    crm.number = 49_999
    cursor, whole = crm.sync(cursor, NOW + timedelta(hours=2))
    assert not whole
    assert crm.sync(cursor, NOW + timedelta(hours=14))[1], "it is not forgotten meanwhile"


def test_where_nothing_is_counted_nothing_is_missed() -> None:
    crm = Counted(None)
    cursor, _ = crm.sync(None, NOW)
    crm.number = 3
    cursor, whole = crm.sync(cursor, NOW + timedelta(hours=2))
    assert not whole
    crm.number = None
    assert crm.sync(cursor, NOW + timedelta(hours=4))[1] is False


@pytest.mark.parametrize(
    "value", ["?", "[]", "1", '{"began": 5, "after": "a"}', '{"since": -1}', json.dumps({"step": "all"})]
)
def test_a_cursor_that_is_not_ours_starts_over(value: str) -> None:
    position = sweeps.begin(SyncCursor(value), now=NOW)
    assert position.whole
    assert position.after == 0


def test_a_page_of_texts_that_was_read_before_is_refused() -> None:
    position = sweeps.Position(began=1, after="b")
    with pytest.raises(VendorChanged):
        sweeps.advance(position, ["a", "b"], limit=2, first="")


@pytest.mark.parametrize("ids", [[1, 2, 3], [7], ["8"]], ids=str)
def test_a_page_that_was_not_asked_for_is_refused(ids: list[int | str]) -> None:
    position = sweeps.Position(began=1, after=7)
    with pytest.raises(VendorChanged):
        sweeps.advance(position, ids, limit=2)


def test_changes_are_looked_for_in_all_tables_and_everything_in_the_first() -> None:
    changes = sweeps.Position(began=9, since=1, last=5, complete=3)
    second = sweeps.advance(changes, [4], limit=2, sources=2)
    assert (second.source, second.after, second.ended) == (1, 0, False)
    assert sweeps.advance(second, [], limit=2, sources=2) == sweeps.Position(last=9, complete=3)
    whole = sweeps.Position(began=9, complete=9)
    assert sweeps.advance(whole, [4], limit=2, sources=2) == sweeps.Position(last=9, complete=9)


def test_everything_may_lie_in_several_tables() -> None:
    whole = sweeps.Position(began=9, after="b", complete=9)
    second = sweeps.advance(whole, ["c"], limit=2, sources=3, whole=2, first="")
    assert (second.whole, second.source, second.after, second.ended) == (True, 1, "", False)
    ended = sweeps.advance(second, [], limit=2, sources=3, whole=2, first="")
    assert ended == sweeps.Position(last=9, complete=9)
