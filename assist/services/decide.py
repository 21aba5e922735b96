"""The decision: what to offer to this customer in this conversation, at most three things, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from sqlalchemy.orm import Session

from assist.services.candidates import Explained, Offerings, as_candidate, explain, gather
from assist.services.cart import read_cart
from assist.services.desk import Desk
from assist.services.facts import Dossier, find_gate, know, open_dossier
from assist.services.rulings import find_ruled_gate, judge_dossier
from assist.services.shelf import InForce
from assist.services.suggestion import Voice, make_view, read_view, to_document
from assist.services.views import Gate, Suggestions, SuggestionView
from assist.store import decisions as store
from assist.store.customers import find_customer
from personas import matcher
from personas.arbitration import Decision as Verdict
from personas.arbitration import arbitrate
from personas.candidates import Removal, Situation
from personas.persona import Persona
from personas.policies import EffectKind
from personas.rulings import Ruling

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
    language: str = "en"
    """The agent's."""


@dataclass(frozen=True, slots=True)
class _Past:
    """What earlier decisions for the person left behind."""

    decisions: Sequence[store.DecisionRow] = ()
    restraints: Sequence[store.RestraintRow] = ()
    recent: store.Recent = store.Recent()  # noqa: RUF009 - immutable


@dataclass(frozen=True, slots=True)
class _Brief:
    """Everything a decision rests on."""

    request: Request
    release: InForce
    dossier: Dossier
    past: _Past
    offerings: Offerings
    persona: Persona | None
    gate: Gate | None
    ruling: Ruling


@dataclass(frozen=True, slots=True)
class _Chosen:
    verdict: Verdict
    explained: Sequence[Explained]
    """Of each that was chosen, in order."""


def decide(desk: Desk, *, customer_id: int, agent_id: int, context: str, language: str) -> Suggestions:
    """Stored with every removal; a decision made for this conversation shortly before is shown again.
    `language` is the agent's: talk tracks are in the customer's."""
    request = Request(customer_id, agent_id, context, language)
    with desk.database.reading() as session:
        customer = find_customer(session, customer_id)
        if customer is None:
            return Suggestions(None, (), silence="no_customer")
        dossier = open_dossier(session, customer, desk.clock.now())
        past = _look_back(session, request, dossier)
        kept = _find_kept(desk, session, request, past, dossier)
        if kept:
            return kept
        brief = _read(desk, session, request, dossier, past)
        chosen = _choose(session, brief)
    views = _views(brief, chosen)
    decision = _decision(desk, brief, chosen.verdict)
    # Nobody was promised it: what an agent does with it is, and takes it along to the disk.
    with desk.database.writing(promised=False) as session:
        store.add_decision(session, decision, _rows(decision, chosen, views))
    messages = brief.ruling.say(language)
    return Suggestions(decision.id, views, decision.silence, brief.gate, decision.model_version, messages)


def preview(
    desk: Desk, session: Session, dossier: Dossier, *, basket: Sequence[str] = ()
) -> tuple[SuggestionView, ...]:
    """What would be suggested, for people at a command line: nothing is stored."""
    request = Request(dossier.customer.id, 0, "")
    past = _look_back(session, request, dossier)
    brief = _read(desk, session, request, dossier, past, basket=basket)
    return _views(brief, _choose(session, brief))


def _look_back(session: Session, request: Request, dossier: Dossier) -> _Past:
    decisions = store.list_decisions(session, dossier.customer_ids)
    if not decisions:
        return _Past()  # what was never offered anything left nothing behind
    restraints = [
        one
        for one in store.list_restraints(session, dossier.customer_ids, dossier.now)
        if one.kind != EffectKind.CLOSE_GATE or one.subject == request.context
    ]
    return _Past(
        decisions, restraints, store.count_recent(session, dossier.customer_ids, dossier.now - RECENT)
    )


def _read(
    desk: Desk,
    session: Session,
    request: Request,
    dossier: Dossier,
    past: _Past,
    *,
    basket: Sequence[str] = (),
) -> _Brief:
    owned = {one.subject for one in past.restraints if one.kind == EffectKind.OWNED and one.subject}
    facts = know(desk, dossier, read_cart(session, dossier, basket))
    in_force = desk.releases.current()
    ruling = judge_dossier(desk, dossier, in_force.catalogue.rules, facts)
    leading = matcher.best(in_force.catalogue.personas, facts).leading
    return _Brief(
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


def _choose(session: Session, brief: _Brief) -> _Chosen:
    verdict = _weigh(brief)
    by_sku = {offering.product.sku: offering for offering in brief.offerings.items}
    offerings = [by_sku[ranked.candidate.product] for ranked in verdict.chosen]
    return _Chosen(verdict, explain(session, brief.offerings, offerings))


def _weigh(brief: _Brief) -> Verdict:
    policies, gate, past = brief.release.catalogue.policies, brief.gate, brief.past
    customer = brief.dossier.customer
    objected = any(one.kind == EffectKind.OBJECTION for one in past.restraints)
    situation = Situation(
        now=brief.dossier.now,
        consent=policies.consent_for(customer.country),
        offers=False if objected else brief.dossier.offers,
        open_complaint=gate is not None and gate.code == "open_complaint",
        late_days=gate.days if gate and gate.code == "late_order" else 0,
        closed_by_agent=gate is not None and gate.code == "agent_closed",
        currency=brief.offerings.currency,
        recent_offers=past.recent.offers,
        recent_declines=past.recent.declines,
    )
    pool = [
        as_candidate(one, past.restraints, brief.dossier, persona=brief.persona)
        for one in brief.offerings.items
    ]
    return arbitrate(pool, situation, weighing=policies.weighing, ruling=brief.ruling, limit=SHOWN)


def _views(brief: _Brief, chosen: _Chosen) -> tuple[SuggestionView, ...]:
    customer = brief.dossier.customer
    register = brief.persona.conversation.register if brief.persona else "neutral"
    voice = Voice(
        tracks=brief.release.catalogue.talk_tracks,
        language=customer.language or "en",
        register=customer.register or register,
        given_name=customer.given_name or None,
    )
    told = (brief.ruling.say_about(each.candidate, brief.request.language) for each in chosen.verdict.chosen)
    return tuple(
        make_view(explained, position=position, voice=voice, messages=messages)
        for position, (explained, messages) in enumerate(zip(chosen.explained, told, strict=True), start=1)
    )


def _decision(desk: Desk, brief: _Brief, verdict: Verdict) -> store.NewDecision:
    serving, request = desk.models.current(), brief.request
    return store.NewDecision(
        id=uuid4().hex,
        customer_id=request.customer_id,
        agent_id=request.agent_id,
        context=request.context,
        decided_at=brief.dossier.now,
        model_version=serving.version if serving else None,
        release=brief.release.digest,
        persona=brief.persona.key if brief.persona else None,
        silence=None if verdict.chosen else _silence(brief, verdict, has_model=serving is not None),
        removed=[_document(removal) for removal in verdict.removed[:KEPT_REMOVALS]],
    )


def _document(removal: Removal) -> dict[str, str]:
    return {
        "stage": removal.stage.value,
        "rule": removal.rule,
        "clause": removal.clause,
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
    decision: store.NewDecision, chosen: _Chosen, views: Sequence[SuggestionView]
) -> list[store.NewSuggestion]:
    return [
        store.NewSuggestion(
            id=view.id,
            decision_id=decision.id,
            customer_id=decision.customer_id,
            position=view.position,
            product_id=explained.offering.product.id,
            kind=view.kind,
            anchor_id=explained.anchor.id if explained.anchor else None,
            score=ranked.candidate.score,
            expected_value=ranked.worth.expected,
            shown=to_document(view),
        )
        for view, ranked, explained in zip(views, chosen.verdict.chosen, chosen.explained, strict=True)
    ]


def _find_kept(
    desk: Desk, session: Session, request: Request, past: _Past, dossier: Dossier
) -> Suggestions | None:
    """The last decision of this conversation, unless something has happened since that it does not know."""
    mine = (request.customer_id, request.agent_id, request.context)
    same = (row for row in past.decisions if (row.customer_id, row.agent_id, row.context) == mine)
    decision = next(same, None)
    if decision is None or decision.silence or _is_outdated(decision, past, dossier):
        return None
    ruling = judge_dossier(desk, dossier, desk.personas.rules)
    if ruling.gate:
        return None
    rows = store.list_suggestions(session, decision.id)
    standing = store.list_standing(session, [row.id for row in rows])
    views = tuple(read_view(row.shown, standing.get(row.id, [])) for row in rows)
    messages = ruling.say(request.language)
    return Suggestions(decision.id, views, model_version=decision.model_version, messages=messages)


def _is_outdated(decision: store.DecisionRow, past: _Past, dossier: Dossier) -> bool:
    ordered = any(row.placed_at > decision.decided_at for row in dossier.purchases)
    binding = (EffectKind.OBJECTION, EffectKind.CLOSE_GATE)
    bound = any(one.kind in binding and one.subject in (None, decision.context) for one in past.restraints)
    old = decision.decided_at <= dossier.now - STAYS
    return old or ordered or bound or dossier.offers is False or find_gate(dossier) is not None
