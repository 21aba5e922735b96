"""What to ask next: the question whose answer tells most about which persona a customer is.

family.owned:
  asks: {en: "Which phone do they use?", es: "¿Qué teléfono usa?", pt-BR: "Qual celular usa?"}
  answers:
    storm: {en: Storm, es: Storm, pt-BR: Storm}
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import fsum, log2
from typing import TypeAlias

from personas.content import Fields, InvalidContent
from personas.fact import FactType
from personas.facts import FactSet, FactValue, find_fact, slug
from personas.languages import Translated
from personas.matcher import Verdict, match
from personas.parse import require_fact
from personas.persona import Persona
from personas.sensitivity import is_barred

LEAST_BITS = 0.01
"""Of information; a question that tells less is not worth the customer's time."""
MOST_ANSWERS = 8
DIGITS = 9
_TRUTHS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Question:
    fact: str
    asks: Translated
    answers: Mapping[str, Translated]
    """By the value as it is written down; of a set, one member."""


Questions: TypeAlias = Mapping[str, Question]
"""By the fact they ask for."""


def choose_question(questions: Questions, personas: Sequence[Persona], facts: FactSet) -> Question | None:
    """Of those whose fact is unknown, the one that is expected to leave least entropy over the personas, all its
    answers being equally likely; of equal ones the first by name. None where none tells anything."""
    before = _entropy(personas, facts)
    gains = {
        name: round(before - _expect(question, personas, facts), DIGITS)
        for name, question in questions.items()
        if name not in facts
    }
    best = min(gains, key=lambda name: (-gains[name], name), default=None)
    return questions[best] if best is not None and gains[best] >= LEAST_BITS else None


def _expect(question: Question, personas: Sequence[Persona], facts: FactSet) -> float:
    after = [
        _entropy(personas, facts | FactSet({question.fact: read_answer(question.fact, answer)}))
        for answer in question.answers
    ]
    return fsum(after) / len(after)


def _entropy(personas: Sequence[Persona], facts: FactSet) -> float:
    """In bits, over the personas and nobody of them. A persona weighs the middle between its score and what it can
    still reach, nothing once it cannot match; nobody weighs what the heaviest lacks to 1."""
    found = [match(persona, facts) for persona in personas]
    heavy = [float(one.score + one.potential) / 2 for one in found if one.verdict is not Verdict.NOT_MATCHED]
    weights = [*heavy, 1.0 - max(heavy, default=0.0)]
    total = fsum(weights)
    return -fsum(weight / total * log2(weight / total) for weight in weights if weight > 0)


def read_answer(fact: str, written: str) -> FactValue | None:
    """None for what the fact cannot be."""
    declared = find_fact(fact)
    if declared is None or not written:
        return None
    match declared.type:
        case FactType.BOOLEAN:
            return _TRUTHS.get(written)
        case FactType.NUMBER:
            return _read_number(written)
        case FactType.SET:
            return frozenset({written}) if slug(written) == written else None
        case FactType.TEXT:
            return written if not declared.values or written in declared.values else None
    return None


def _read_number(written: str) -> int | Decimal | None:
    try:
        value = Decimal(written)
    except InvalidOperation:
        return None
    if not value.is_finite():
        return None
    return int(value) if value == value.to_integral_value() else value


def parse_questions(raw: object, *, path: str) -> Questions:
    """Raises InvalidContent with the place of the mistake."""
    fields = Fields(raw, path)
    return {name: _question(name, fields.raw(name), fields.at(name)) for name in fields}


def _question(name: str, raw: object, path: str) -> Question:
    fact = require_fact(name, path)
    if is_barred(fact.name):
        raise InvalidContent(path, f"{fact.name} is barred: nobody is asked about it")
    fields = Fields(raw, path)
    answers = Fields(fields.raw("answers"), fields.at("answers"))
    question = Question(name, fields.translated("asks"), {key: answers.translated(key) for key in answers})
    fields.finish()
    if not 2 <= len(question.answers) <= MOST_ANSWERS:
        raise InvalidContent(answers.path, f"2 to {MOST_ANSWERS} answers are wanted")
    for key in question.answers:
        if read_answer(name, key) is None:
            raise InvalidContent(answers.at(key), f"{name}, a {fact.type}, cannot be {key}")
    return question
