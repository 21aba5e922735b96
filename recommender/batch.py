"""Files in, files out: measures and recommends for a whole purchases file, with nothing else needed."""

import csv
import gzip
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from math import isnan
from pathlib import Path
from typing import TextIO

from recommender.base import Offer, Owned, Query, Task
from recommender.catalogue import Catalogue, read_catalogue
from recommender.evaluate import Report, evaluate
from recommender.families import name_families
from recommender.interactions import Interactions, moment
from recommender.model import SalesModel
from recommender.purchases import open_table, read_purchases


@dataclass(frozen=True, slots=True)
class Written:
    """What a batch came to."""

    customers: int
    rows: int
    without_list: int
    """Asked for, and nothing could be said."""
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whom to recommend for."""

    customers: Path | None = None
    """A file with a column customer_id; None: all in the purchases."""
    pairs: Path | None = None
    """For upsell: a file with columns customer_id, anchor_id."""


def evaluate_purchases(
    purchases: Path, products: Path | None, task: Task, *, test_days: int, k: int = 10
) -> Report:
    """Raises PurchasesError or TooLittleDataError."""
    data = read_purchases(purchases)
    catalogue, said = name_families(_catalogue(products), data)
    report = evaluate(data, catalogue, task, test_days=test_days, k=k)
    return replace(report, notes=(*said, *report.notes))


def recommend_purchases(
    purchases: Path,
    products: Path | None,
    kind: Task,
    *,
    out: Path,
    wanted: Wanted | None = None,
    k: int = 10,
) -> Written:
    """Trains on `purchases`, then writes customer_id, product_id, rank, score; for upsell also anchor_id.
    Raises PurchasesError or TooLittleDataError."""
    data = read_purchases(purchases)
    asked = list(_asked(kind, wanted or Wanted(), data))
    catalogue, said = name_families(_catalogue(products), data)
    model = SalesModel.train(data, catalogue)
    written = _write(out, model, data, kind=kind, asked=asked, k=k)
    return replace(written, notes=(*said, *written.notes))


def _catalogue(products: Path | None) -> Catalogue:
    return Catalogue() if products is None else read_catalogue(products)


def _asked(kind: Task, wanted: Wanted, data: Interactions) -> Iterator[tuple[str, str | None]]:
    """Customers, each with the anchor to step up from or None for the latest of each family."""
    if kind is Task.UPSELL and wanted.pairs is not None:
        for customer, anchor in _read_distinct(wanted.pairs, ("customer_id", "anchor_id")):
            yield customer, anchor
    elif wanted.customers is not None:
        for (customer,) in _read_distinct(wanted.customers, ("customer_id",)):
            yield customer, None
    else:
        yield from ((customer, None) for customer in data.customers)


def _read_distinct(path: Path, columns: tuple[str, ...]) -> Iterable[tuple[str, ...]]:
    with open_table(path, columns) as rows:
        return list(dict.fromkeys(values for _, values in rows))


def _write(
    out: Path,
    model: SalesModel,
    data: Interactions,
    *,
    kind: Task,
    asked: list[tuple[str, str | None]],
    k: int,
) -> Written:
    shelf = _Shelf(data)
    rows = without = 0
    with _create(out) as stream:
        writer = csv.writer(stream)
        anchored = ("anchor_id",) if kind is Task.UPSELL else ()
        writer.writerow(("customer_id", *anchored, "product_id", "rank", "score"))
        for customer, anchor in asked:
            found = list(_rank(model, shelf.query(customer, k), kind, anchor))
            without += not found
            rows += len(found)
            writer.writerows((customer, *line) for line in found)
    return Written(len(asked), rows, without, model.notes)


def _rank(model: SalesModel, query: Query, kind: Task, anchor: str | None) -> Iterator[tuple[str | int, ...]]:
    if kind is Task.UPSELL and anchor is None:
        for rank, one in enumerate(model.recommend(query, kind=Offer.UPSELL), 1):
            yield one.anchor or "", one.product_id, rank, f"{one.score:.6g}"
        return
    anchored = (anchor,) if anchor is not None else ()
    for rank, (product, score) in enumerate(model.rank(query, kind, anchor=anchor), 1):
        yield *anchored, product, rank, f"{score:.6g}"


class _Shelf:
    """The history of each customer of the file."""

    def __init__(self, data: Interactions) -> None:
        self._data = data
        self._bounds = data.bounds().tolist()
        self._place = {customer: code for code, customer in enumerate(data.customers)}

    def query(self, customer: str, limit: int) -> Query:
        """An empty history for one that the file does not know."""
        code = self._place.get(customer)
        if code is None:
            return Query(limit=limit)
        data, span = self._data, slice(self._bounds[code], self._bounds[code + 1])
        history = tuple(
            Owned(data.products[product], None if isnan(day) else moment(day), quantity)
            for product, day, quantity in zip(
                data.product[span].tolist(),
                data.day[span].tolist(),
                data.quantity[span].tolist(),
                strict=True,
            )
        )
        return Query(history=history, limit=limit)


def _create(out: Path) -> TextIO:
    if out.suffix == ".gz":
        return gzip.open(out, "wt", encoding="utf-8", newline="")
    return out.open("w", encoding="utf-8", newline="")
