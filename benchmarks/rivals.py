"""Other libraries behind one face: each fits a matrix of purchases and answers for one customer with the best
products not bought before. Each is imported only when it is asked for."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.exchange import TRAIN, Purchases, Settings, read_purchases


class Rival(ABC):
    library: str

    def __init__(self, method: str) -> None:
        self.method = method

    @property
    def version(self) -> str:
        return version(self.library)

    @abstractmethod
    def read(self, folder: Path) -> None:
        """What is not timed: everything up to purchases in memory, imports too."""

    @abstractmethod
    def fit(self, settings: Settings) -> None: ...

    @abstractmethod
    def answer(self, customer: str, k: int) -> Sequence[str]: ...


class _OnMatrix(Rival):
    train: Purchases

    def read(self, folder: Path) -> None:
        self.train = read_purchases(folder / TRAIN)
        self.load()

    @abstractmethod
    def load(self) -> None:
        """Imports the library; ModuleNotFoundError where it is not installed."""

    @cached_property
    def place(self) -> dict[str, int]:
        return {customer: place for place, customer in enumerate(self.train.customers)}

    def triples(self) -> tuple[list[str], list[str]]:
        """Customer and product of each pair, as names."""
        found = self.train.matrix.tocoo()
        customers, products = self.train.customers, self.train.products
        return [customers[row] for row in found.row], [products[column] for column in found.col]


class Implicit(_OnMatrix):
    library = "implicit"

    def load(self) -> None:
        from implicit.cpu.als import AlternatingLeastSquares  # noqa: PLC0415 - only where it takes part
        from implicit.nearest_neighbours import BM25Recommender  # noqa: PLC0415 - the same

        methods = {"ALS": AlternatingLeastSquares, "BM25": BM25Recommender}
        self.make = methods[self.method]

    def fit(self, settings: Settings) -> None:
        seeded = {"random_state": 0} if self.method == "ALS" else {}
        self.model = self.make(**settings, **seeded, num_threads=1)
        self.model.fit(self.train.matrix, show_progress=False)

    def answer(self, customer: str, k: int) -> Sequence[str]:
        place = self.place[customer]
        codes, _ = self.model.recommend(place, self.train.matrix[place], N=k)
        return [self.train.products[code] for code in codes]


class LensKit(_OnMatrix):
    library = "lenskit"

    def load(self) -> None:
        import lenskit  # noqa: PLC0415 - only where it takes part
        import pandas as pd  # noqa: PLC0415 - the same
        from lenskit.als import ImplicitMFScorer  # noqa: PLC0415 - the same
        from lenskit.data import from_interactions_df  # noqa: PLC0415 - the same
        from lenskit.knn import EASEScorer, ItemKNNScorer  # noqa: PLC0415 - the same
        from lenskit.pipeline import topn_pipeline  # noqa: PLC0415 - the same
        from lenskit.training import TrainingOptions  # noqa: PLC0415 - the same

        self.scorer = {"ALS": ImplicitMFScorer, "item kNN": ItemKNNScorer, "EASE": EASEScorer}[self.method]
        self.frame, self.dataset, self.pipeline = pd.DataFrame, from_interactions_df, topn_pipeline
        self.options, self.recommend = TrainingOptions(rng=0), lenskit.recommend

    def fit(self, settings: Settings) -> None:
        customers, products = self.triples()
        data = self.dataset(self.frame({"user_id": customers, "item_id": products}))
        self.model = self.pipeline(self.scorer(**settings))
        self.model.train(data, self.options)

    def answer(self, customer: str, k: int) -> Sequence[str]:
        return [str(product) for product in self.recommend(self.model, customer, k).ids()]


class Cornac(_OnMatrix):
    library = "cornac"

    def load(self) -> None:
        from cornac.data import Dataset  # noqa: PLC0415 - only where it takes part
        from cornac.models import BPR, EASE  # noqa: PLC0415 - the same

        self.make, self.dataset = {"BPR": BPR, "EASE": EASE}[self.method], Dataset

    def fit(self, settings: Settings) -> None:
        customers, products = self.triples()
        rows = [(customer, product, 1.0) for customer, product in zip(customers, products, strict=True)]
        self.data = self.dataset.from_uir(rows)
        self.model: Any = self.make(**settings, seed=0, verbose=False)
        self.model.fit(self.data)

    def answer(self, customer: str, k: int) -> Sequence[str]:
        found: Sequence[str] = self.model.recommend(customer, k=k, remove_seen=True, train_set=self.data)
        return found
