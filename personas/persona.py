"""A persona: how to talk to a kind of customer, and what in their purchases shows that they are one."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import partial

from personas.conditions import Condition
from personas.content import Fields, InvalidContent, read_translated, read_word
from personas.languages import REGISTERS, Translated
from personas.parse import parse_condition

PRICE_SENSITIVITIES = ("low", "medium", "high")
LOWEST_COVERAGE = Decimal("0.5")
"""No persona may be matched on less than half of its evidence."""


class Role(StrEnum):
    EVIDENCE = "evidence"
    REQUIRED = "required"
    DISQUALIFIER = "disqualifier"


@dataclass(frozen=True, slots=True)
class Criterion:
    condition: Condition
    weight: int
    """-5 to 5."""
    role: Role = Role.EVIDENCE


@dataclass(frozen=True, slots=True)
class Objection:
    says: Translated
    answer: Translated


@dataclass(frozen=True, slots=True)
class Conversation:
    """How to talk to this kind of customer."""

    register: str
    """What to use where the customer's own form of address is not known."""
    languages: tuple[str, ...]
    channels: tuple[str, ...]
    """Preferred first; from observed behaviour."""
    do: tuple[Translated, ...]
    dont: tuple[Translated, ...]
    objections: tuple[Objection, ...]


@dataclass(frozen=True, slots=True)
class Selling:
    affinities: Mapping[str, Decimal]
    """How much more (above 1) or less this kind of customer takes to a category, by its slug; 0.5 to 2."""
    price_sensitivity: str
    concession_ceiling: Decimal
    """Percent of the price that may at most be given."""


@dataclass(frozen=True, slots=True)
class Persona:
    key: str
    name: Translated
    summary: Translated
    goals: tuple[Translated, ...]
    pains: tuple[Translated, ...]
    conversation: Conversation
    selling: Selling
    criteria: tuple[Criterion, ...]
    threshold: Decimal
    minimum_coverage: Decimal
    evidence: Translated
    """What the persona rests on."""
    review_on: date


def parse_persona(raw: object, *, key: str, path: str, unlocked: Collection[str] = frozenset()) -> Persona:
    """Raises InvalidContent with the place of the mistake."""
    fields = Fields(raw, path)
    persona = Persona(
        key=key,
        name=fields.translated("name"),
        summary=fields.translated("summary"),
        goals=fields.items("goals", read_translated),
        pains=fields.items("pains", read_translated),
        conversation=_conversation(fields.raw("conversation"), fields.at("conversation")),
        selling=_selling(fields.raw("selling"), fields.at("selling")),
        criteria=fields.items("criteria", partial(_criterion, unlocked=unlocked)),
        threshold=Decimal(fields.number("threshold", 0, 1)),
        minimum_coverage=_coverage(fields),
        evidence=fields.translated("evidence"),
        review_on=fields.day("review_on"),
    )
    fields.finish()
    _refuse_unreachable(persona, path)
    return persona


def _refuse_unreachable(persona: Persona, path: str) -> None:
    if not any(criterion.weight > 0 for criterion in persona.criteria):
        raise InvalidContent(path, "criteria: at least one needs a weight above 0")


def _coverage(fields: Fields) -> Decimal:
    value = Decimal(fields.number("minimum_coverage", 0, 1))
    if value < LOWEST_COVERAGE:
        raise InvalidContent(fields.at("minimum_coverage"), f"at least {LOWEST_COVERAGE} is wanted")
    return value


def _conversation(raw: object, path: str) -> Conversation:
    fields = Fields(raw, path)
    conversation = Conversation(
        register=fields.choice("register", REGISTERS),
        languages=fields.items("languages", read_word),
        channels=fields.items("channels", read_word),
        do=fields.items("do", read_translated),
        dont=fields.items("dont", read_translated),
        objections=fields.items("objections", _objection),
    )
    fields.finish()
    return conversation


def _objection(raw: object, path: str) -> Objection:
    fields = Fields(raw, path)
    objection = Objection(fields.translated("says"), fields.translated("answer"))
    fields.finish()
    return objection


def _selling(raw: object, path: str) -> Selling:
    fields = Fields(raw, path)
    affinities = Fields(fields.raw("affinities"), fields.at("affinities"))
    selling = Selling(
        affinities={category: _affinity(affinities, category) for category in affinities},
        price_sensitivity=fields.choice("price_sensitivity", PRICE_SENSITIVITIES),
        concession_ceiling=Decimal(fields.number("concession_ceiling", 0, 100)),
    )
    fields.finish()
    return selling


def _affinity(affinities: Fields, category: str) -> Decimal:
    value = Decimal(affinities.number(category, 0, 2))
    if value < Decimal("0.5"):
        raise InvalidContent(affinities.at(category), "a number from 0.5 to 2 is wanted")
    return value


def _criterion(raw: object, path: str, unlocked: Collection[str]) -> Criterion:
    fields = Fields(raw, path)
    role = Role(fields.choice("role", list(Role))) if "role" in fields else Role.EVIDENCE
    weight = fields.whole("weight", -5, 5) if "weight" in fields else 0
    condition = parse_condition(fields.raw("if"), path=fields.at("if"), unlocked=unlocked)
    fields.finish()
    _refuse_weight(role, weight, path)
    return Criterion(condition, weight, role)


def _refuse_weight(role: Role, weight: int, path: str) -> None:
    if role is Role.EVIDENCE and weight == 0:
        raise InvalidContent(path, "evidence needs a weight from -5 to 5 that is not 0")
    if role is Role.REQUIRED and weight < 0:
        raise InvalidContent(path, "what is required cannot weigh against the persona")
    if role is Role.DISQUALIFIER and weight > 0:
        raise InvalidContent(path, "a disqualifier cannot weigh for the persona")
