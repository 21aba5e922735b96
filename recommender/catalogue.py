"""What is known of each product besides who bought it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import nan
from pathlib import Path

import numpy as np

from recommender.errors import PurchasesError
from recommender.interactions import Floats, Interactions, Ints
from recommender.purchases import open_table, read_header

OPTIONAL = ("product_name", "list_price", "family", "category")


@dataclass(frozen=True, slots=True)
class Related:
    """A product that somebody says belongs to another."""

    product_id: str
    kind: str
    """`accessory`, `cross_sell`, `upsell`, or the catalogue's own word."""


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    product_id: str
    name: str = ""
    price: float | None = None
    """In one currency for all products; None where unknown."""
    family: str | None = None
    category: str | None = None
    active: bool = True
    related: tuple[Related, ...] = ()
    """What this product leads to."""


class Catalogue:
    """Products by id; of two with the same id the first counts."""

    def __init__(self, items: Iterable[CatalogueItem] = ()) -> None:
        self.items: dict[str, CatalogueItem] = {}
        for item in items:
            self.items.setdefault(item.product_id, item)

    def __len__(self) -> int:
        return len(self.items)

    def find(self, product_id: str) -> CatalogueItem | None:
        return self.items.get(product_id)

    def families(self, products: tuple[str, ...]) -> tuple[tuple[str, ...], Ints]:
        """The families' names and, for each product, its place among them; -1 where unknown."""
        return _number(
            [self.items[product].family if product in self.items else None for product in products]
        )

    def categories(self, products: tuple[str, ...]) -> tuple[tuple[str, ...], Ints]:
        """The same for categories."""
        return _number(
            [self.items[product].category if product in self.items else None for product in products]
        )

    def prices(self, data: Interactions) -> Floats:
        """The list price, else the median that was paid, else NaN; one per product of `data`."""
        listed = [self.items[product].price if product in self.items else None for product in data.products]
        prices = np.array([price if price and price > 0 else nan for price in listed], np.float64)
        unlisted = np.isnan(prices)
        return np.where(unlisted, data.rows(unlisted[data.product]).median_prices(), prices)

    def inactive(self, products: tuple[str, ...]) -> Ints:
        """Places of the products that are no longer sold."""
        return np.array([code for code, product in enumerate(products) if not self._sold(product)], np.int64)

    def _sold(self, product_id: str) -> bool:
        item = self.items.get(product_id)
        return item is None or item.active


def _number(labels: Sequence[str | None]) -> tuple[tuple[str, ...], Ints]:
    names = tuple(sorted({label for label in labels if label}))
    place = {name: code for code, name in enumerate(names)}
    return names, np.array([place.get(label or "", -1) for label in labels], np.int32)


def read_catalogue(path: Path) -> Catalogue:
    """Columns product_id and, where there, product_name, list_price, family, category.
    Raises PurchasesError, naming file, line and remedy."""
    header = read_header(path)
    columns = ("product_id", *(name for name in OPTIONAL if name in header))
    with open_table(path, columns) as rows:
        return Catalogue(
            _item(path, number, dict(zip(columns, values, strict=True))) for number, values in rows
        )


def _item(path: Path, number: int, row: dict[str, str]) -> CatalogueItem:
    price = row.get("list_price")
    try:
        return CatalogueItem(
            product_id=row["product_id"],
            name=row.get("product_name", ""),
            price=float(price) if price else None,
            family=row.get("family") or None,
            category=row.get("category") or None,
        )
    except ValueError:
        raise PurchasesError(
            f"{path}, line {number}: list_price {price!r} is no number; write it like 9.95"
        ) from None
