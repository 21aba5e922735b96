"""Why a product is not offered: everything in its way in the order of the stages, and what would have let it pass."""

from typing import NamedTuple

from personas.arbitration import Decision, Worth, order_of
from personas.candidates import Candidate, Removal, Situation
from personas.eligibility import screen
from personas.misses import Change
from personas.rules import Rule
from personas.rulings import Refusal, Ruling, code_of


class Obstacle(NamedTuple):
    removal: Removal
    rule: Rule | None = None
    """Where people wrote it."""
    changes: tuple[Change, ...] = ()
    """The least change of facts with which that rule lets the product pass; empty where none would do."""


class WhyNot(NamedTuple):
    product: str
    obstacles: tuple[Obstacle, ...] = ()
    """The first is where it fell; empty: it is offered."""
    position: int | None = None
    """Where it is offered."""
    place: int | None = None
    """Among all that may be offered, from 1; None where it may not."""
    worth: Worth | None = None
    last: Worth | None = None
    """Of the last that is offered."""


def why_not(product: str, decision: Decision, ruling: Ruling) -> WhyNot | None:
    """None for what was no candidate."""
    removed = [each for each in decision.removed if each.product == product]
    places = {each.candidate.product: place for place, each in enumerate(decision.ranked, start=1)}
    place = places.get(product)
    if place is None and not removed:
        return None
    shown = [each.candidate.product for each in decision.chosen]
    return WhyNot(
        product,
        tuple(_obstacle(each, ruling) for each in removed),
        shown.index(product) + 1 if product in shown else None,
        place,
        decision.ranked[place - 1].worth if place else None,
        decision.chosen[-1].worth if decision.chosen else None,
    )


def why_never(candidate: Candidate, cause: Removal | None, situation: Situation, ruling: Ruling) -> WhyNot:
    """Of what was no candidate, for `cause` where its other obstacles do not say it; with what would be in its way
    if it were one. A kind of "" is in the scope of no rule about kinds."""
    _, removed = screen([candidate], situation, ruling)
    causes = [cause] if cause else []
    found = sorted([*causes, *removed], key=order_of)
    return WhyNot(candidate.product, tuple(_obstacle(each, ruling) for each in found))


def _obstacle(removal: Removal, ruling: Ruling) -> Obstacle:
    refusal = next((each for each in ruling.refusals if code_of(each.rule) == removal.rule), None)
    if refusal is None:
        caps = (rule for rule, _ in ruling.caps if code_of(rule) == removal.rule)
        return Obstacle(removal, next(caps, None))
    return Obstacle(removal, refusal.rule, _changes(refusal))


def _changes(refusal: Refusal) -> tuple[Change, ...]:
    miss = refusal.miss()
    return miss.changes if miss else ()
