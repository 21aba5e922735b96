"""The product behind the same face as its rivals: what `assist model train` does, and what it answers with."""

from collections.abc import Sequence
from math import isnan
from pathlib import Path

from benchmarks.exchange import TRAIN, Settings
from benchmarks.rivals import Rival
from recommender.base import Offer, Owned, Query, Task
from recommender.catalogue import Catalogue, read_catalogue
from recommender.interactions import Interactions, moment
from recommender.model import SalesModel
from recommender.purchases import read_purchases

PRODUCTS, CUT = "products", "cut.txt"
"""The first with the suffix of what it was copied from, where there is one at all."""
TRAINING, REFITTING, RANKING, EXPLAINING = METHODS = ("train", "refit", "rank", "explain")
"""Tuning and final fit; the final fit alone; lists alone; lists with reasons and counts."""


class Product(Rival):
    """Trained by the first method and kept; the others work on what was kept."""

    library = "sales-assist"
    data: Interactions
    catalogue: Catalogue
    model: SalesModel

    def read(self, folder: Path) -> None:
        self.kept = folder / "model"
        self.now = moment(float((folder / CUT).read_text()))
        self.data = read_purchases(folder / TRAIN)
        products = next(folder.glob(f"{PRODUCTS}.*"), None)
        self.catalogue = read_catalogue(products) if products else Catalogue()
        self.bounds = self.data.bounds()
        self.place = {customer: code for code, customer in enumerate(self.data.customers)}
        if self.method == REFITTING:
            self.model = SalesModel.load(self.kept)

    def fit(self, _settings: Settings) -> None:
        if self.method == TRAINING:
            self.model = SalesModel.train(self.data, self.catalogue)
            self.model.save(self.kept)
        elif self.method == REFITTING:
            self.model = self.model.refit(self.data, self.catalogue)
        else:
            self.model = SalesModel.load(self.kept)

    def answer(self, customer: str, k: int) -> Sequence[str]:
        query = self._query(customer, k)
        if self.method == EXPLAINING:
            return [one.product_id for one in self.model.recommend(query, kind=Offer.CROSS_SELL)]
        return [product for product, _ in self.model.rank(query, Task.CROSS_SELL)]

    def _query(self, customer: str, k: int) -> Query:
        code, data = self.place[customer], self.data
        span = slice(self.bounds[code], self.bounds[code + 1])
        columns = (data.product[span].tolist(), data.day[span].tolist(), data.quantity[span].tolist())
        history = tuple(
            Owned(data.products[product], None if isnan(day) else moment(day), quantity)
            for product, day, quantity in zip(*columns, strict=True)
        )
        return Query(history=history, limit=k, now=self.now)
