"""The decision: what to offer to this customer in this conversation, at most three things, or nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy.orm import Session

from assist.logs import current_request_id
from assist.services.brief import Brief, Request, look_back, read_brief, weigh
from assist.services.candidates import Explained, explain
from assist.services.desk import Desk
from assist.services.facts import Dossier, open_dossier
from assist.services.kept import find_kept
from assist.services.suggestion import Voice, make_view, to_document, view_moves, view_worth
from assist.services.switchboard import Switch
from assist.services.views import Suggestions, SuggestionView
from assist.store import decisions as store
from assist.store.customers import find_customer
from personas.arbitration import Decision as Verdict
from personas.candidates import Removal

KEPT_REMOVALS = 60
SILENCE = {
    "objection": "objection",
    "consent_unknown": "no_consent",
    "not_asked_for": "no_consent",
    "offered_enough": "offered_enough",
}
"""Why nothing is offered, by the rule that took every candidate out."""


@dataclass(frozen=True, slots=True)
class _Chosen:
    verdict: Verdict
    explained: Sequence[Explained]
    """Of each that was chosen, in order."""


def decide(desk: Desk, *, customer_id: int, agent_id: int, context: str, language: str) -> Suggestions:
    """Stored with every removal; a decision made for this conversation shortly before is shown again.
    `language` is the agent's: talk tracks are in the customer's."""
    if desk.switches.find(Switch.SUGGESTIONS):
        return Suggestions(None, (), silence="switched_off")
    request = Request(customer_id, agent_id, context, language)
    with desk.database.reading() as session:
        customer = find_customer(session, customer_id)
        if customer is None:
            return Suggestions(None, (), silence="no_customer")
        dossier = open_dossier(session, customer, desk.clock.now())
        past = look_back(session, request, dossier)
        kept = find_kept(desk, session, request, past, dossier)
        if kept:
            return kept
        brief = read_brief(desk, session, request, dossier, past)
        chosen = _choose(session, brief)
    views = _views(brief, chosen)
    decision = _decision(brief, chosen.verdict)
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
    past = look_back(session, request, dossier)
    brief = read_brief(desk, session, request, dossier, past, basket=basket)
    return judge(session, brief)[1]


def judge(session: Session, brief: Brief) -> tuple[Verdict, tuple[SuggestionView, ...]]:
    """What a brief comes to, and how an agent would see it; nothing is stored."""
    chosen = _choose(session, brief)
    return chosen.verdict, _views(brief, chosen)


def _choose(session: Session, brief: Brief) -> _Chosen:
    verdict, found = weigh(brief), brief.offerings
    by_sku = {offering.product.sku: offering for offering in found.items}
    offerings = [by_sku[ranked.candidate.product] for ranked in verdict.chosen]
    return _Chosen(verdict, explain(session, found, offerings))


def _views(brief: Brief, chosen: _Chosen) -> tuple[SuggestionView, ...]:
    customer = brief.dossier.customer
    register = brief.persona.conversation.register if brief.persona else "neutral"
    voice = Voice(
        tracks=brief.release.catalogue.talk_tracks,
        language=customer.language or "en",
        register=customer.register or register,
        given_name=customer.given_name or None,
    )
    ruling, language = brief.ruling, brief.request.language
    pairs = zip(chosen.explained, chosen.verdict.chosen, strict=True)
    return tuple(
        make_view(
            explained,
            position=position,
            voice=voice,
            messages=ruling.say_about(ranked.candidate, language),
            moved=view_moves(ruling.lifting(ranked.candidate), language),
            worth=view_worth(ranked.worth),
        )
        for position, (explained, ranked) in enumerate(pairs, start=1)
    )


def _decision(brief: Brief, verdict: Verdict) -> store.NewDecision:
    request = brief.request
    return store.NewDecision(
        id=uuid4().hex,
        customer_id=request.customer_id,
        agent_id=request.agent_id,
        context=request.context,
        decided_at=brief.dossier.now,
        model_version=brief.offerings.model_version,
        release=brief.release.digest,
        persona=brief.persona.key if brief.persona else None,
        silence=find_silence(brief, verdict),
        removed=[_document(removal) for removal in _keep(verdict.removed)],
        request_id=current_request_id(),
    )


def _keep(removed: Sequence[Removal]) -> Sequence[Removal]:
    """Where each candidate fell, of as many as there are; of what else was in its way, what there is room for."""
    first = {each.product: each for each in reversed(removed)}
    falls = [each for each in removed if first[each.product] is each]
    others = [each for each in removed if first[each.product] is not each]
    return [*falls, *others[: max(KEPT_REMOVALS - len(falls), 0)]]


def _document(removal: Removal) -> dict[str, str]:
    return {
        "stage": removal.stage.value,
        "rule": removal.rule,
        "clause": removal.clause,
        "product": removal.product,
        "actual": removal.actual,
        "wanted": removal.wanted,
    }


def find_silence(brief: Brief, verdict: Verdict) -> str | None:
    """Why nothing is offered; None where something is."""
    if verdict.chosen:
        return None
    if brief.gate:
        return "gate"
    if brief.offerings.model_version is None:
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
