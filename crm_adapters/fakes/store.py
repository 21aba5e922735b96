"""What a fake keeps: rows in tables, when they changed, and what its search index knows of them yet."""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

Values = dict[str, Any]
NO_LAG = timedelta(0)


@dataclass(slots=True)
class Row:
    id: str
    values: Values
    created_at: datetime
    modified_at: datetime
    deleted_at: datetime | None = None
    merged_into: str | None = None
    indexed: Values | None = None
    """What a search finds until it has noticed the latest change; None: it has not noticed the row at all."""


@dataclass(slots=True)
class Table:
    """Rows in the order of their making. Reading a row by its id always tells what is; an index lags."""

    now: Callable[[], datetime]
    lag: timedelta = NO_LAG
    ids: Iterator[str] = field(default_factory=lambda: map(str, count(1)))
    rows: dict[str, Row] = field(default_factory=dict)

    def add(self, values: Mapping[str, Any], *, id: str | None = None) -> Row:  # noqa: A002 - as it is called
        now = self.now()
        row = Row(id or next(self.ids), deepcopy(dict(values)), now, now)
        self.rows[row.id] = row
        return row

    def change(self, row: Row, values: Mapping[str, Any]) -> Row:
        row.indexed = self._searchable(row)
        row.values = row.values | deepcopy(dict(values))
        row.modified_at = self.now()
        return row

    def remove(self, row: Row, *, into: str | None = None) -> None:
        row.indexed = self._searchable(row)
        row.deleted_at = row.modified_at = self.now()
        row.merged_into = into

    def get(self, id: str) -> Row | None:  # noqa: A002 - as it is called
        row = self.rows.get(id)
        return row if row and row.deleted_at is None else None

    def live(self) -> list[Row]:
        return [row for row in self.rows.values() if row.deleted_at is None]

    def deleted(self) -> list[Row]:
        return [row for row in self.rows.values() if row.deleted_at is not None]

    def search(self, fits: Callable[[Values], bool]) -> list[Row]:
        """Live rows whose indexed values fit."""
        found = ((row, self._searchable(row)) for row in self.live())
        return [row for row, values in found if values is not None and fits(values)]

    def _searchable(self, row: Row) -> Values | None:
        return row.values if row.modified_at + self.lag <= self.now() else row.indexed
