from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personas.arbitration import Decision, arbitrate, smoothed
from personas.candidates import Candidate, Situation, Stage, Tally
from personas.catalogue import load_catalogue

POLICIES = load_catalogue().policies
WEIGHING = POLICIES.weighing
SITUATION = Situation(datetime(2026, 3, 1, tzinfo=UTC), POLICIES.consent_default, currency="EUR")


def candidate(product: str = "CASE-1", **changes: Any) -> Candidate:
    plain = {"kind": "cross_sell", "score": 1.0, "category": product, "price": Decimal(20)}
    return Candidate(product, **{**plain, **changes})


def decide(*candidates: Candidate, situation: Situation = SITUATION, limit: int = 3) -> Decision:
    return arbitrate(candidates, situation, weighing=WEIGHING, limit=limit)


def products(decision: Decision) -> list[str]:
    return [ranked.candidate.product for ranked in decision.chosen]


@given(st.floats(0, 1), st.integers(0, 500), st.data())
def test_a_smoothed_rate_lies_between_its_own_and_its_parents(
    parent: float, offered: int, data: st.DataObject
) -> None:
    yes = data.draw(st.integers(0, offered))
    own = yes / offered if offered else parent
    rate = smoothed(Tally(yes, offered), parent)
    assert min(own, parent) - 1e-12 <= rate <= max(own, parent) + 1e-12


def test_forty_offers_weigh_as_much_as_the_parent() -> None:
    assert smoothed(Tally(20, 40), 0.1) == pytest.approx(0.3)


def test_expected_value_by_the_formula() -> None:
    tallies: dict[str, Any] = {"overall": Tally(10, 60), "stratum": Tally(4, 10), "offer": Tally(3, 5)}
    one = candidate(margin_rate=Decimal("0.4"), context=1.5, lever=3.0, **tallies)
    (ranked,) = decide(one, situation=replace(SITUATION, recent_offers=2, recent_declines=1)).chosen
    overall = (10 + 40 * 0.1) / (60 + 40)
    stratum = (4 + 40 * overall) / (10 + 40)
    probability = (3 + 40 * stratum) / (5 + 40)
    attention = 0.15 * (1 + 2 * 0.25 + 1 * 0.5)
    assert ranked.worth.probability == pytest.approx(probability)
    assert ranked.worth.expected == pytest.approx(probability * 8 * 1.5 * 2 - attention)
    assert ranked.worth.assumed == frozenset()


def test_nothing_competes_and_wins_over_what_is_worth_less() -> None:
    decision = decide(candidate(price=Decimal(2)))
    assert decision.chosen == ()
    assert [(each.rule, each.wanted) for each in decision.removed] == [("worth_less_than_nothing", "above 0")]


def test_declines_make_silence_more_likely() -> None:
    one = candidate(price=Decimal(20))
    assert products(decide(one)) == ["CASE-1"]
    assert products(decide(one, situation=replace(SITUATION, recent_declines=5))) == []
    assert products(decide(one._replace(price=Decimal(10), doubled_cost=True))) == []


def test_unknown_margin_and_price_are_assumed_and_say_so() -> None:
    decision = decide(candidate("A"), candidate("B", price=None))
    assert [sorted(ranked.worth.assumed) for ranked in decision.chosen] == [
        ["margin_rate"],
        ["margin_rate", "price"],
    ]
    assert decision.chosen[0].worth.value == decision.chosen[1].worth.value == 5


def test_a_shop_without_prices_still_gets_suggestions() -> None:
    assert products(decide(candidate("A", price=None))) == ["A"]


def test_the_recommenders_score_orders_candidates_of_a_kind() -> None:
    decision = decide(candidate("LOW", score=0.2), candidate("HIGH", score=0.4))
    assert products(decision) == ["HIGH", "LOW"]


def test_a_likely_case_goes_before_an_unlikely_phone() -> None:
    phone = candidate("PHONE", kind="upsell", price=Decimal(800), likelihood=0.002)
    case = candidate("CASE", price=Decimal(30), likelihood=0.4)
    assert products(decide(phone, case)) == ["CASE", "PHONE"]


def test_a_count_no_better_than_chance_is_no_reason() -> None:
    decision = decide(candidate("CASE", support=(0.4, 0.1)), candidate("TABLET", support=(0.03, 0.05)))
    assert products(decision) == ["CASE"]
    removal = decision.removed[0]
    assert (removal.stage, removal.rule) == (Stage.APPLICABILITY, "no_better_than_chance")
    assert (removal.actual, removal.wanted) == ("3.0%", "above 5.0%")


def test_offers_that_are_taken_more_often_than_expected_gain() -> None:
    plain = candidate("PLAIN", likelihood=0.1)
    liked = candidate("LIKED", likelihood=0.1, offer=Tally(yes=30, offered=40))
    assert products(decide(plain, liked)) == ["LIKED", "PLAIN"]


def test_one_per_category_and_three_in_all() -> None:
    many = [candidate(f"P{n}", score=10 - n, category="cases" if n < 3 else f"c{n}") for n in range(7)]
    decision = decide(*many)
    assert products(decision) == ["P0", "P3", "P4"]
    assert {(each.product, each.rule) for each in decision.removed} == {
        ("P1", "category_full"),
        ("P2", "category_full"),
        ("P5", "slots_full"),
        ("P6", "slots_full"),
    }
    assert products(decide(*many, limit=1)) == ["P0"]


def test_an_unknown_category_is_no_obstacle() -> None:
    assert len(decide(candidate("A", category=None), candidate("B", category=None)).chosen) == 2


CANDIDATES = st.lists(
    st.builds(
        candidate,
        st.sampled_from("ABCDEFGH"),
        score=st.sampled_from([0.0, 0.1, 0.2, 0.3, 0.7]),
        kind=st.sampled_from(["cross_sell", "upsell", "replenish"]),
        category=st.sampled_from([None, "cases", "phones"]),
        price=st.sampled_from([None, Decimal(3), Decimal(30)]),
        owned=st.booleans(),
        stock=st.sampled_from([None, 0, 5]),
    ),
    max_size=8,
    unique_by=lambda each: each.product,
)


@given(CANDIDATES, st.randoms())
def test_every_candidate_is_chosen_or_removed_whatever_their_order(
    candidates: list[Candidate], random: Any
) -> None:
    decision = decide(*candidates)
    removed = {each.product for each in decision.removed}
    assert removed.isdisjoint(products(decision))
    assert removed | set(products(decision)) == {each.product for each in candidates}
    assert len(decision.chosen) <= 3
    random.shuffle(candidates)
    assert decide(*candidates) == decision
