"""A decision made for a conversation shortly before: shown again, unless what has happened since would deny it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from sqlalchemy.orm import Session

from assist.models.decision import Suggestion
from assist.services.brief import Past, Request, find_closed, situate
from assist.services.candidates import Offering, as_candidate
from assist.services.desk import Desk
from assist.services.facts import Dossier
from assist.services.rulings import judge_dossier
from assist.services.suggestion import read_view
from assist.services.views import Suggestions, SuggestionView
from assist.store import decisions as store
from assist.store.shelf import find_products
from personas.candidates import Candidate
from personas.eligibility import screen
from recommender.base import Offer, Proposal

STAYS = timedelta(minutes=30)
"""Coming back to a conversation within this time shows the same decision: nothing reorders behind an agent's back."""


def find_kept(
    desk: Desk, session: Session, request: Request, past: Past, dossier: Dossier
) -> Suggestions | None:
    decision = _find_last(request, past, dossier)
    if decision is None:
        return None
    catalogue, gate = desk.personas, find_closed(dossier, past)
    ruling = judge_dossier(desk, dossier, catalogue)
    # To show again what was shown is not one more offer.
    situation = replace(situate(catalogue.policies, dossier, past, gate), most_offers=None)
    if gate or ruling.gate or situation.offers is False:
        return None
    rows = store.list_suggestions(session, decision.id)
    standing = store.list_standing(session, [row.id for row in rows])
    views = tuple(read_view(row.shown, standing.get(row.id, [])) for row in rows)
    offered = _as_candidates(session, rows, views, past, dossier)
    _, denied = screen(offered, situation, ruling)
    if denied:
        return None
    messages = ruling.say(request.language)
    return Suggestions(decision.id, views, model_version=decision.model_version, messages=messages)


def _find_last(request: Request, past: Past, dossier: Dossier) -> store.DecisionRow | None:
    """This conversation's, where it is recent and offered something, and nothing was bought or chosen since."""
    mine = (request.customer_id, request.agent_id, request.context)
    same = (row for row in past.decisions if (row.customer_id, row.agent_id, row.context) == mine)
    decision = next(same, None)
    if decision is None or decision.silence or decision.decided_at <= dossier.now - STAYS:
        return None
    bought = any(row.placed_at > decision.decided_at for row in dossier.purchases)
    chosen = past.choice is not None and past.choice.changed_at >= decision.decided_at
    return None if bought or chosen else decision


def _as_candidates(
    session: Session,
    rows: Sequence[Suggestion],
    views: Sequence[SuggestionView],
    past: Past,
    dossier: Dossier,
) -> list[Candidate]:
    """What the agent has yet to say something about: what was declined stays on the page, struck through."""
    waiting = [(row, view) for row, view in zip(rows, views, strict=True) if view.outcome is None]
    products = find_products(session, [view.sku for _, view in waiting]) if waiting else {}
    return [
        as_candidate(
            Offering(
                place=row.position,
                proposal=Proposal(view.sku, row.score, Offer(row.kind), None, None, popular=view.popular),
                product=products[view.sku],
                price=view.price.amount if view.price else None,
                currency=view.price.currency if view.price else None,
            ),
            past.restraints,
            dossier,
        )
        for row, view in waiting
        if view.sku in products
    ]
