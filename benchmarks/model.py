"""A model for the made-up catalogue, trained once on a part of the customers and served to every shop."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks import catalogue
from benchmarks.catalogue import Goods
from benchmarks.customers import PIECE, make_pieces
from benchmarks.synthetic import make_catalogue
from recommender.interactions import SECONDS_A_DAY, InteractionsBuilder
from recommender.model import SalesModel


def train(
    goods: Goods, *, lines: int, customers: int, seed: int, directory: Path, budget: float | None = None
) -> None:
    """`budget`: see `SalesModel.train`."""
    builder = InteractionsBuilder()
    for customer, order, day, line in islice(_lines(goods, customers, seed), lines):
        builder.add_line(customer, order, day, line)
    model = SalesModel.train(builder.build(), make_catalogue(goods), seed=seed, progress=_tell, budget=budget)
    model.save(directory)


def _lines(goods: Goods, customers: int, seed: int) -> Iterator[tuple[str, str, float, Any]]:
    for piece in make_pieces(goods, customers=max(customers, PIECE), seed=seed):
        days = (piece.order_at.astype("int64") / SECONDS_A_DAY).tolist()
        who = piece.order_customer.tolist()
        columns = (piece.line_order.tolist(), piece.product.tolist(), piece.quantity.tolist())
        for order, product, quantity in zip(*columns, strict=True):
            line = (catalogue.sku(product), quantity, float(goods.price[product]))
            yield f"{piece.first + who[order]}", f"{piece.first}-{order}", days[order], line


def _tell(what: str, done: float) -> None:
    print(f"  model: {what} ({done:.0%})", flush=True)
