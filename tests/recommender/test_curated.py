"""Links that people keep: found without a purchase to learn from, and never more than they say."""

import re

import numpy as np
import pytest

from recommender.catalogue import Catalogue, CatalogueItem, Related
from recommender.curated import Curated, Upgrades, add_linked
from recommender.interactions import Floats, Interactions, from_purchases
from recommender.neighbours import NeighbourSettings
from recommender.sources import History, Source
from recommender.testing import Alone, SourceContract
from tests.recommender.dense import random_shop


def catalogue(**links: dict[str, str]) -> Catalogue:
    """Each product with those it leads to, and how."""
    known = {*links, *(other for found in links.values() for other in found)}
    return Catalogue(
        CatalogueItem(
            product, related=tuple(Related(other, kind) for other, kind in links.get(product, {}).items())
        )
        for product in sorted(known)
    )


LINKS = catalogue(
    p00={
        "p00": "accessory",
        "p01": "accessory",
        "p02": "cross_sell",
        "p03": "related",
        "p04": "upsell",
        "new": "accessory",
    },
    p05={"p01": "accessory", "p04": "replacement"},
    unsold={"p06": "accessory"},
)


def ask(source: Source, data: Interactions, *products: str, ages: tuple[float, ...] = ()) -> Floats:
    codes = np.array([data.products.index(product) for product in products], np.int64)
    return source.ask(History(codes, np.array(ages or (0.0,) * len(codes)))).scores(None)


def named(data: Interactions, scores: Floats) -> dict[str, float]:
    return {data.products[code]: float(scores[code]) for code in np.flatnonzero(scores).tolist()}


@pytest.fixture(scope="module")
def data() -> Interactions:
    return random_shop()


def test_the_score_is_how_many_purchases_lead_to_it(data: Interactions) -> None:
    source = Curated(catalogue=LINKS).fit(data)
    assert named(data, ask(source, data, "p00", "p05", "p05")) == {"p01": 3, "p02": 1, "p03": 0.5}


def test_what_comes_after_a_product_is_a_source_of_its_own(data: Interactions) -> None:
    source = Upgrades(catalogue=LINKS).fit(data)
    assert named(data, ask(source, data, "p00", "p05")) == {"p04": 2}
    assert source.name != Curated.name


def test_old_purchases_lead_less_far(data: Interactions) -> None:
    source = Curated(NeighbourSettings(query_half_life=30), LINKS).fit(data)
    assert named(data, ask(source, data, "p05", "p00", ages=(60, 0)))["p01"] == 1.25


def test_the_strongest_of_several_links_counts(data: Interactions) -> None:
    item = CatalogueItem("p00", related=(Related("p01", "related"), Related("p01", "accessory")))
    source = Curated(catalogue=Catalogue([item])).fit(data)
    assert named(data, ask(source, data, "p00")) == {"p01": 1}


def test_what_nobody_has_bought_yet_is_found(data: Interactions) -> None:
    wider = add_linked(data, LINKS)
    assert set(wider.products) == {*data.products, "new", "unsold"}
    bought = [data.products[code] for code in data.product.tolist()]
    assert [wider.products[code] for code in wider.product.tolist()] == bought
    assert named(wider, ask(Curated(catalogue=LINKS).fit(wider), wider, "p00"))["new"] == 1
    assert named(wider, ask(Curated(catalogue=LINKS).fit(wider), wider, "unsold")) == {"p06": 1}


def test_without_any_purchase_links_still_lead() -> None:
    empty = add_linked(from_purchases([]), LINKS)
    assert named(empty, ask(Curated(catalogue=LINKS).fit(empty), empty, "p00"))["p01"] == 1


def test_without_links_there_is_no_opinion(data: Interactions) -> None:
    assert not ask(Curated().fit(data), data, "p00").any()
    assert add_linked(data, Catalogue()).products == data.products


class TestCurated(SourceContract):
    """Every product leads to those whose number is even or odd like its own."""

    def make(self) -> Source:
        return Curated()

    def fit(self, data: Interactions) -> Alone:
        sides = (
            [product for product in data.products if _is_even(product)],
            [product for product in data.products if not _is_even(product)],
        )
        items = [
            CatalogueItem(product, related=tuple(Related(other, "accessory") for other in side))
            for side in sides
            for product in side
        ]
        return Alone.fit(Curated(catalogue=Catalogue(items)), data)


def _is_even(product: str) -> bool:
    number = re.search(r"\d+", product, re.ASCII)
    return number is not None and int(number[0]) % 2 == 0


del SourceContract
