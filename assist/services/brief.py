"""What a decision rests on: what is known of the customer whatever the release, and what a release makes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from assist.services.candidates import Offerings, gather
from assist.services.cart import read_cart
from assist.services.desk import Desk
from assist.services.facts import Dossier, count_down, find_gate, know
from assist.services.rulings import find_ruled_gate, judge_dossier
from assist.services.shelf import InForce
from assist.services.views import Gate
from assist.store import decisions as store
from personas import matcher
from personas.facts import FactSet
from personas.persona import Persona
from personas.policies import EffectKind
from personas.rulings import Ruling

RECENT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Request:
    customer_id: int
    agent_id: int
    context: str
    """The conversation, as the chat tool names it."""
    language: str = "en"
    """The agent's."""


@dataclass(frozen=True, slots=True)
class Past:
    """What earlier decisions for the person left behind."""

    decisions: Sequence[store.DecisionRow] = ()
    restraints: Sequence[store.RestraintRow] = ()
    recent: store.Recent = store.Recent()  # noqa: RUF009 - immutable


@dataclass(frozen=True, slots=True)
class Reading:
    """The same under every release."""

    request: Request
    dossier: Dossier
    past: Past
    facts: FactSet
    """Without the days of a release's calendar."""
    offerings: Offerings


@dataclass(frozen=True, slots=True)
class Brief:
    """Everything a decision rests on."""

    reading: Reading
    release: InForce
    persona: Persona | None
    gate: Gate | None
    ruling: Ruling


def look_back(session: Session, request: Request, dossier: Dossier) -> Past:
    decisions = store.list_decisions(session, dossier.customer_ids)
    if not decisions:
        return Past()  # what was never offered anything left nothing behind
    restraints = store.list_restraints(session, dossier.customer_ids, dossier.now)
    recent = store.count_recent(session, dossier.customer_ids, dossier.now - RECENT)
    return Past(decisions, keep_binding(restraints, request), recent)


def keep_binding(restraints: Sequence[store.RestraintRow], request: Request) -> list[store.RestraintRow]:
    """Without the gates that were closed in other conversations."""
    return [one for one in restraints if one.kind != EffectKind.CLOSE_GATE or one.subject == request.context]


def read(
    desk: Desk,
    session: Session,
    request: Request,
    dossier: Dossier,
    past: Past,
    *,
    basket: Sequence[str] = (),
) -> Reading:
    owned = {one.subject for one in past.restraints if one.kind == EffectKind.OWNED and one.subject}
    facts = know(desk, dossier, read_cart(session, dossier, basket))
    return Reading(
        request, dossier, past, facts, gather(desk, session, dossier, basket=basket, exclude=owned)
    )


def judge_by(desk: Desk, release: InForce, reading: Reading) -> Brief:
    dossier, catalogue = reading.dossier, release.catalogue
    facts = count_down(reading.facts, catalogue.calendar, dossier)
    ruling = judge_dossier(desk, dossier, catalogue, facts)
    leading = matcher.best(catalogue.personas, facts).leading
    gate = _find_gate(reading) or find_ruled_gate(ruling, reading.request.language)
    return Brief(reading, release, leading[0].persona if len(leading) == 1 else None, gate, ruling)


def _find_gate(reading: Reading) -> Gate | None:
    if any(one.kind == EffectKind.CLOSE_GATE for one in reading.past.restraints):
        return Gate("agent_closed", "")
    return find_gate(reading.dossier)
