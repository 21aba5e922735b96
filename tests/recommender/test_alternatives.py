"""Products that are bought instead of each other, and such as people have several of."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.alternatives import Habits, find_alternatives
from recommender.base import Offer, Owned, Query, Recommendation
from recommender.catalogue import Catalogue, CatalogueItem
from recommender.interactions import Interactions, Purchase, from_purchases
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
    names, family = catalogue.families(data.products)
    return {
        names[place] for place in set(family[find_alternatives(Habits.of(data, family), family)].tolist())
    }


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
