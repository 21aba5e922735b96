"""Reads a purchases file: customer_id, order_id, ts, product_id, quantity, unit_price; others ignored."""

import csv
import gzip
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from math import nan
from operator import itemgetter
from pathlib import Path
from typing import TextIO

from recommender.errors import PurchasesError
from recommender.interactions import Interactions, InteractionsBuilder, day_of

COLUMNS = ("customer_id", "order_id", "ts", "product_id", "quantity", "unit_price")


def read_purchases(path: Path) -> Interactions:
    """`.csv` or `.csv.gz`, UTF-8, ISO dates, taken as UTC where they name no zone.
    Raises PurchasesError, naming file, line and remedy."""
    builder = InteractionsBuilder()
    with open_table(path, COLUMNS) as rows:
        for number, (customer, order, ts, product, quantity, price) in rows:
            try:
                line = (product, float(quantity), float(price) if price else None)
                builder.add_line(customer, order, _day(ts), line)
            except ValueError:
                raise PurchasesError(_explain(path, number, (ts, quantity, price))) from None
    return builder.build()


@contextmanager
def open_table(path: Path, columns: Sequence[str]) -> Iterator[Iterator[tuple[int, tuple[str, ...]]]]:
    """Line numbers with the values of `columns`; raises PurchasesError where the file cannot give them."""
    try:
        with _open(path) as stream:
            yield _rows(path, stream, columns)
    except (OSError, EOFError) as error:
        raise PurchasesError(
            f"{path}: cannot be read ({error}); check the path and that it is whole"
        ) from error
    except UnicodeDecodeError as error:
        raise PurchasesError(f"{path}: not UTF-8 ({error.reason}); save it as CSV UTF-8") from None
    except csv.Error as error:
        raise PurchasesError(f"{path}: not a CSV file ({error}); export it again as CSV UTF-8") from None


def read_header(path: Path) -> tuple[str, ...]:
    with open_table(path, ()), _open(path) as stream:
        return tuple(name.strip() for name in next(csv.reader(stream), ()))


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def _rows(path: Path, stream: TextIO, columns: Sequence[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
    reader = csv.reader(stream)
    header = [name.strip() for name in next(reader, [])]
    if not header:
        raise PurchasesError(f"{path}: empty file; it needs a header line with {', '.join(columns)}")
    missing = [name for name in columns if name not in header]
    if missing:
        raise PurchasesError(
            f"{path}, line 1: no column {', '.join(missing)}; it has {', '.join(header)}: rename or add them"
        )
    places = [header.index(name) for name in columns]
    pick = itemgetter(*places) if len(places) > 1 else lambda row: tuple(row[place] for place in places)
    for row in reader:
        if len(row) < len(header):
            if not any(row):
                continue
            raise PurchasesError(
                f"{path}, line {reader.line_num}: {len(row)} fields where the header has {len(header)}; "
                "mend or delete the line"
            )
        yield reader.line_num, pick(row)


@lru_cache(maxsize=65_536)
def _day(text: str) -> float:
    if not text:
        return nan
    at = datetime.fromisoformat(text)
    return day_of(at if at.tzinfo else at.replace(tzinfo=UTC))


def _explain(path: Path, number: int, values: tuple[str, str, str]) -> str:
    ts, quantity, price = values
    try:
        _day(ts)
    except ValueError:
        return f"{path}, line {number}: unreadable date {ts!r} in ts; write it like 2024-05-31 14:05"
    return (
        f"{path}, line {number}: quantity {quantity!r} or unit_price {price!r} is no number; "
        "write it like 2 or 9.95, with a point and no currency sign"
    )
