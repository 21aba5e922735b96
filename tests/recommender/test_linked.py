"""What people link in the catalogue, from training to the reason that is given."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from recommender.base import Offer, Owned, Query, Task
from recommender.candidates import tabulate, tabulate_steps
from recommender.catalogue import Catalogue, CatalogueItem, Related
from recommender.curated import add_linked
from recommender.evidence import FEWEST_BUYERS
from recommender.fitted import Fitted
from recommender.interactions import Purchase, from_purchases
from recommender.model import SalesModel
from recommender.settings import Settings
from recommender.sources import History
from recommender.testing import START, checkerboard
from recommender.upsell import Ladder
from recommender.windows import Case

FAMILIES = 5


def item(name: str, **links: str) -> CatalogueItem:
    """Products 0, 5, 10 … are of one family; `links` by what they lead to, _ for a blank."""
    place = int(name.rsplit(maxsplit=1)[-1])
    return CatalogueItem(
        name,
        price=10.0 + place,
        family=f"family {place % FAMILIES}",
        related=tuple(Related(other.replace("_", " "), kind) for other, kind in links.items()),
    )


def shelf(*linked: CatalogueItem) -> Catalogue:
    """Those that lead somewhere, and 30 products of which 20 are sold."""
    return Catalogue([*linked, *(item(f"product {place}") for place in range(30))])


LINKS = shelf(
    item(
        "product 2", product_24="accessory", product_27="accessory", product_6="upsell", product_23="upgrade"
    ),
    item("product 3", product_29="related", product_1="replacement"),
    item("product 25", product_4="accessory"),
)


@pytest.fixture(scope="module")
def model() -> SalesModel:
    return SalesModel.train(add_linked(from_purchases(checkerboard()), LINKS), LINKS)


def of(*products: str) -> Query:
    return Query(history=[Owned(product, START + timedelta(days=19)) for product in products], limit=30)


def test_a_catalogue_without_links_between_its_products_changes_nothing() -> None:
    data = from_purchases(checkerboard())
    aimless = shelf(item("product 2", product_2="accessory", product_99="accessory"))
    assert add_linked(data, shelf()).products == data.products
    plain, same = SalesModel.train(data, shelf()), SalesModel.train(data, aimless)
    assert same.parts.document() == plain.parts.document()
    assert same.report == plain.report
    assert not {"curated", "upgrades"} & plain.report["settings"].keys()
    for name, values in plain.parts.arrays().items():
        assert np.array_equal(values, same.parts.arrays()[name], equal_nan=values.dtype.kind == "f")


def test_what_nobody_has_bought_yet_is_offered_where_a_link_leads(model: SalesModel) -> None:
    found = {one.product_id: one for one in model.recommend(of("product 2"), kind=Offer.CROSS_SELL)}
    new = found["product 24"]
    assert (new.linked, new.anchor, new.popular, new.evidence) == ("product 2", "product 2", False, ())
    assert [(cause.product_id, cause.share) for cause in new.because] == [("product 2", 1.0)]
    assert all(found[one].score < new.score for one in ("product 1", "product 3", "product 19"))


def test_links_lead_from_what_was_bought_only(model: SalesModel) -> None:
    found = model.recommend(of("product 3"), kind=Offer.CROSS_SELL)
    assert [(one.product_id, one.linked, one.anchor) for one in found if one.linked] == [
        ("product 29", "product 3", "product 3")
    ]
    assert not any(one.linked for one in model.recommend(of("product 8"), kind=Offer.CROSS_SELL))


def test_a_link_to_an_alternative_is_no_cross_sell(model: SalesModel) -> None:
    """Products 2 and 27 are of one family."""
    found = {one.product_id for one in model.recommend(of("product 2", "product 3"), kind=Offer.CROSS_SELL)}
    assert "product 27" not in found
    assert {"product 24", "product 29"} <= found


def test_what_a_link_calls_a_step_up_is_no_cross_sell(model: SalesModel) -> None:
    found = {one.product_id for one in model.recommend(of("product 2", "product 3"), kind=Offer.CROSS_SELL)}
    assert not found & {"product 6", "product 23"}


def test_a_step_up_may_lead_to_another_family_and_to_what_is_new(model: SalesModel) -> None:
    found = {one.product_id: one for one in model.recommend(of("product 2"), kind=Offer.UPSELL)}
    assert {"product 6", "product 23"} <= found.keys()
    for product in ("product 6", "product 23"):
        assert (found[product].linked, found[product].anchor) == ("product 2", "product 2")
    assert found["product 12"].linked is None
    assert next(iter(found)) in ("product 6", "product 23")


def test_a_step_up_is_no_cheaper(model: SalesModel) -> None:
    assert "product 1" not in {one.product_id for one in model.upsell("product 3", of("product 3"))}


@pytest.mark.parametrize("size", [20, 24])
def test_a_step_up_from_two_purchases_comes_once_and_needs_nobody_to_have_moved(size: int) -> None:
    """With 24 there are enough buyers to count who moved."""
    links = shelf(item("product 2", product_6="upsell"), item("product 3", product_6="upsell"))
    model = SalesModel.train(from_purchases(checkerboard(size)), links)
    assert bool(model.parts.ladder.moves.buyers.min() >= FEWEST_BUYERS) == (size == 24)
    query = of("product 2", "product 3")
    found = [one.product_id for one in model.recommend(query, kind=Offer.UPSELL)]
    assert "product 6" in found
    for limit in range(1, len(found)):
        assert len(model.recommend(replace(query, limit=limit), kind=Offer.UPSELL)) == limit


def test_a_link_leads_on_from_what_has_neither_family_nor_price() -> None:
    links = Catalogue(
        [CatalogueItem("product 2", related=(Related("product 30", "upsell"),)), CatalogueItem("product 30")]
    )
    lines = [line._replace(unit_price=None) for line in checkerboard()]
    model = SalesModel.train(add_linked(from_purchases(lines), links), links)
    found = model.recommend(of("product 4", "product 2"), kind=Offer.UPSELL)
    assert [(one.product_id, one.anchor, one.linked) for one in found] == [
        ("product 30", "product 2", "product 2")
    ]


def test_what_is_weighed_says_the_same_as_the_reasons(model: SalesModel) -> None:
    for kind in (None, *Offer):
        shortlist = model.shortlist(of("product 2", "product 2", "product 3"), kind=kind)
        for proposal, one in zip(shortlist.proposals, shortlist.explain(), strict=True):
            assert (proposal.linked, proposal.popular) == (one.linked is not None, one.popular)
            assert one.kind is not Offer.REPLENISH or not one.linked


def test_everything_has_a_score_sold_or_not(model: SalesModel) -> None:
    for task in Task:
        for query in (of(), of("product 2"), of("product 24"), of("product 25", "product 3")):
            found = model.rank(query, task, anchor="product 2")
            assert all(np.isfinite(score) for _, score in found)
            assert task is Task.UPSELL or len(found) >= len(model.parts.products) - 2
    assert {"product 23", "product 24", "product 25", "product 27", "product 29"} <= set(model.parts.products)


def test_a_saved_model_answers_alike(model: SalesModel, tmp_path: Path) -> None:
    model.save(tmp_path / "model")
    loaded = SalesModel.load(tmp_path / "model")
    for query in (of("product 2"), of("product 3", "product 25")):
        assert loaded.recommend(query) == model.recommend(query)


def test_links_that_are_gone_lead_nowhere_after_a_refit(model: SalesModel) -> None:
    data = add_linked(from_purchases(checkerboard()), LINKS)
    later = model.refit(data, shelf())
    assert later.parts.weights == model.parts.weights
    assert not any(one.linked for one in later.recommend(of("product 2")))


SIZE = 60


def follow() -> Iterator[Purchase]:
    """Everybody buys any products, and of each one week later, mostly, what it is linked to: one of its own."""
    rng = np.random.default_rng(4)
    partner = rng.permutation(SIZE)
    for customer in range(400):
        first = int(rng.integers(0, 150))
        for turn in range(2):
            product = int(rng.integers(0, SIZE))
            day = START + timedelta(days=first + 20 * turn)
            yield Purchase(f"c{customer}", f"{customer}/{turn}", day, f"product {product}", 1, 10)
            if rng.random() < 0.5:
                later = day + timedelta(days=30)
                partner_name = f"product {partner[product]}"
                yield Purchase(f"c{customer}", f"{customer}/{turn}/later", later, partner_name, 1, 10)


@pytest.fixture(scope="module")
def learned() -> SalesModel:
    partner = np.random.default_rng(4).permutation(SIZE).tolist()
    items = (
        CatalogueItem(f"product {one}", related=(Related(f"product {other}", "accessory"),))
        for one, other in enumerate(partner)
    )
    return SalesModel.train(from_purchases(follow()), Catalogue(items))


def test_what_links_are_worth_is_learned_from_the_past(learned: SalesModel) -> None:
    weights = learned.parts.weights["cross_sell"]
    assert weights["curated"] + weights["log curated"] > 0
    assert "curated" in learned.report["quality"]["cross_sell"]["methods"]
    assert (
        learned.report["settings"]["curated"]["query_half_life"]
        == (learned.report["settings"]["itemitem"]["query_half_life"])
    )


def test_what_is_linked_comes_first_where_people_follow_links(learned: SalesModel) -> None:
    partner = np.random.default_rng(4).permutation(SIZE).tolist()
    firsts = [
        learned.recommend(replace(of(f"product {place}"), limit=1), kind=Offer.CROSS_SELL)[0].product_id
        for place in range(SIZE)
    ]
    followed = [first == f"product {other}" for first, other in zip(firsts, partner, strict=True)]
    assert np.mean(followed) > 0.9


def test_nothing_is_taught_about_what_nobody_could_choose() -> None:
    data = add_linked(from_purchases(checkerboard()), LINKS)
    fitted = Fitted.fit(data, Settings().with_links(["curated", "upgrades"]), LINKS)
    sold = set(np.unique(data.product).tolist())
    case = Case(0, History(np.array([data.products.index("product 2")]), np.array([1.0])), np.array([0]))
    table = tabulate(fitted, [case], again=False)
    assert table.features[:, table.names.index("upgrades")].any()
    assert set(table.product.tolist()) <= sold
    step = replace(case, anchor=data.products.index("product 2"))
    assert set(tabulate_steps(fitted, Ladder.fit(data, LINKS), [step]).product.tolist()) <= sold


LARGE = 5_200


def test_in_a_large_catalogue_what_is_linked_is_among_what_is_looked_at() -> None:
    lines = [Purchase(f"c{n % 400}", f"o{n // 3}", None, f"p{n}", 1, 1 + n % 9) for n in range(LARGE)]
    links = Catalogue([CatalogueItem("p7", related=(Related("new", "accessory"),)), CatalogueItem("new")])
    model = SalesModel.train(add_linked(from_purchases(lines), links), links)
    shortlist = model.shortlist(Query(history=(Owned("p7", START),), limit=20), kind=Offer.CROSS_SELL)
    assert shortlist.asked.size < LARGE
    assert "new" in {one.product_id for one in shortlist.explain() if one.linked == "p7"}
