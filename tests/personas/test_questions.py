from collections.abc import Sequence
from copy import deepcopy
from math import log2
from typing import Any

import pytest

from personas.catalogue import load_catalogue
from personas.content import InvalidContent
from personas.facts import FactSet
from personas.matcher import Verdict, match
from personas.persona import Persona, parse_persona
from personas.questions import choose_question, parse_questions, read_answer
from personas.release import shipped

WORDS = {"en": "Word", "es": "Palabra", "pt-BR": "Palavra"}
PERSONA = deepcopy(dict(shipped().document))["personas/mobile_gamer.yaml"]


def persona(key: str, *criteria: dict[str, Any]) -> Persona:
    raw = {**PERSONA, "criteria": [{"if": one, "weight": 2} for one in criteria], "threshold": 0.5}
    return parse_persona(raw, key=key, path=f"{key}:")


def ask(*facts: str, values: Sequence[str] = ("a", "b")) -> Any:
    return parse_questions(
        {fact: {"asks": WORDS, "answers": dict.fromkeys(values, WORDS)} for fact in facts},
        path="questions.yaml:",
    )


GAMER = persona("gamer", {"fact": "crm.plays", "is": "a"}, {"fact": "crm.kind", "is": "a"})
MAKER = persona("maker", {"fact": "crm.plays", "is": "b"}, {"fact": "crm.kind", "is": "a"})


def asked(questions: Any, personas: Sequence[Persona], **known: Any) -> str | None:
    facts = FactSet({name.replace("__", "."): value for name, value in known.items()})
    question = choose_question(questions, personas, facts)
    return question.fact if question else None


def test_what_tells_them_apart_is_asked_before_what_they_have_in_common() -> None:
    questions = ask("crm.kind", "crm.plays")
    assert asked(questions, [GAMER, MAKER]) == "crm.plays"
    assert asked(questions, [GAMER, MAKER], crm__plays="a") == "crm.kind"
    assert asked(questions, [GAMER, MAKER], crm__plays="a", crm__kind="b") is None


def test_what_no_persona_rests_on_is_not_asked() -> None:
    assert asked(ask("crm.colour"), [GAMER, MAKER]) is None
    assert asked({}, [GAMER]) is None


def test_it_is_the_one_that_leaves_least_entropy_by_brute_force() -> None:
    """Written down anew, over every state of two facts."""
    personas, questions = [GAMER, MAKER], ask("crm.kind", "crm.plays")
    for plays in (None, "a", "b", "c"):
        for kind in (None, "a", "b"):
            facts = FactSet({"crm.plays": plays, "crm.kind": kind})
            open_ones = [name for name in sorted(questions) if name not in facts]
            left = {
                name: sum(entropy(personas, facts | FactSet({name: value})) for value in "ab") / 2
                for name in open_ones
            }
            best = min(left, key=lambda name: (round(left[name], 9), name), default=None)
            told = best is not None and entropy(personas, facts) - left[best] >= 0.01
            found = choose_question(questions, personas, facts)
            assert (found and found.fact) == (best if told else None)


def entropy(personas: Sequence[Persona], facts: FactSet) -> float:
    matches = [match(one, facts) for one in personas]
    weights = [
        float(one.score + one.potential) / 2 for one in matches if one.verdict is not Verdict.NOT_MATCHED
    ]
    weights.append(1 - max(weights, default=0.0))
    return -sum(weight / sum(weights) * log2(weight / sum(weights)) for weight in weights if weight)


def test_of_a_prospect_what_ships_asks_for_the_phone() -> None:
    catalogue = load_catalogue()
    facts = FactSet({"order.count": 0, "customer.lifecycle": "prospect", "customer.company_known": False})
    question = choose_question(catalogue.questions, catalogue.personas, facts)
    assert question
    assert question.fact == "family.owned"


@pytest.mark.parametrize(
    ("fact", "written", "value"),
    [
        ("family.owned", "storm", frozenset({"storm"})),
        ("family.owned", "Not short", None),
        ("customer.company_known", "true", True),
        ("customer.company_known", "yes", None),
        ("order.count", "3", 3),
        ("order.count", "many", None),
        ("customer.register", "formal", "formal"),
        ("customer.register", "rude", None),
        ("crm.level", "gold", "gold"),
        ("order.last_on", "2026-01-01", None),
        ("no.such", "x", None),
    ],
)
def test_answers_are_values_of_the_fact(fact: str, written: str, value: Any) -> None:
    assert read_answer(fact, written) == value


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (
            {"order.cont": {"asks": WORDS, "answers": {}}},
            "there is no fact order.cont. Did you mean order.count",
        ),
        ({"crm.age": {"asks": WORDS, "answers": {"a": WORDS, "b": WORDS}}}, "nobody is asked about it"),
        ({"crm.level": {"asks": WORDS, "answers": {"a": WORDS}}}, "2 to 8 answers are wanted"),
        (
            {"order.count": {"asks": WORDS, "answers": {"1": WORDS, "few": WORDS}}},
            "order.count, a number, cannot be few",
        ),
        ({"crm.level": {"asks": {"en": "Which?"}, "answers": {}}}, "es is missing"),
    ],
)
def test_a_mistake_is_told_with_its_place(raw: Any, said: str) -> None:
    with pytest.raises(InvalidContent, match=said) as caught:
        parse_questions(raw, path="questions.yaml:")
    assert str(caught.value).startswith("questions.yaml: ")
