"""What a decision rests on: what is known of the customer whatever the release, and what a release makes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from assist.services.candidates import Offering, Offerings, as_candidate, gather
from assist.services.cart import read_cart
from assist.services.desk import Desk
from assist.services.facts import Dossier, count_down, find_gate, know, open_dossier
from assist.services.lineages import add_said
from assist.services.rulings import find_ruled_gate, judge_dossier
from assist.services.shelf import InForce
from assist.services.views import Gate
from assist.store import decisions as store
from assist.store.customers import find_customer
from assist.store.persona_choices import ChoiceRow, find_choice
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
    recent: store.Recent = store.NOT_LATELY
    choice: ChoiceRow | None = None
    """The agent's last word on the persona in this conversation."""


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

    @property
    def request(self) -> Request:
        return self.reading.request

    @property
    def dossier(self) -> Dossier:
        return self.reading.dossier

    @property
    def past(self) -> Past:
        return self.reading.past

    @property
    def offerings(self) -> Offerings:
        return self.reading.offerings


def look_back(session: Session, request: Request, dossier: Dossier) -> Past:
    decisions = store.list_decisions(session, dossier.customer_ids)
    if not decisions:
        return Past()  # what was never offered anything left nothing behind
    ids = dossier.customer_ids
    restraints = store.list_restraints(session, ids, dossier.now)
    recent = store.count_recent(session, ids, dossier.now - RECENT)
    choice = find_choice(session, ids, agent_id=request.agent_id, context=request.context)
    return Past(decisions, keep_binding(restraints, request), recent, choice)


def keep_binding(restraints: Sequence[store.RestraintRow], request: Request) -> list[store.RestraintRow]:
    """Without the gates that were closed in other conversations."""
    return [one for one in restraints if one.kind != EffectKind.CLOSE_GATE or one.subject == request.context]


def read_brief(
    desk: Desk,
    session: Session,
    request: Request,
    dossier: Dossier,
    past: Past,
    *,
    basket: Sequence[str] = (),
) -> Brief:
    """By the release in force."""
    reading = read(desk, session, request, dossier, past, basket=basket)
    return judge_by(desk, desk.releases.current(), reading)


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
    facts = count_down(reading.facts, catalogue.counted, dossier)
    ruling = judge_dossier(desk, dossier, catalogue, facts)
    gate = find_closed(dossier, reading.past) or find_ruled_gate(ruling, reading.request.language)
    return Brief(reading, release, _persona(catalogue, reading.past.choice, facts), gate, ruling)


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
    ruling = UNRULED if closed else judge_dossier(desk, dossier, desk.personas)
    return closed or find_ruled_gate(ruling, request.language)


def weigh(brief: Brief) -> Verdict:
    """What is chosen, and why the rest is not. Asks nobody and keeps nothing."""
    weighing = brief.release.catalogue.policies.weighing
    pool = as_pool(brief.offerings.items, brief)
    return arbitrate(pool, situation_of(brief), weighing=weighing, ruling=brief.ruling, limit=SHOWN)


def situation_of(brief: Brief) -> Situation:
    policies, currency = brief.release.catalogue.policies, brief.offerings.currency
    return situate(policies, brief.dossier, brief.past, brief.gate, currency=currency)


def as_pool(offerings: Sequence[Offering], brief: Brief) -> Sequence[Candidate]:
    restraints, tallies = brief.past.restraints, brief.offerings.tallies
    pool = [
        as_candidate(one, restraints, brief.dossier, persona=brief.persona, tallies=tallies)
        for one in offerings
    ]
    return add_said(pool, brief.past.recent.said, brief.release.catalogue.policies, tallies)


def situate(
    policies: Policies, dossier: Dossier, past: Past, gate: Gate | None, *, currency: str | None = None
) -> Situation:
    declines = (policies.negative_of(reason) * count for reason, count in past.recent.declines.items())
    objected = any(one.kind == EffectKind.OBJECTION for one in past.restraints)
    return Situation(
        now=dossier.now,
        consent=policies.consent_for(dossier.customer.country),
        offers=False if objected else dossier.offers,
        open_complaint=gate is not None and gate.code == "open_complaint",
        late_days=gate.days if gate and gate.code == "late_order" else 0,
        closed_by_agent=gate is not None and gate.code == "agent_closed",
        currency=currency,
        recent_offers=past.recent.offers,
        recent_declines=float(sum(declines)),
        most_offers=policies.most_offers,
    )
