"""What is weighed before it is explained says the same as the explanation."""

from dataclasses import replace
from datetime import timedelta

import pytest

from recommender.base import Offer, Owned, Query
from recommender.catalogue import Catalogue, CatalogueItem
from recommender.interactions import Purchase, from_purchases
from recommender.model import SalesModel
from recommender.testing import START, checkerboard, history_of

PRODUCTS = Catalogue(
    CatalogueItem(f"product {place}", price=10 + place, family=f"family {place % 4}") for place in range(40)
)
LINES = checkerboard(40)
AGAIN = [
    Purchase("customer 1", f"again {day}", START + timedelta(days=day), "product 1", 1, 11)
    for day in (50, 60, 70)
]
QUERIES = {
    "nobody": Query(limit=8),
    "owner": Query(history=history_of(2, LINES)[:4], limit=20),
    "regular": Query(history=history_of(1, [*LINES[:60], *AGAIN]), limit=20),
    "stranger": Query(history=(Owned("never heard of"),), limit=3),
}


@pytest.fixture(scope="module")
def model() -> SalesModel:
    return SalesModel.train(from_purchases([*LINES, *AGAIN]), PRODUCTS)


@pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)
def test_a_proposal_is_its_recommendation_without_words(model: SalesModel, query: Query) -> None:
    shortlist = model.shortlist(query)
    explained = model.recommend(query)
    assert explained
    for proposal, one in zip(shortlist.proposals, explained, strict=True):
        assert (proposal.product_id, proposal.kind, proposal.score) == (one.product_id, one.kind, one.score)
        assert (proposal.likelihood, proposal.popular) == (one.likelihood, one.popular)
        counted = max(one.evidence, key=lambda count: count.low, default=None)
        assert proposal.support == ((counted.low, counted.shop_wide) if counted else None)
        assert proposal.kind is not Offer.REPLENISH or proposal.support is None


@pytest.mark.parametrize("name", ["owner", "regular"])
def test_explaining_some_explains_them_alike(model: SalesModel, name: str) -> None:
    shortlist = model.shortlist(QUERIES[name])
    everything = shortlist.explain()
    places = [len(everything) - 1, 1, 0]
    assert {everything[place].kind for place in places} > {Offer.CROSS_SELL}
    for one, place in zip(shortlist.explain(places), places, strict=True):
        # Factors are float32, and a product of fewer rows rounds another way.
        assert one.sources == pytest.approx(everything[place].sources, abs=1e-6)
        assert replace(one, sources=everything[place].sources) == everything[place]
    assert shortlist.explain([]) == []
