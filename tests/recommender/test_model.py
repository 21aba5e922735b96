from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from recommender import artifact
from recommender.base import Offer, Owned, Query, Recommendation, Task
from recommender.catalogue import Catalogue, CatalogueItem
from recommender.errors import ArtifactError, TooLittleDataError
from recommender.interactions import Interactions, Purchase, from_purchases
from recommender.model import SalesModel
from recommender.testing import START, RecommenderContract, checkerboard, history_of

CASES = Catalogue(
    CatalogueItem(f"product {place}", price=10 + place, family="even" if place % 2 == 0 else "odd")
    for place in range(20)
)


class CrossSell:
    """A sales model asked for one kind."""

    def __init__(self, model: SalesModel) -> None:
        self.model = model

    def recommend(self, query: Query) -> list[Recommendation]:
        return self.model.recommend(query, kind=Offer.CROSS_SELL)

    def save(self, directory: Path) -> None:
        self.model.save(directory)


class TestCrossSell(RecommenderContract):
    def fit(self, data: Interactions) -> CrossSell:
        return CrossSell(SalesModel.train(data, Catalogue()))

    def load(self, directory: Path) -> CrossSell:
        return CrossSell(SalesModel.load(directory))


@pytest.fixture(scope="module")
def model() -> SalesModel:
    return SalesModel.train(from_purchases(checkerboard()), CASES)


def test_upsell_is_dearer_of_the_same_family_and_not_owned(model: SalesModel) -> None:
    found = model.upsell("product 2", Query(history=(Owned("product 2"), Owned("product 8"))))
    assert {one.product_id for one in found} == {f"product {place}" for place in (4, 6, 10, 12, 14, 16, 18)}
    assert {(one.kind, one.anchor) for one in found} == {(Offer.UPSELL, "product 2")}


def test_cross_sell_leaves_the_owned_family_to_upsell(model: SalesModel) -> None:
    query = Query(history=(Owned("product 2", START),), limit=20)
    found = model.recommend(query, kind=Offer.CROSS_SELL)
    assert not {one.product_id for one in found} & {f"product {place}" for place in range(0, 20, 2)}
    ranked = [product for product, _ in model.rank(query, Task.CROSS_SELL)]
    assert "product 4" in ranked


def test_all_kinds_take_turns_and_a_product_comes_once(model: SalesModel) -> None:
    found = model.recommend(Query(history=(Owned("product 2", START),), limit=6))
    assert {one.kind for one in found[:2]} == {Offer.CROSS_SELL, Offer.UPSELL}
    assert len({one.product_id for one in found}) == len(found) == 6


def test_a_purchase_of_this_second_counts(model: SalesModel) -> None:
    now = START + timedelta(days=30)
    found = model.recommend(Query(basket=("product 2",), now=now), kind=Offer.UPSELL)
    assert found
    assert all(one.anchor == "product 2" for one in found)


def test_inactive_products_are_never_offered() -> None:
    items = [replace(item, active=item.product_id != "product 3") for item in CASES.items.values()]
    purchases = checkerboard()
    model = SalesModel.train(from_purchases(purchases), Catalogue(items))
    found = model.recommend(Query(history=history_of(3, purchases), limit=50))
    assert "product 3" not in {one.product_id for one in found}


def test_the_artifact_holds_no_customer(model: SalesModel, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    for path in (tmp_path / "model").iterdir():
        assert b"customer " not in path.read_bytes()


def test_an_altered_artifact_is_refused(model: SalesModel, tmp_path: Path) -> None:
    directory = tmp_path / "model"
    model.save(directory)
    victim = max(directory.glob("*.npy"), key=lambda path: path.stat().st_size)
    data = bytearray(victim.read_bytes())
    data[-1] ^= 1
    victim.write_bytes(data)
    with pytest.raises(ArtifactError, match="altered"):
        SalesModel.load(directory)


def test_a_missing_artifact_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="manifest"):
        SalesModel.load(tmp_path / "nothing")


def test_an_artifact_of_an_older_release_is_refused_with_what_to_do(
    model: SalesModel, tmp_path: Path
) -> None:
    model.save(tmp_path / "model")
    manifest = tmp_path / "model" / "manifest.json"
    manifest.write_text(manifest.read_text().replace(f'"format": {artifact.FORMAT}', '"format": 1'))
    with pytest.raises(ArtifactError, match=f"format 1, this release reads {artifact.FORMAT}; train again"):
        SalesModel.load(tmp_path / "model")


def test_saving_again_replaces(model: SalesModel, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    model.save(tmp_path / "model")
    assert SalesModel.load(tmp_path / "model").notes == model.notes
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_no_purchase_at_all_is_refused() -> None:
    with pytest.raises(TooLittleDataError, match="import order lines"):
        SalesModel.train(from_purchases([]), Catalogue())


@pytest.mark.parametrize("dated", [True, False])
def test_a_small_shop_is_served_and_told_what_was_fallen_back_to(dated: bool) -> None:
    purchases = [
        Purchase(f"c{n % 100}", f"o{n}", START + timedelta(days=n % 40) if dated else None, f"p{n * n % 30}")
        for n in range(300)
    ]
    model = SalesModel.train(from_purchases(purchases), Catalogue())
    assert model.recommend(Query(history=(Owned("p1"),), limit=3))
    assert any("family" in note for note in model.notes)
    assert dated or any("too few days" in note for note in model.notes)


def test_one_product_has_nothing_beside_it() -> None:
    purchases = [Purchase(f"c{n}", f"o{n}", START + timedelta(days=n), "only") for n in range(50)]
    model = SalesModel.train(from_purchases(purchases), Catalogue())
    assert model.recommend(Query(history=(Owned("only"),)), kind=Offer.CROSS_SELL) == []
    assert [one.product_id for one in model.recommend(Query())] == ["only"]


def test_a_large_catalogue_is_searched_in_part_and_never_runs_dry() -> None:
    size = 6_000
    purchases = [
        Purchase(f"c{n % 400}", f"o{n // 3}", START + timedelta(days=n % 90), f"p{n * 7 % size}", 1, 1)
        for n in range(size)
    ]
    model = SalesModel.train(from_purchases(purchases), Catalogue(), budget=1e-9)
    query = Query(history=(Owned("p7", START), Owned("p14", START)), limit=10)
    assert model.shortlist(query).asked.size < len(model.raw_scores(query)["als"]) == size
    first = [one.product_id for one in model.recommend(query)]
    rest = [f"p{place}" for place in range(size) if place % 1_000]
    last = [one.product_id for one in model.recommend(replace(query, exclude=rest, limit=6))]
    assert len(first) == 10
    assert sorted(last) == [f"p{place}" for place in range(0, size, 1_000)]
