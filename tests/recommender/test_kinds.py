"""Products that are bought instead of each other, and such as people have several of."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.base import Offer, Owned, Query, Recommendation
from recommender.catalogue import Catalogue, CatalogueItem
from recommender.habits import Habits
from recommender.interactions import Interactions, Purchase, from_purchases
from recommender.kinds import NEARLY, SHOWN, Kinds
from recommender.model import SalesModel
from recommender.testing import START

CUSTOMERS = 120
FAMILIES = {"phone": 4, "mug": 6, "plate": 6, "case": 4}
SHELF = Catalogue(
    CatalogueItem(f"{family} {place}", price=10.0 + place, family=family)
    for family, size in FAMILIES.items()
    for place in range(size)
)

Line = tuple[int, int, int, int]
"""Customer, day, order, product."""


def visit(customer: int, day: int, *products: str) -> Iterator[Purchase]:
    for product in products:
        yield Purchase(f"c{customer:03}", f"{customer}/{day}", START + timedelta(days=day), product, 1, 10)


def shop() -> Iterator[Purchase]:
    """One phone at a time with its case; mugs and plates by the set, of one of two styles."""
    rng = np.random.default_rng(3)
    for customer in range(CUSTOMERS):
        first, style = int(rng.integers(0, 60)), 3 * (customer % 2)
        for turn in range(2):
            phone = (customer + turn) % FAMILIES["phone"]
            yield from visit(customer, first + 120 * turn, f"phone {phone}", f"case {phone}")
        mugs, plates = (style + rng.permutation(3) for _ in range(2))
        yield from visit(customer, first + 30, *(f"mug {place}" for place in mugs[:2]), f"plate {plates[0]}")
        yield from visit(customer, first + 60, f"mug {mugs[2]}", *(f"plate {place}" for place in plates[1:]))


def find_apart(data: Interactions, catalogue: Catalogue = SHELF) -> set[str]:
    """The families whose products are alternatives."""
    alternative = Kinds.fit(data, catalogue).alternative.tolist()
    return {family_of(product) for product, apart in zip(data.products, alternative, strict=True) if apart}


def test_phones_replace_each_other_and_mugs_stand_side_by_side() -> None:
    assert find_apart(from_purchases(shop())) == {"phone", "case"}


def test_where_little_is_known_a_family_holds_alternatives() -> None:
    few = from_purchases([*visit(1, 0, "mug 0", "mug 1"), *visit(2, 0, "mug 2", "mug 3")])
    assert find_apart(few) == {"mug"}


def test_in_a_young_shop_a_few_who_buy_two_phones_at_once_prove_nothing() -> None:
    young = [
        line for customer in range(200) for line in visit(customer, 0, f"phone {customer % 4}", "case 0")
    ]
    pairs = [line for customer in range(12) for line in visit(customer, 0, f"phone {(customer + 1) % 4}")]
    data = from_purchases([*young, *pairs])
    _, family = SHELF.families(data.products)
    habits = Habits.of(data, family)
    assert (habits.several.max(), habits.together.max()) == (12, 12)
    assert "phone" in find_apart(data)


def test_lines_without_a_date_tell_nothing() -> None:
    undated = from_purchases(line._replace(at=None) for line in shop())
    assert find_apart(undated) == set(FAMILIES)


def test_a_product_without_family_is_nobodys_alternative() -> None:
    assert find_apart(from_purchases(shop()), Catalogue()) == set()


lines = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 2), st.integers(0, 5)), max_size=40
)


@given(lines, st.lists(st.integers(-1, 2), min_size=6, max_size=6))
def test_habits_are_what_a_person_would_count(told: list[Line], family: list[int]) -> None:
    data = from_purchases(
        Purchase(f"c{customer}", f"{day}/{order}", START + timedelta(days=day, hours=order), f"p{product}")
        for customer, day, order, product in told
    )
    label = {f"p{product}": one for product, one in enumerate(family)}
    known = np.array([label[product] for product in data.products], np.int64)
    habits = Habits.of(data, known)
    for one in range(int(known.max(initial=-1)) + 1):
        bought = {(customer, day, p) for customer, day, _, p in told if family[p] == one}
        baskets = Counter((customer, day) for customer, day, _ in bought)
        double = {key for key, amount in baskets.items() if amount > 1}
        owners = Counter(customer for customer, p in {(customer, p) for customer, _, p in bought})
        assert habits.several[one] == sum(amount > 1 for amount in owners.values())
        assert habits.together[one] == len({customer for customer, _ in double})
        assert habits.days[one] == len(double)
        every = {(customer, day, p) for customer, day, _, p in told}
        others = 1 - len(bought) / max(len(every), 1)
        sizes = Counter((customer, day) for customer, day, _ in every)
        assert habits.chance[one] == pytest.approx(sum(1 - others ** (sizes[key] - 1) for key in baskets))


@pytest.fixture(scope="module")
def model() -> SalesModel:
    return SalesModel.train(from_purchases(shop()), SHELF)


def ask(model: SalesModel, *products: str) -> list[Recommendation]:
    query = Query(history=[Owned(product, START + timedelta(days=30)) for product in products], limit=30)
    return model.recommend(query, kind=Offer.CROSS_SELL)


def family_of(product: str | None) -> str:
    return (product or "").split()[0]


def test_nobody_who_has_a_phone_is_offered_another_beside_it(model: SalesModel) -> None:
    everything = [item for item in SHELF.items if not item.startswith("phone")]
    for owned in (("phone 1",), ("phone 1", "mug 2", "plate 3"), ("phone 0", *everything[:8])):
        found = ask(model, *owned)
        assert found
        assert not [one for one in found if family_of(one.product_id) == "phone"]


def test_more_of_what_people_collect_goes_with_something_of_another_kind(model: SalesModel) -> None:
    found = ask(model, "mug 0", "mug 1", "plate 0")
    more = [one for one in found if family_of(one.product_id) in ("mug", "plate") and one.because]
    assert {one.product_id for one in more} >= {"mug 2", "plate 1", "plate 2"}
    for one in more:
        assert one.anchor
        assert family_of(one.anchor) != family_of(one.product_id)
        assert all(family_of(told.anchor) != family_of(one.product_id) for told in one.evidence)


def test_alone_what_people_collect_is_no_reason_for_more_of_it(model: SalesModel) -> None:
    found = ask(model, "mug 0", "mug 1")
    assert any(family_of(one.product_id) == "plate" and one.because for one in found)
    more = [one for one in found if family_of(one.product_id) == "mug"]
    assert all(one.popular and not one.anchor for one in more)


def test_a_wide_history_leaves_a_wide_choice(model: SalesModel) -> None:
    """Of every family one is owned; what people collect is still on offer."""
    found = ask(model, "phone 0", "mug 0", "plate 0", "case 0")
    assert {one.product_id for one in found} == {
        f"{kind} {place}" for kind in ("mug", "plate") for place in range(1, 6)
    }


def kinds(crowding: float) -> Kinds:
    """Ten mugs, five plates and five products of no kind."""
    label = np.array([0] * 10 + [1] * 5 + [-1] * 5)
    return Kinds(label, np.zeros(20, np.bool_), np.array([crowding, 0.0, 0.0]))


def shown(found: Kinds, **likely: float) -> list[str]:
    """The names, mug0 to none4, of what is likely, in the order to show it in."""
    place = {"mug": 0, "plate": 10, "none": 15}
    best = sorted(likely, key=lambda name: -likely[name])
    codes = np.array([place[name[:-1]] + int(name[-1]) for name in best])
    scores = np.log([likely[name] for name in best])
    return [best[one] for one in found.vary(scores, codes)]


def test_a_kind_that_is_shown_gives_way_to_another_that_is_nearly_as_good() -> None:
    likely = {"mug0": 0.30, "mug1": 0.29, "plate0": 0.20}
    assert shown(kinds(0.0), **likely) == ["mug0", "mug1", "plate0"]
    assert shown(kinds(log(0.5)), **likely) == ["mug0", "plate0", "mug1"]
    assert shown(kinds(log(0.5)), mug0=0.30, mug1=0.29, plate0=0.10) == ["mug0", "mug1", "plate0"]


def test_not_all_that_is_shown_is_of_one_kind_where_another_is_nearly_as_good() -> None:
    mugs = {f"mug{place}": 0.2 - place / 100 for place in range(8)}
    assert shown(kinds(0.0), **mugs, plate0=0.1)[:SHOWN] == ["mug0", "mug1", "mug2", "mug3", "plate0"]
    assert shown(kinds(0.0), **mugs, plate0=0.05)[:SHOWN] == ["mug0", "mug1", "mug2", "mug3", "mug4"]


def test_products_of_no_kind_do_not_crowd_each_other() -> None:
    alone = {f"none{place}": 0.2 - place / 100 for place in range(5)}
    assert shown(kinds(log(0.5)), **alone, mug0=0.15) == [
        "none0",
        "none1",
        "none2",
        "none3",
        "none4",
        "mug0",
    ]


@given(st.lists(st.tuples(st.floats(-9, 0), st.integers(0, 19)), unique_by=lambda pair: pair[1], max_size=20))
def test_varying_loses_nothing_and_keeps_the_order_within_a_kind(pairs: list[tuple[float, int]]) -> None:
    pairs = sorted(pairs, key=lambda pair: -pair[0])
    scores, codes = np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs], np.int64)
    found, some = kinds(log(0.7)), np.array([], np.int64)
    order = found.vary(scores, codes)
    assert sorted(order) == list(range(len(pairs)))
    assert order[:1] == list(range(len(pairs)))[:1]
    for label in (0, 1, -1):
        some = np.flatnonzero(found.label[codes] == label)
        assert [place for place in order if place in some] == some.tolist()


def test_what_chance_brings_together_crowds_less_than_what_is_shunned() -> None:
    data = from_purchases(shop())
    found = Kinds.fit(data, SHELF)
    crowding = {
        family_of(product): float(found.crowding[found.label[place]])
        for place, product in enumerate(data.products)
    }
    assert crowding["phone"] == pytest.approx(log(NEARLY))
    assert crowding["phone"] < crowding["mug"] <= 0
    assert found.crowding[-1] == 0


def test_where_there_is_no_family_the_category_tells_the_kind() -> None:
    shelf = Catalogue(replace(item, family=None, category=item.family) for item in SHELF.items.values())
    found = Kinds.fit(from_purchases(shop()), shelf)
    assert len(set(found.label.tolist())) == len(FAMILIES)
    assert not found.alternative.any()


def test_what_is_offered_is_of_several_kinds_as_far_as_they_crowd(model: SalesModel) -> None:
    query = Query(history=[Owned("mug 0", START)], limit=SHOWN)
    kind, found = model.parts.kinds, []
    for crowding in (0.0, -20.0):
        crowded = replace(kind, crowding=np.full(len(kind.crowding), crowding))
        crowded_model = replace(model, parts=replace(model.parts, kinds=crowded))
        found.append(
            [family_of(one.product_id) for one in crowded_model.recommend(query, kind=Offer.CROSS_SELL)]
        )
    plain, varied = found
    assert len(plain) == len(varied) == SHOWN
    assert len(set(plain[:3])) < 3
    assert len(set(varied[:3])) == 3
