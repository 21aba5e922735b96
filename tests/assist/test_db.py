"""The database: aware times only, readers that never wait for writers, writers that wait for each other."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, StatementError

from assist.models.connection import SyncState
from assist.models.training import ShopFigure
from assist.services.desk import Desk
from tests.assist.databases import on_both_databases

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def figure(at: datetime, value: int = 0) -> ShopFigure:
    return ShopFigure(name="figure", value={"value": value}, computed_at=at)


@on_both_databases
def test_times_come_back_in_utc(desk: Desk) -> None:
    with desk.database.writing() as session:
        session.add(figure(NOON.astimezone(timezone(timedelta(hours=-3)))))
    with desk.database.reading() as session:
        at = session.scalars(select(ShopFigure.computed_at)).one()
    assert at == NOON
    assert at.utcoffset() == timedelta(0)


@on_both_databases
def test_a_time_without_a_zone_is_refused(desk: Desk) -> None:
    with pytest.raises(StatementError, match="without a time zone"), desk.database.writing() as session:
        session.add(figure(NOON.replace(tzinfo=None)))


@on_both_databases
def test_an_error_takes_everything_back_and_reading_keeps_nothing(desk: Desk) -> None:
    with pytest.raises(IntegrityError), desk.database.writing() as session:
        session.add_all([figure(NOON), SyncState(connection_id=99, kind="orders")])
    with desk.database.reading() as session:
        session.add(figure(NOON))
        session.flush()
    with desk.database.reading() as session:
        assert session.get(ShopFigure, "figure") is None


@on_both_databases
def test_a_row_that_points_at_nothing_is_refused(desk: Desk) -> None:
    with pytest.raises(IntegrityError), desk.database.writing() as session:
        session.add(SyncState(connection_id=99, kind="orders"))


@on_both_databases
def test_only_what_is_promised_is_waited_for_until_the_disk_has_it(desk: Desk) -> None:
    engine = desk.database.engine
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:  # the pool's only one; tests are run without waiting
            connection.execute(text("SET synchronous_commit = on"))
    assert [_waits(desk, promised=promised) for promised in (True, False, True)] == [True, False, True]


def _waits(desk: Desk, *, promised: bool) -> bool:
    lite = desk.database.engine.dialect.name == "sqlite"
    asked = text("PRAGMA synchronous" if lite else "SHOW synchronous_commit")
    with desk.database.writing(promised=promised) as session:
        return session.scalar(asked) in {2, "on"}


def test_writers_that_read_first_wait_for_each_other(desk: Desk) -> None:
    with desk.database.writing() as session:
        session.add(figure(NOON))

    def count_up(_: int) -> None:
        with desk.database.writing() as session:
            row = session.get_one(ShopFigure, "figure")
            row.value = {"value": row.value["value"] + 1}

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(count_up, range(20)))
    with desk.database.reading() as session:
        assert session.get_one(ShopFigure, "figure").value == {"value": 20}
