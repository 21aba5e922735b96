"""What a decision rests on: the customer, what earlier ones left behind, the release in force, and candidates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from assist.services.candidates import Offering, Offerings, as_candidate, gather
from assist.services.desk import Desk
from assist.services.facts import Dossier, find_gate, know
from assist.services.rulings import find_ruled_gate, judge_dossier
from assist.services.shelf import InForce
from assist.services.tallies import NOTHING, speaks_against, tally
from assist.services.views import Gate
from assist.store import decisions as store
from crm_adapters.model import Act
from personas import matcher
from personas.arbitration import Decision as Verdict
from personas.arbitration import arbitrate
from personas.candidates import Candidate, Situation
from personas.persona import Persona
from personas.policies import EffectKind
from personas.rulings import Ruling

SHOWN = 3
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
    acts: Sequence[store.ActRow] = ()


@dataclass(frozen=True, slots=True)
class Brief:
    """Everything a decision rests on."""

    request: Request
    release: InForce
    dossier: Dossier
    past: Past
    offerings: Offerings
    persona: Persona | None
    gate: Gate | None
    ruling: Ruling


def look_back(session: Session, request: Request, dossier: Dossier) -> Past:
    decisions = store.list_decisions(session, dossier.customer_ids)
    if not decisions:
        return Past()  # what was never offered anything left nothing behind
    restraints = [
        one
        for one in store.list_restraints(session, dossier.customer_ids, dossier.now)
        if one.kind != EffectKind.CLOSE_GATE or one.subject == request.context
    ]
    return Past(decisions, restraints, store.list_acts(session, dossier.customer_ids))


def read_brief(
    desk: Desk,
    session: Session,
    request: Request,
    dossier: Dossier,
    past: Past,
    *,
    basket: Sequence[str] = (),
) -> Brief:
    owned = {one.subject for one in past.restraints if one.kind == EffectKind.OWNED and one.subject}
    facts = know(desk, dossier)
    in_force = desk.releases.current()
    ruling = judge_dossier(desk, dossier, in_force.catalogue.rules, facts)
    leading = matcher.best(in_force.catalogue.personas, facts).leading
    return Brief(
        request=request,
        release=in_force,
        dossier=dossier,
        past=past,
        offerings=gather(desk, session, dossier, basket=basket, exclude=owned),
        persona=leading[0].persona if len(leading) == 1 else None,
        gate=_gate(dossier, past.restraints) or find_ruled_gate(ruling, request.language),
        ruling=ruling,
    )


def _gate(dossier: Dossier, restraints: Sequence[store.RestraintRow]) -> Gate | None:
    if any(one.kind == EffectKind.CLOSE_GATE for one in restraints):
        return Gate("agent_closed", "")
    return find_gate(dossier)


def weigh(brief: Brief) -> Verdict:
    weighing = brief.release.catalogue.policies.weighing
    pool = as_pool(brief.offerings.items, brief)
    return arbitrate(pool, situation_of(brief), weighing=weighing, ruling=brief.ruling, limit=SHOWN)


def as_pool(offerings: Sequence[Offering], brief: Brief) -> list[Candidate]:
    restraints, persona = brief.past.restraints, brief.persona
    pool = [as_candidate(one, restraints, brief.dossier, persona=persona) for one in offerings]
    tallies = tally(brief.past.acts, brief.release.catalogue.policies)
    return [each._replace(offer=tallies.get(each.product, NOTHING)) for each in pool] if tallies else pool


def situation_of(brief: Brief) -> Situation:
    policies, gate, past = brief.release.catalogue.policies, brief.gate, brief.past
    customer = brief.dossier.customer
    recent = [one for one in past.acts if one.at > brief.dossier.now - RECENT]
    objected = any(one.kind == EffectKind.OBJECTION for one in past.restraints)
    return Situation(
        now=brief.dossier.now,
        consent=policies.consent_for(customer.country),
        offers=False if objected else brief.dossier.offers,
        open_complaint=gate is not None and gate.code == "open_complaint",
        late_days=gate.days if gate and gate.code == "late_order" else 0,
        closed_by_agent=gate is not None and gate.code == "agent_closed",
        currency=brief.offerings.currency,
        recent_offers=sum(one.act == Act.OFFERED for one in recent),
        recent_declines=sum(speaks_against(one, policies) for one in recent),
    )
