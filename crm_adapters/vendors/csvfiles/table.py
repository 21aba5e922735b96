"""One CSV file: its header checked against the mapping, its rows, and the rows that cannot be read."""

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import count
from operator import itemgetter
from pathlib import Path
from typing import Any

from crm_adapters.errors import BadSettings
from crm_adapters.vendors.csvfiles.encoding import choose_encoding, open_bytes
from crm_adapters.vendors.csvfiles.mapping import Column, FileMapping
from crm_adapters.vendors.csvfiles.schema import suggest

Reject = Callable[[int, str], None]
"""Told the line and the reason of each row that cannot be read."""
Getter = Callable[[list[str]], str]
_MARKS = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class Table:
    path: Path
    mapping: FileMapping
    encoding: str
    clean: bool
    """Every line decodes; otherwise each is looked at."""
    delimiter: str
    header: tuple[str, ...]

    def rows(self, reject: Reject) -> Iterator[tuple[int, list[str]]]:
        """(line, cells) of every row that has the header's width; lines count from 1, the header."""
        width = len(self.header)
        with self._reader() as reader:
            line = reader.line_num + 1
            while True:
                try:
                    for cells in reader:
                        if len(cells) == width and (self.clean or not _is_broken(cells)):
                            yield line, cells
                        elif cells:
                            reject(line, self._explain(cells))
                        line = reader.line_num + 1
                except csv.Error:
                    reject(line, _unreadable(line, reader.line_num))
                    line = reader.line_num + 1
                else:
                    return

    def getter(self, field: str) -> Getter | None:
        """None where the mapping does not name the field."""
        column = self.mapping.columns.get(field)
        return self.column_getter(column) if column else None

    def picker(self, fields: tuple[str, ...]) -> Callable[[list[str]], tuple[str, ...]]:
        """All the fields of a row at once, not stripped; "" for those that the mapping leaves out."""
        columns = [self.mapping.columns.get(field, Column(constant="")) for field in fields]
        if any(len(column.names) > 1 for column in columns):
            getters = [self.column_getter(column) for column in columns]
            return lambda cells: tuple(get(cells) for get in getters)
        constants = [column.constant for column in columns if column.constant is not None]
        unused = count(len(self.header))
        places = [self.header.index(column.names[0]) if column.names else next(unused) for column in columns]
        pick = itemgetter(*places)
        return lambda cells: pick(cells + constants)

    def getters(self, field: str) -> list[Getter]:
        """One for each of the field's columns, for fields that hold several values."""
        column = self.mapping.columns.get(field)
        return [_cell(self.header.index(name)) for name in column.names] if column else []

    def column_getter(self, column: Column) -> Getter:
        if column.constant is not None:
            return _constant(column.constant)
        places = [self.header.index(name) for name in column.names]
        return _cell(places[0]) if len(places) == 1 else _joined(places)

    @contextmanager
    def _reader(self) -> Iterator[Any]:
        with open_text(self.path, self.encoding) as text:
            reader = csv.reader(text, delimiter=self.delimiter, strict=True)
            next(reader, None)
            yield reader

    def _explain(self, cells: list[str]) -> str:
        if len(cells) != len(self.header):
            return f"has {len(cells)} columns where the header has {len(self.header)}"
        return f"has bytes that are not {self.encoding.removesuffix('-sig')} text"


def _constant(text: str) -> Getter:
    return lambda _: text


def _cell(place: int) -> Getter:
    return lambda cells: cells[place].strip()


def _joined(places: list[int]) -> Getter:
    return lambda cells: " ".join(text for place in places if (text := cells[place].strip()))


def _is_broken(cells: list[str]) -> bool:
    """Bytes that did not decode arrive as lone surrogates."""
    return any("\ud800" <= sign <= "\udfff" or sign == "\0" for sign in "".join(cells))


def _unreadable(start: int, end: int) -> str:
    if end > start:
        return f"opens a quote that is not closed in its place: lines {start} to {end} cannot be read"
    return "is not CSV: a quote in the wrong place, or far too long"


@contextmanager
def open_text(path: Path, encoding: str) -> Iterator[TextIOWrapper]:
    errors = "replace" if encoding == "utf-16" else "surrogateescape"  # UTF-16 has no lone bytes to keep
    with (
        open_bytes(path) as raw,
        TextIOWrapper(raw, encoding=encoding, errors=errors, newline="") as text,
    ):
        yield text


def open_table(folder: Path, mapping: FileMapping) -> Table:
    """Raises BadSettings naming file, column and remedy."""
    path = folder / mapping.file
    encoding, clean = choose_encoding(path, mapping.encoding)
    delimiter, header = _read_header(path, encoding, mapping.delimiter)
    table = Table(path, mapping, encoding, clean, delimiter, header)
    for field, column in _mapped(mapping):
        for name in column.names:
            _check_column(table, field, name)
    return table


def _read_header(path: Path, encoding: str, declared: str | None) -> tuple[str, tuple[str, ...]]:
    with open_text(path, encoding) as text:
        first = text.readline(1 << 16)
    if not first.strip("\r\n\t ,;|"):
        raise BadSettings(f"{path.name} is empty: its first line must name the columns.")
    delimiter = declared or max(_MARKS, key=first.count)
    with open_text(path, encoding) as text:
        cells = next(csv.reader(text, delimiter=delimiter))
    return delimiter, tuple(name.strip() for name in cells)


def _mapped(mapping: FileMapping) -> Iterator[tuple[str, Column]]:
    yield from mapping.columns.items()
    yield from mapping.custom.items()
    yield from mapping.declared_ids.items()


def _check_column(table: Table, field: str, name: str) -> None:
    times = table.header.count(name)
    if times == 0:
        columns = ", ".join(table.header)
        raise BadSettings(
            f"{table.path.name} has no column {name!r}, which the mapping gives for {field}."
            f"{suggest(name, table.header)} Its columns: {columns}."
        )
    if times > 1:
        raise BadSettings(f"{table.path.name} has {times} columns called {name!r}: rename all but one.")
