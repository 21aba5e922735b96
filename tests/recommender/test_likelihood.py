"""Scores of a choice model as probabilities, and how soon people move up."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from recommender.base import Offer, Owned, Query
from recommender.catalogue import Catalogue, CatalogueItem
from recommender.interactions import Interactions, Purchase, from_purchases
from recommender.model import SalesModel
from recommender.pace import Pace
from recommender.volume import Volume, average

START = datetime(2026, 1, 1, tzinfo=UTC)
PHONES = Catalogue(
    [
        *(CatalogueItem(f"phone {n}", price=100.0 * n, family="phone") for n in range(1, 6)),
        *(CatalogueItem(f"case {n}", price=10, family=f"case {n}") for n in range(1, 6)),
    ]
)


def moving_up() -> Interactions:
    """Everybody buys a phone, half a case the day after, the next phone 100 days later, and a cable at times."""
    rng = np.random.default_rng(5)
    lines = []
    for customer in range(240):
        day, phone = int(rng.integers(0, 60)), int(rng.integers(1, 4))
        for step in range(2):
            at = START + timedelta(days=day + 100 * step)
            lines.append(Purchase(f"c{customer}", f"{customer}-{step}", at, f"phone {phone + step}"))
            for later in (5, 25, 45, 65):
                visit = at + timedelta(days=later)
                lines.append(Purchase(f"c{customer}", f"{customer}-{step}-{later}", visit, "cable"))
            if rng.random() < 0.5:
                next_day = at + timedelta(days=1)
                lines.append(
                    Purchase(f"c{customer}", f"{customer}-{step}-case", next_day, f"case {phone + step}")
                )
    return from_purchases(lines)


@pytest.fixture(scope="module")
def model() -> SalesModel:
    return SalesModel.train(moving_up(), PHONES)


def owner(days: int) -> Query:
    now = START + timedelta(days=160)
    return Query(history=(Owned("phone 2", now - timedelta(days=days)),), now=now)


def test_likelihoods_are_probabilities_in_the_order_of_the_scores(model: SalesModel) -> None:
    for kind in (Offer.CROSS_SELL, Offer.UPSELL):
        likely = [one.likelihood for one in model.recommend(owner(100), kind=kind)]
        known = [one for one in likely if one is not None]
        assert known
        assert len(known) == len(likely)
        assert known == sorted(known, reverse=True)
        assert all(0 < one <= 1 for one in known)


def test_nobody_replaces_last_weeks_phone(model: SalesModel) -> None:
    fresh, ripe = (
        sum(one.likelihood or 0 for one in model.recommend(owner(days), kind=Offer.UPSELL))
        for days in (7, 100)
    )
    assert ripe > 3 * fresh


def test_too_few_past_cases_give_no_likelihood() -> None:
    few = from_purchases(
        Purchase(f"c{n}", str(n), START + timedelta(days=n), f"phone {1 + n % 3}") for n in range(12)
    )
    found = SalesModel.train(few, PHONES).recommend(owner(3))
    assert found
    assert all(one.likelihood is None for one in found)


def test_a_volume_is_purchases_per_customer_over_all_windows() -> None:
    windows = [
        Volume({"cross_sell": 6, "popular": 0}, {"cross_sell": 3, "popular": 0}),
        Volume({"cross_sell": 2, "popular": 0}, {"cross_sell": 5, "popular": 0}),
    ]
    assert average(windows) == {"cross_sell": 1.0}


def test_what_is_being_bought_has_no_age() -> None:
    pace = Pace(np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]), overall=0.35)
    assert [pace.of(age) for age in (0.0, 1.0, 31.0, 1_000.0)] == [0.35, 0.1, 0.2, 0.6]
