from decimal import Decimal
from typing import Any

import pytest

from personas.content import InvalidContent
from personas.facts import FactSet
from personas.icp import Icp, Tier, parse_icp, rate, value_of

NAME = {"en": "Fit", "es": "Ajuste", "pt-BR": "Ajuste"}
RAW: dict[str, Any] = {
    "name": NAME,
    "dimensions": [
        {
            "key": "frequency",
            "name": NAME,
            "most": 60,
            "criteria": [
                {"if": {"fact": "order.count", "at_least": 2}, "points": 40},
                {"if": {"fact": "order.count", "at_least": 5}, "points": 40},
            ],
        },
        {
            "key": "ease",
            "name": NAME,
            "most": 40,
            "criteria": [
                {"if": {"fact": "order.return_share_12m", "at_most": 0.1}, "points": 40},
                {"if": {"fact": "order.late_days", "at_least": 1}, "points": -40},
            ],
        },
    ],
    "disqualifiers": [{"fact": "order.return_share_12m", "at_least": 0.9}],
    "tiers": {"A": 0.8, "B": 0.5, "C": 0.2},
    "minimum_coverage": 0.6,
}
ICP: Icp = parse_icp(RAW, path="icp")


def facts(count: int, returned: str, late: int) -> FactSet:
    return FactSet(
        {"order.count": count, "order.return_share_12m": Decimal(returned), "order.late_days": late}
    )


@pytest.mark.parametrize(
    ("known", "tier", "score"),
    [
        (facts(5, "0", 0), Tier.A, 1),
        (facts(2, "0", 0), Tier.A, "0.8"),
        (facts(5, "0.5", 0), Tier.B, "0.6"),
        (facts(2, "0", 3), Tier.C, "0.4"),
        (facts(0, "0.5", 3), Tier.D, 0),
        (facts(5, "0.95", 0), Tier.D, "0.6"),
    ],
)
def test_points_are_kept_within_each_dimension(known: FactSet, tier: Tier, score: str) -> None:
    result = rate(ICP, known)
    assert (result.tier, result.score, result.coverage) == (tier, Decimal(score), Decimal(1))


def test_too_little_known_is_no_tier() -> None:
    result = rate(ICP, FactSet({"order.return_share_12m": Decimal(0)}))
    assert result.coverage == Decimal("0.2")
    assert (result.tier, result.label) == (None, "??")
    assert result.missing == {"order.count", "order.late_days"}


def test_a_disqualified_customer_is_told_by_what() -> None:
    assert [reason.fact for reason in rate(ICP, facts(5, "1", 0)).disqualified_by] == [
        "order.return_share_12m"
    ]


@pytest.mark.parametrize(
    ("fifths", "value"),
    [((5, 5, 5), 1), ((5, 4, 3), 1), ((4, 3, 4), 2), ((3, 2, 1), 3), ((2, 1, 1), 4), ((5, 3, None), 1)],
)
def test_value_from_the_mean_of_the_fifths(fifths: tuple[int, int, int | None], value: int) -> None:
    known = FactSet(dict(zip(("rfm.r", "rfm.f", "rfm.m"), fifths, strict=True)))
    assert value_of(known) == value


def test_the_label_joins_tier_and_value() -> None:
    known = facts(5, "0.5", 0) | FactSet({"rfm.r": 3, "rfm.f": 3, "rfm.m": 3})
    assert rate(ICP, known).label == "B2"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tiers": {"A": 0.5, "B": 0.5, "C": 0.2}}, "A must need more than B"),
        ({"dimensions": []}, "at least one"),
        ({"dimensions": [{**RAW["dimensions"][0], "most": 90}]}, "cannot add up to 90"),
        ({"disqualifiers": [{"fact": "order.cont", "is": 1}]}, r"disqualifiers\[0\]: there is no fact"),
    ],
)
def test_mistakes_are_named(change: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidContent, match=words):
        parse_icp({**RAW, **change}, path="icp")
