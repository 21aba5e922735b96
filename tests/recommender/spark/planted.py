"""A shop with five kinds of customers, as lines for one machine and as Parquet for a cluster."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from recommender.catalogue import Catalogue, CatalogueItem, Related
from recommender.interactions import Purchase

START = datetime(2024, 1, 1, tzinfo=UTC)
DAYS, KINDS, OWN, PRODUCTS = 300, 5, 36, 200


def plant(customers: int, seed: int) -> list[Purchase]:
    """Three of four lines are of the customer's kind; some have no customer, order, day or price, or are returns."""
    rng = np.random.default_rng(seed)
    lines = [line for customer in range(customers) for line in _buy(customer, rng)]
    lines += [lines[place] for place in rng.integers(0, len(lines), len(lines) // 50).tolist()]
    lines += [lines[0]._replace(customer_id=None), lines[0]._replace(customer_id="")]
    return [
        *lines,
        lines[1]._replace(product_id=None),
        lines[2]._replace(quantity=-1),
        lines[3]._replace(at=None),
    ]


def _buy(customer: int, rng: np.random.Generator) -> list[Purchase]:
    kind, lines = customer % KINDS, []
    for order in range(int(rng.integers(1, 7))):
        at = START + timedelta(seconds=int(rng.integers(0, DAYS * 86_400)))
        for _ in range(int(rng.integers(1, 6))):
            own = kind * OWN + int(rng.beta(1, 2.5) * OWN)
            product = own if rng.random() < 0.75 else int(rng.integers(0, PRODUCTS))
            price = None if rng.random() < 0.05 else 5.0 + product % 7 + product // 4
            number = None if rng.random() < 0.1 else f"{customer}-{order}"
            quantity = int(rng.integers(1, 4))
            lines.append(Purchase(f"c{customer}", number, at, f"p{product}", quantity, price))
    return lines


def shelve() -> Catalogue:
    """Eight products a family; every third has a list price, some are sold no more, some are in no family, and some
    lead to the one after the next or to what nobody sells."""
    return Catalogue(
        CatalogueItem(
            product_id=f"p{product}",
            price=4.0 + product / 3 if product % 3 == 0 else None,
            family=f"family {product // 8}" if product % 10 else None,
            active=product % 17 != 3,
            related=_relate(product),
        )
        for product in range(PRODUCTS)
    )


def _relate(product: int) -> tuple[Related, ...]:
    if product % 5:
        return ()
    return (
        Related(f"p{product + 2}", "accessory"),
        Related(f"p{product + 3}", "upsell"),
        Related("new", "accessory"),
    )


def write_lines(purchases: Sequence[Purchase], path: Path) -> None:
    names = ("customer_id", "order_id", "ts", "product_id", "quantity", "unit_price")
    columns = dict(zip(names, map(list, zip(*purchases, strict=True)), strict=True))
    moments = pa.array(columns.pop("ts"), pa.timestamp("us", "UTC"))
    parquet.write_table(pa.table({**columns, "ts": moments}), path)
