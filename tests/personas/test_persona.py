from typing import Any

import pytest
import yaml

from personas.catalogue import SHIPPED
from personas.content import InvalidContent
from personas.persona import parse_persona

SET = {"fact": "order.count", "at_least": 3}


def shipped() -> dict[str, Any]:
    raw: dict[str, Any] = yaml.safe_load((SHIPPED / "personas" / "mobile_gamer.yaml").read_text("utf-8"))
    return raw


@pytest.mark.parametrize(
    ("change", "place", "words"),
    [
        ({"treshold": 1}, "p", "there is no field treshold"),
        ({"threshold": 2}, "p.threshold", "from 0 to 1"),
        ({"minimum_coverage": 0.4}, "p.minimum_coverage", "at least 0.5"),
        ({"name": "Gamer"}, "p.name", "a mapping"),
        ({"review_on": "soon"}, "p.review_on", "a date"),
        ({"criteria": [{"if": SET, "weight": 6}]}, "p.criteria[0].weight", "from -5 to 5"),
        ({"criteria": [{"if": SET, "weight": 1.5}]}, "p.criteria[0].weight", "whole"),
        ({"criteria": [{"if": SET}]}, "p.criteria[0]", "evidence needs a weight"),
        ({"criteria": [{"if": SET, "weight": -1}]}, "p", "above 0"),
        (
            {"criteria": [{"if": SET, "weight": 1, "role": "requird"}]},
            "p.criteria[0].role",
            "Did you mean required?",
        ),
        ({"criteria": [{"if": SET, "weight": -1, "role": "required"}]}, "p.criteria[0]", "weigh against"),
        ({"criteria": [{"if": SET, "weight": 1, "role": "disqualifier"}]}, "p.criteria[0]", "weigh for"),
        ({"criteria": [{"if": {"fact": "x", "is": 1}, "weight": 1}]}, "p.criteria[0].if", "no fact x"),
        ({"selling": {"affinities": {"audio": 3}}}, "p.selling.affinities.audio", "from 0 to 2"),
    ],
)
def test_says_what_is_wrong_and_where(change: dict[str, Any], place: str, words: str) -> None:
    with pytest.raises(InvalidContent) as caught:
        parse_persona({**shipped(), **change}, key="mobile_gamer", path="p")
    assert caught.value.path == place
    assert words in caught.value.problem
