"""The decision: what to offer to this customer in this conversation, at most three things, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from sqlalchemy.orm import Session

from assist.models.decision import Decision, Restraint, Suggestion
from assist.services.candidates import Offering, Offerings, as_candidate, gather
from assist.services.desk import Desk
from assist.services.facts import Dossier, find_gate, know, open_dossier
from assist.services.suggestion import Voice, make_view, read_view, to_document
from assist.services.views import Gate, Suggestions, SuggestionView
from assist.store import decisions as store
from assist.store.customers import find_customer
from personas import matcher
from personas.arbitration import Decision as Verdict
from personas.arbitration import Ranked, arbitrate
from personas.candidates import Removal, Situation
from personas.facts import FactSet
from personas.persona import Persona
from personas.policies import EffectKind

SHOWN = 3
STAYS = timedelta(minutes=30)
"""Coming back to a conversation within this time shows the same decision: nothing reorders behind an agent's back."""
RECENT = timedelta(days=30)
KEPT_REMOVALS = 60
SILENCE = {
    "objection": "objection",
    "consent_unknown": "no_consent",
    "not_asked_for": "no_consent",
}
"""Why nothing is offered, by the rule that took every candidate out."""


@dataclass(frozen=True, slots=True)
class Request:
    customer_id: int
    agent_id: int
    context: str
    """The conversation, as the chat tool names it."""


@dataclass(frozen=True, slots=True)
class _Brief:
    """Everything a decision rests on."""

    dossier: Dossier
    restraints: Sequence[Restraint]
    offerings: Offerings
    recent: store.Recent
    facts: FactSet
    persona: Persona | None
    gate: Gate | None


def decide(desk: Desk, *, customer_id: int, agent_id: int, context: str, language: str) -> Suggestions:  # noqa: ARG001 - talk tracks are in the customer's language; the agent's is for rules to come
    """Stored with every removal; a decision made for this conversation shortly before is shown again."""
    request = Request(customer_id, agent_id, context)
    with desk.database.reading() as session:
        customer = find_customer(session, customer_id)
        if customer is None:
            return Suggestions(None, (), silence="no_customer")
        dossier = open_dossier(session, customer, desk.clock.now())
        kept = _find_kept(session, request, dossier)
        if kept:
            return kept
        brief = _read(desk, session, dossier, context=context)
    verdict = _weigh(desk, brief)
    decision = _decision(desk, request, brief, verdict)
    views = _views(desk, brief, verdict)
    with desk.database.writing() as session:
        session.bulk_save_objects([decision, *_rows(decision, brief, verdict, views)])
    return Suggestions(decision.id, views, decision.silence, brief.gate, decision.model_version)


def preview(
    desk: Desk, session: Session, dossier: Dossier, *, basket: Sequence[str] = ()
) -> tuple[SuggestionView, ...]:
    """What would be suggested, for people at a command line: nothing is stored."""
    brief = _read(desk, session, dossier, context="", basket=basket)
    return _views(desk, brief, _weigh(desk, brief))


def _read(
    desk: Desk, session: Session, dossier: Dossier, *, context: str, basket: Sequence[str] = ()
) -> _Brief:
    restraints = [
        one
        for one in store.list_restraints(session, dossier.customer_ids, dossier.now)
        if one.kind != EffectKind.CLOSE_GATE or one.subject == context
    ]
    owned = {one.subject for one in restraints if one.kind == EffectKind.OWNED and one.subject}
    facts = know(desk, dossier)
    leading = matcher.best(desk.personas.personas, facts).leading
    return _Brief(
        dossier=dossier,
        restraints=restraints,
        offerings=gather(desk, session, dossier, basket=basket, exclude=owned),
        recent=store.count_recent(session, dossier.customer_ids, dossier.now - RECENT),
        facts=facts,
        persona=leading[0].persona if len(leading) == 1 else None,
        gate=_gate(dossier, restraints),
    )


def _gate(dossier: Dossier, restraints: Sequence[Restraint]) -> Gate | None:
    if any(one.kind == EffectKind.CLOSE_GATE for one in restraints):
        return Gate("agent_closed", "")
    return find_gate(dossier)


def _weigh(desk: Desk, brief: _Brief) -> Verdict:
    policies, gate = desk.personas.policies, brief.gate
    customer = brief.dossier.customer
    objected = any(one.kind == EffectKind.OBJECTION for one in brief.restraints)
    situation = Situation(
        now=brief.dossier.now,
        consent=policies.consent_for(customer.country),
        offers=False if objected else brief.dossier.offers,
        open_complaint=gate is not None and gate.code == "open_complaint",
        late_days=gate.days if gate and gate.code == "late_order" else 0,
        closed_by_agent=gate is not None and gate.code == "agent_closed",
        currency=brief.offerings.currency,
        recent_offers=brief.recent.offers,
        recent_declines=brief.recent.declines,
    )
    pool = [
        as_candidate(one, brief.restraints, brief.dossier, persona=brief.persona)
        for one in brief.offerings.items
    ]
    return arbitrate(pool, situation, weighing=policies.weighing, limit=SHOWN)


def _views(desk: Desk, brief: _Brief, verdict: Verdict) -> tuple[SuggestionView, ...]:
    customer = brief.dossier.customer
    register = brief.persona.conversation.register if brief.persona else "neutral"
    voice = Voice(
        tracks=desk.personas.talk_tracks,
        language=customer.language or "en",
        register=customer.register or register,
        given_name=customer.given_name or None,
    )
    return tuple(
        make_view(offering, position=position, names=brief.offerings.names, voice=voice)
        for position, (_, offering) in enumerate(_chosen(brief, verdict), start=1)
    )


def _chosen(brief: _Brief, verdict: Verdict) -> list[tuple[Ranked, Offering]]:
    by_sku = {offering.product.sku: offering for offering in brief.offerings.items}
    return [(ranked, by_sku[ranked.candidate.product]) for ranked in verdict.chosen]


def _decision(desk: Desk, request: Request, brief: _Brief, verdict: Verdict) -> Decision:
    serving = desk.models.current()
    return Decision(
        id=uuid4().hex,
        customer_id=request.customer_id,
        agent_id=request.agent_id,
        context=request.context,
        decided_at=brief.dossier.now,
        model_version=serving.version if serving else None,
        persona=brief.persona.key if brief.persona else None,
        silence=None if verdict.chosen else _silence(brief, verdict, has_model=serving is not None),
        removed=[_document(removal) for removal in verdict.removed[:KEPT_REMOVALS]],
    )


def _document(removal: Removal) -> dict[str, str]:
    return {
        "stage": removal.stage.value,
        "rule": removal.rule,
        "product": removal.product,
        "actual": removal.actual,
        "wanted": removal.wanted,
    }


def _silence(brief: _Brief, verdict: Verdict, *, has_model: bool) -> str:
    if brief.gate:
        return "gate"
    if not has_model:
        return "no_model"
    rules = {removal.rule for removal in verdict.removed}
    return next((silence for rule, silence in SILENCE.items() if rule in rules), "nothing_fits")


def _rows(
    decision: Decision, brief: _Brief, verdict: Verdict, views: Sequence[SuggestionView]
) -> list[Suggestion]:
    return [
        Suggestion(
            id=view.id,
            decision_id=decision.id,
            customer_id=decision.customer_id,
            position=view.position,
            product_id=offering.product.id,
            kind=view.kind,
            anchor_id=offering.anchor.id if offering.anchor else None,
            score=ranked.candidate.score,
            expected_value=ranked.worth.expected,
            shown=to_document(view),
        )
        for view, (ranked, offering) in zip(views, _chosen(brief, verdict), strict=True)
    ]


def _find_kept(session: Session, request: Request, dossier: Dossier) -> Suggestions | None:
    """The last decision of this conversation, unless something has happened since that it does not know."""
    decision = store.find_decision(
        session,
        customer_id=request.customer_id,
        agent_id=request.agent_id,
        context=request.context,
        since=dossier.now - STAYS,
    )
    if decision is None or decision.silence or find_gate(dossier) or _outdated(session, decision, dossier):
        return None
    rows = store.list_suggestions(session, decision.id)
    standing = store.list_standing(session, [row.id for row in rows])
    views = tuple(read_view(row.shown, standing.get(row.id, [])) for row in rows)
    return Suggestions(decision.id, views, model_version=decision.model_version)


def _outdated(session: Session, decision: Decision, dossier: Dossier) -> bool:
    ordered = any(row.placed_at > decision.decided_at for row in dossier.purchases)
    binding = (EffectKind.OBJECTION, EffectKind.CLOSE_GATE)
    restraints = store.list_restraints(session, dossier.customer_ids, dossier.now)
    bound = any(one.kind in binding and one.subject in (None, decision.context) for one in restraints)
    return ordered or bound or dossier.offers is False
