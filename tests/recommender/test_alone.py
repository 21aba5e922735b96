"""Each source keeps the contract of recommenders by itself."""

from dataclasses import replace

import numpy as np

from recommender.als import Als, AlsSettings
from recommender.bpr import Bpr, BprSettings
from recommender.ease import Ease, EaseSettings, EaseTogether
from recommender.interactions import Interactions
from recommender.itemitem import ItemItem, ItemItemSettings, Together
from recommender.rp3beta import Rp3beta
from recommender.sources import Source
from recommender.testing import Alone, SourceContract


class TestItemItem(SourceContract):
    def make(self) -> Source:
        return ItemItem(ItemItemSettings(fit_half_life=30.0))


class TestTfidf(SourceContract):
    def make(self) -> Source:
        return ItemItem(ItemItemSettings(weighting="tfidf"))


class TestCosine(SourceContract):
    def make(self) -> Source:
        return ItemItem(ItemItemSettings(weighting="cosine"))


class TestEase(SourceContract):
    def make(self) -> Source:
        return Ease(EaseSettings(fit_half_life=30.0, query_half_life=20.0))


class TestEaseByNeighbourhoods(SourceContract):
    def make(self) -> Source:
        return Ease(EaseSettings(neighbours=6, nearest=6, most_bytes=8 * 19**2))


class TestRp3beta(SourceContract):
    def make(self) -> Source:
        return Rp3beta()


class TestAls(SourceContract):
    def make(self) -> Source:
        return Als(AlsSettings(factors=8, regularisation=1.0))


class TestBpr(SourceContract):
    def make(self) -> Source:
        return Bpr(BprSettings(factors=8, iterations=150))


class OnOrders(SourceContract):
    """What is found in orders is looked for in one large order per customer."""

    def fit(self, data: Interactions) -> Alone:
        return super().fit(replace(data, order=data.customer.astype(np.int64)))


class TestTogether(OnOrders):
    def make(self) -> Source:
        return Together()


class TestEaseTogether(OnOrders):
    def make(self) -> Source:
        return EaseTogether()


del SourceContract, OnOrders
