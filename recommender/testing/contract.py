"""The conformance suite of recommenders: a world of two kinds of customers, and what must hold in it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import isclose, isfinite
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recommender.base import Owned, Query, Recommendation
from recommender.interactions import Interactions, Purchase, from_purchases

START = datetime(2024, 1, 1, tzinfo=UTC)
FEW = settings(
    max_examples=5,
    deadline=None,  # the machine's load decides nothing here
    suppress_health_check=[HealthCheck.differing_executors, HealthCheck.too_slow],  # one suite, many classes
)
days = st.one_of(st.none(), st.integers(0, 60).map(lambda day: START + timedelta(days=day)))


class Served(Protocol):
    """What the suite asks of a recommender that is fitted."""

    def recommend(self, query: Query) -> list[Recommendation]: ...

    def save(self, directory: Path) -> None: ...


def checkerboard(size: int = 20, *, name: str = "product {}") -> list[Purchase]:
    """Even customers buy all even products but their own number, odd ones the odd: the one left out is
    what a recommender should find."""
    return [
        Purchase(
            customer_id=f"customer {customer}",
            order_id=f"{customer}/{product}",
            at=START + timedelta(days=(customer + product) % size),
            product_id=name.format(product),
            quantity=1,
            unit_price=10 + product,
        )
        for customer in range(size)
        for product in range(customer % 2, size, 2)
        if product != customer
    ]


def history_of(customer: int, purchases: Sequence[Purchase]) -> tuple[Owned, ...]:
    return tuple(
        Owned(line.product_id or "", line.at)
        for line in purchases
        if line.customer_id == f"customer {customer}"
    )


@st.composite
def shops(draw: st.DrawFn) -> list[Purchase]:
    """Lines of a few customers and products of any name, at least one of them no return."""
    customers, products = (
        draw(st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=most, unique=True))
        for most in (5, 7)
    )
    line = st.builds(
        Purchase,
        customer_id=st.sampled_from(customers),
        order_id=st.sampled_from(["1", "2", "3", None]),
        at=days,
        product_id=st.sampled_from(products),
        quantity=st.integers(-1, 3),
        unit_price=st.one_of(st.none(), st.integers(0, 9)),
    )
    first = draw(line)._replace(quantity=1)
    return [first, *draw(st.lists(line, max_size=25))]


@st.composite
def queries(draw: st.DrawFn, lines: Sequence[Purchase]) -> Query:
    """About what the lines name, and about what nobody ever sold."""
    product = st.sampled_from([*sorted({line.product_id or "" for line in lines}), "never sold"])
    return Query(
        history=tuple(draw(st.lists(st.builds(Owned, product, days), max_size=6))),
        exclude=draw(st.sets(product, max_size=3)),
        limit=draw(st.integers(0, 8)),
    )


class RecommenderContract:
    """Inherit, and say how one is fitted and loaded."""

    def fit(self, data: Interactions) -> Served:
        raise NotImplementedError

    def load(self, directory: Path) -> Served:
        raise NotImplementedError

    @FEW
    @given(shops(), st.data(), st.randoms(use_true_random=False))
    def test_how_lines_are_told_does_not_matter(
        self, lines: list[Purchase], data: st.DataObject, random: Random
    ) -> None:
        """In any order, some of them twice, with returns among them."""
        told = [*lines, *lines[::3], *(replace_line(line, quantity=-1) for line in lines[::2])]
        random.shuffle(told)
        query = data.draw(queries(lines))
        first, second = (self.fit(from_purchases(some)) for some in (lines, told))
        assert first.recommend(query) == second.recommend(query)

    @FEW
    @given(shops(), st.data())
    def test_every_list_is_sound(self, lines: list[Purchase], data: st.DataObject) -> None:
        model = self.fit(from_purchases(lines))
        sold = {line.product_id for line in lines if float(line.quantity) > 0}
        query = data.draw(queries(lines))
        found = model.recommend(query)
        names = {one.product_id for one in found}
        assert len(names) == len(found) <= query.limit
        assert names <= sold - set(query.exclude) - {item.product_id for item in query.history}
        for one in found:
            assert isfinite(one.score)
            assert not one.because or isclose(sum(cause.share for cause in one.because), 1, rel_tol=1e-6)

    @FEW
    @given(shops(), st.data())
    def test_one_by_one_in_any_order_and_after_loading_the_answers_are_the_same(
        self, lines: list[Purchase], data: st.DataObject
    ) -> None:
        model = self.fit(from_purchases(lines))
        asked = data.draw(st.lists(queries(lines), min_size=1, max_size=4))
        batch = [model.recommend(query) for query in asked]
        assert [model.recommend(query) for query in reversed(asked)] == batch[::-1]
        with TemporaryDirectory() as directory:
            model.save(Path(directory) / "model")
            loaded = self.load(Path(directory) / "model")
            assert [loaded.recommend(query) for query in asked] == batch

    def test_the_product_left_out_comes_first(self) -> None:
        purchases = checkerboard()
        model = self.fit(from_purchases(purchases))
        for customer in (0, 3, 10):
            found = model.recommend(Query(history=history_of(customer, purchases), limit=1))
            assert [one.product_id for one in found] == [f"product {customer}"]

    def test_the_order_of_lines_does_not_matter(self) -> None:
        purchases = checkerboard()
        shuffled = [purchases[place] for place in np.random.default_rng(1).permutation(len(purchases))]
        query = Query(history=history_of(3, purchases), limit=20)
        first, second = (self.fit(from_purchases(lines)) for lines in (purchases, shuffled))
        assert first.recommend(query) == second.recommend(query)

    def test_a_line_told_twice_counts_once(self) -> None:
        purchases = checkerboard()
        query = Query(history=history_of(3, purchases), limit=20)
        first, second = (self.fit(from_purchases(lines)) for lines in (purchases, purchases * 2))
        assert first.recommend(query) == second.recommend(query)

    def test_returns_are_not_purchases(self) -> None:
        purchases = checkerboard()
        returned = [replace_line(line, order_id="back", quantity=-1) for line in purchases[::3]]
        query = Query(history=history_of(3, purchases), limit=20)
        first, second = (self.fit(from_purchases(lines)) for lines in (purchases, purchases + returned))
        assert first.recommend(query) == second.recommend(query)

    def test_ids_are_any_text(self) -> None:
        purchases = checkerboard(name="ção/ 产品 \u200f\n{}'\"")
        model = self.fit(from_purchases(purchases))
        found = model.recommend(Query(history=history_of(4, purchases), limit=1))
        assert [one.product_id for one in found] == ["ção/ 产品 \u200f\n4'\""]

    def test_saved_is_loaded(self, tmp_path: Path) -> None:
        purchases = checkerboard()
        query = Query(history=history_of(3, purchases), limit=20)
        model = self.fit(from_purchases(purchases))
        model.save(tmp_path / "model")
        assert self.load(tmp_path / "model").recommend(query) == model.recommend(query)

    def test_excluded_products_never_come_and_others_take_their_place(self) -> None:
        purchases = checkerboard()
        model = self.fit(from_purchases(purchases))
        query = Query(history=history_of(3, purchases), limit=4)
        first = {one.product_id for one in model.recommend(query)}
        second = {one.product_id for one in model.recommend(replace(query, exclude=first))}
        assert not first & second
        assert len(second) == 4

    def test_scores_are_numbers_and_shares_add_up(self) -> None:
        purchases = checkerboard()
        model = self.fit(from_purchases(purchases))
        for one in model.recommend(Query(history=history_of(5, purchases), limit=20)):
            assert isfinite(one.score)
            assert not one.because or isclose(sum(cause.share for cause in one.because), 1, rel_tol=1e-6)
            assert one.popular is not bool(one.because)

    def test_no_product_comes_twice(self) -> None:
        purchases = checkerboard()
        found = self.fit(from_purchases(purchases)).recommend(
            Query(history=history_of(5, purchases), limit=50)
        )
        assert len({one.product_id for one in found}) == len(found)

    def test_an_unknown_history_gets_only_what_is_popular(self) -> None:
        model = self.fit(from_purchases(checkerboard()))
        for history in ((), (Owned("never sold"),)):
            found = model.recommend(Query(history=history, limit=5))
            assert all(one.popular and not one.because for one in found)

    def test_one_line_is_enough_to_be_trained_on(self) -> None:
        model = self.fit(from_purchases(checkerboard()[:1]))
        assert model.recommend(Query(history=(Owned("product 2"),), limit=3)) == []


def replace_line(line: Purchase, **changes: Any) -> Purchase:
    return line._replace(**changes)
