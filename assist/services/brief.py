"""What a decision rests on: the customer, what earlier ones left behind, the release in force, and candidates."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from assist.services.candidates import Offering, Offerings, as_candidate, gather
from assist.services.desk import Desk
from assist.services.facts import Dossier, find_gate, know, open_dossier
from assist.services.rulings import find_ruled_gate, judge_dossier
from assist.services.shelf import InForce
from assist.services.tallies import NOTHING, speaks_against, tally
from assist.services.views import Gate
from assist.store import decisions as store
from assist.store.customers import find_customer
from assist.store.persona_choices import ChoiceRow, find_choice
from crm_adapters.model import Act
from personas import matcher
from personas.arbitration import Decision as Verdict
from personas.arbitration import arbitrate
from personas.candidates import Candidate, Situation
from personas.catalogue import Catalogue
from personas.facts import FactSet
from personas.persona import Persona
from personas.policies import EffectKind, Policies
from personas.rulings import UNRULED, Ruling

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
    choice: ChoiceRow | None = None
    """The agent's last word on the persona in this conversation."""


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
    ids = dossier.customer_ids
    choice = find_choice(session, ids, agent_id=request.agent_id, context=request.context)
    return Past(decisions, restraints, store.list_acts(session, ids), choice)


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
    return Brief(
        request=request,
        release=in_force,
        dossier=dossier,
        past=past,
        offerings=gather(desk, session, dossier, basket=basket, exclude=owned),
        persona=_persona(in_force.catalogue, past.choice, facts),
        gate=find_closed(dossier, past) or find_ruled_gate(ruling, request.language),
        ruling=ruling,
    )


def _persona(catalogue: Catalogue, choice: ChoiceRow | None, facts: FactSet) -> Persona | None:
    """The agent's choice, as long as there is such a persona; else the one that leads."""
    chosen = next((one for one in catalogue.personas if choice and one.key == choice.persona), None)
    if choice and choice.holds and (chosen or choice.persona is None):
        return chosen
    leading = matcher.best(catalogue.personas, facts).leading
    return leading[0].persona if len(leading) == 1 else None


def find_closed(dossier: Dossier, past: Past) -> Gate | None:
    """By the agent, or by trouble; rules may close it too."""
    if any(one.kind == EffectKind.CLOSE_GATE for one in past.restraints):
        return Gate("agent_closed", "")
    return find_gate(dossier)


def look_at_gate(desk: Desk, request: Request) -> Gate | None:
    """Why nothing is sold in this conversation now; None also where nobody is there to sell to."""
    with desk.database.reading() as session:
        customer = find_customer(session, request.customer_id)
        if customer is None:
            return None
        dossier = open_dossier(session, customer, desk.clock.now())
        closed = find_closed(dossier, look_back(session, request, dossier))
    ruling = UNRULED if closed else judge_dossier(desk, dossier, desk.personas.rules)
    return closed or find_ruled_gate(ruling, request.language)


def weigh(brief: Brief) -> Verdict:
    weighing = brief.release.catalogue.policies.weighing
    pool = as_pool(brief.offerings.items, brief)
    return arbitrate(pool, situation_of(brief), weighing=weighing, ruling=brief.ruling, limit=SHOWN)


def situation_of(brief: Brief) -> Situation:
    policies, currency = brief.release.catalogue.policies, brief.offerings.currency
    return situate(policies, brief.dossier, brief.past, brief.gate, currency=currency)


def as_pool(offerings: Sequence[Offering], brief: Brief) -> list[Candidate]:
    restraints, persona = brief.past.restraints, brief.persona
    pool = [as_candidate(one, restraints, brief.dossier, persona=persona) for one in offerings]
    tallies = tally(brief.past.acts, brief.release.catalogue.policies)
    return [each._replace(offer=tallies.get(each.product, NOTHING)) for each in pool] if tallies else pool


def situate(
    policies: Policies, dossier: Dossier, past: Past, gate: Gate | None, *, currency: str | None = None
) -> Situation:
    recent = [one for one in past.acts if one.at > dossier.now - RECENT]
    objected = any(one.kind == EffectKind.OBJECTION for one in past.restraints)
    return Situation(
        now=dossier.now,
        consent=policies.consent_for(dossier.customer.country),
        offers=False if objected else dossier.offers,
        open_complaint=gate is not None and gate.code == "open_complaint",
        late_days=gate.days if gate and gate.code == "late_order" else 0,
        closed_by_agent=gate is not None and gate.code == "agent_closed",
        currency=currency,
        recent_offers=sum(one.act == Act.OFFERED for one in recent),
        recent_declines=sum(speaks_against(one, policies) for one in recent),
    )
