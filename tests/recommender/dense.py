"""Small shops and their customers × products matrices, made without the code that is tested."""

from datetime import UTC, datetime, timedelta

import numpy as np

from recommender.interactions import Floats, Interactions, Purchase, from_purchases

START = datetime(2024, 1, 1, tzinfo=UTC)
DAYS = 40


def random_shop(seed: int = 0, *, customers: int = 25, products: int = 12, lines: int = 160) -> Interactions:
    """The last line is of the last day, so that ages are known; orders hold a few lines."""
    rng = np.random.default_rng(seed)
    drawn = zip(
        rng.integers(customers, size=lines).tolist(),
        rng.integers(DAYS, size=lines).tolist(),
        (rng.random(lines) ** 2 * products).astype(int).tolist(),
        strict=True,
    )
    purchases = [
        Purchase(
            f"c{customer:02}",
            f"{customer}/{day // 4}",
            START + timedelta(days=day // 4 * 4),
            f"p{product:02}",
        )
        for customer, day, product in drawn
    ]
    every = [
        Purchase("c00", "last", START + timedelta(days=DAYS), f"p{product:02}") for product in range(products)
    ]
    return from_purchases([*purchases, *every])


def tabulate_weights(data: Interactions, half_life: float | None, *, by_order: bool = False) -> Floats:
    """Rows are customers or orders: 1 per order with the product, halved per half-life."""
    rows: dict[tuple[int, int], int] = {}
    found = []
    for place in range(len(data)):
        order = int(data.order[place]) if by_order else 0
        row = rows.setdefault((int(data.customer[place]), order), len(rows))
        age = data.end - float(data.day[place])
        found.append((row, int(data.product[place]), 1.0 if half_life is None else 0.5 ** (age / half_life)))
    matrix = np.zeros((len(rows), len(data.products)))
    for row, product, weight in found:
        matrix[row, product] += weight
    return matrix
