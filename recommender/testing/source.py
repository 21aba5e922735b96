"""What is asked of one source alone, beside what is asked of every recommender."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommender import artifact
from recommender.base import Because, Offer, Query, Recommendation
from recommender.interactions import Floats, Interactions, Ints, Purchase, day_of, from_purchases
from recommender.sources import History, Source
from recommender.testing.contract import FEW, RecommenderContract, queries, shops


@dataclass(frozen=True)
class Alone:
    """One source as a recommender; after what it suggests comes what sells most."""

    source: Source
    products: tuple[str, ...]
    sold: Ints
    """Lines per product."""
    end: float

    @classmethod
    def fit(cls, source: Source, data: Interactions) -> Self:
        sold = np.bincount(data.product, minlength=len(data.products))
        return cls(source.fit(data), data.products, sold, data.end)

    def recommend(self, query: Query) -> list[Recommendation]:
        history = self.find_history(query)
        struck = [self.products.index(name) for name in query.exclude if name in self.products]
        answer = self.source.ask(history)
        scores = answer.scores(None).astype(np.float64)
        order = np.lexsort((-self.sold, -scores))
        best = order[~np.isin(order, [*struck, *history.codes.tolist()])][: query.limit]
        parts = answer.parts(best) * (scores[best] > 0)[:, None]
        owned = np.unique(history.codes)
        rows = zip(best.tolist(), scores[best].tolist(), parts, strict=True)
        return [self._tell(*row, owned) for row in rows]

    def find_history(self, query: Query) -> History:
        known = [item for item in query.history if item.product_id in self.products]
        ages = [0.0 if item.at is None else max(self.end - day_of(item.at), 0.0) for item in known]
        codes = [self.products.index(item.product_id) for item in known]
        return History(np.array(codes, np.int64), np.array(ages))

    def _tell(self, code: int, score: float, parts: Floats, owned: Ints) -> Recommendation:
        caused = [(self.products[place], parts[column]) for column, place in enumerate(owned.tolist())]
        because = tuple(Because(name, float(part / parts.sum())) for name, part in caused if part > 0)
        product, popular = self.products[code], not because
        return Recommendation(product, score, Offer.CROSS_SELL, because=because, popular=popular)

    def save(self, directory: Path) -> None:
        document = {"products": self.products, "end": self.end, "source": self.source.settings()}
        artifact.publish(directory, document, {**self.source.arrays(), "sold": self.sold})

    @classmethod
    def load(cls, make: type[Source], directory: Path) -> Self:
        document, arrays = artifact.read(directory)
        source = make.restore(document["source"], arrays)
        return cls(source, tuple(document["products"]), arrays["sold"], document["end"])


class SourceContract(RecommenderContract):
    """Inherit, and say which source; it is held to the contract of recommenders alone."""

    def make(self) -> Source:
        raise NotImplementedError

    def fit(self, data: Interactions) -> Alone:
        return Alone.fit(self.make(), data)

    def load(self, directory: Path) -> Alone:
        return Alone.load(type(self.make()), directory)

    @FEW
    @given(shops(), st.data())
    def test_scores_are_not_negative_and_their_parts_cover_them(
        self, lines: list[Purchase], data: st.DataObject
    ) -> None:
        model = self.fit(from_purchases(lines))
        history, every = model.find_history(data.draw(queries(lines))), np.arange(len(model.products))
        answer = model.source.ask(history)
        scores, parts = answer.scores(None), answer.parts(every)
        assert (np.isfinite(scores) & (scores >= 0)).all()
        assert np.allclose(answer.scores(every[::2]), scores[::2], rtol=1e-5, atol=1e-6)
        assert parts.shape == (len(every), len(np.unique(history.codes)))
        assert (parts >= 0).all()
        assert (parts.sum(axis=1) >= scores * (1 - 1e-4) - 1e-5).all()

    @FEW
    @given(shops(), st.data())
    def test_an_answer_says_the_same_of_a_few_products(
        self, lines: list[Purchase], data: st.DataObject
    ) -> None:
        model = self.fit(from_purchases(lines))
        pool = np.arange(len(model.products))[:: data.draw(st.integers(1, 3))]
        answer = model.source.ask(model.find_history(data.draw(queries(lines))))
        few, places = answer.narrow(pool), np.arange(len(pool))[::-2]
        assert np.allclose(few.scores(None), answer.scores(None)[pool], rtol=1e-5, atol=1e-6)
        assert np.allclose(few.scores(places), answer.scores(None)[pool[places]], rtol=1e-5, atol=1e-6)
        assert np.allclose(few.parts(places), answer.parts(pool[places]), rtol=1e-5, atol=1e-6)

    @FEW
    @given(shops(), st.data())
    def test_a_part_of_a_history_is_answered_as_if_it_were_asked_alone(
        self, lines: list[Purchase], data: st.DataObject
    ) -> None:
        model = self.fit(from_purchases(lines))
        history, pool = model.find_history(data.draw(queries(lines))), np.arange(len(model.products))[::2]
        last, answer = history.last_order(), model.source.ask(history)
        alone = model.source.ask(last).scores(None)
        every = model.source.ask_part(last, history, answer, None)
        few = model.source.ask_part(last, history, answer.narrow(pool), pool)
        assert np.allclose(every.scores(None), alone, rtol=1e-4, atol=1e-6)
        assert np.allclose(few.scores(None), alone[pool], rtol=1e-4, atol=1e-6)
