"""The concession wallet: what an agent may still give a customer, and giving it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from assist.models.account import UserAccount
from assist.models.decision import Concession, Decision, Suggestion
from assist.models.mirror import Customer, Product
from assist.services import audit
from assist.services.audit import Actor
from assist.services.desk import Desk
from assist.services.outcomes import Refused, TooLate, UnknownOutcome
from assist.services.suggestion import read_view, reprice
from assist.services.views import Price, SuggestionView
from assist.store import concessions as store
from assist.store.decisions import list_restraints, list_standing
from assist.store.people import list_customer_ids
from crm_adapters.model import Act
from personas.concessions import Concessions, Priced, Proposal, Purse, Wallet, Withheld, open_wallet, propose
from personas.policies import EffectKind

MADE = (Act.OFFERED, Act.ACCEPTED)


@dataclass(frozen=True, slots=True)
class ConcessionView:
    id: str
    """Empty while it is only proposed."""
    percent: Decimal
    price: Price | None
    """What would be left to pay; None once the suggestion says so itself."""


@dataclass(frozen=True, slots=True)
class WalletView:
    """What the agent may still give this customer."""

    most: Decimal
    """Percent of one price."""
    left: Price
    may_give: Mapping[str, ConcessionView]
    """By suggestion: the smallest that is enough."""
    given: Mapping[str, ConcessionView]


@dataclass(frozen=True, slots=True)
class _Scene:
    """One suggestion, with what giving something on it rests on."""

    suggestion: Suggestion
    view: SuggestionView
    product: Product
    customer_ids: Sequence[int]
    persona: str | None
    agent: UserAccount


def find_wallet(desk: Desk, suggestion_ids: Sequence[str], *, agent_id: int) -> WalletView | None:
    """With what may be given on each suggestion of one decision. None where this agent may give nothing at all."""
    if desk.personas.policies.concessions is None:
        return None
    with desk.database.reading() as session:
        scenes = [_open_scene(session, one, agent_id) for one in suggestion_ids]
        found = [(scene, _look(desk, session, scene)) for scene in scenes]
        wallet = next((looked[0] for _, looked in found if looked), None)
        if wallet is None or not wallet.most:
            return None
        given = {scene.view.id: store.find_standing(session, scene.view.id) for scene in scenes}
    proposals = {scene.view.id: looked[1] for scene, looked in found if looked}
    return WalletView(
        wallet.most,
        Price(wallet.left, wallet.currency),
        may_give={
            key: ConcessionView("", one.percent, Price(one.price, wallet.currency))
            for key, one in proposals.items()
            if isinstance(one, Proposal) and not given[key]
        },
        given={key: _view(one) for key, one in given.items() if one},
    )


def give(desk: Desk, suggestion_id: str, key: str, *, agent_id: int) -> SuggestionView:
    """The smallest concession that is enough; the suggestion as it then reads. `key`: 32 hexadecimal digits of the
    client's, so that asking twice gives once.

    Raises UnknownOutcome for a suggestion that was not this agent's, Refused where nothing may be given on it.
    """
    if not re.fullmatch(r"[0-9a-f]{32}", key):
        raise Refused("id", "A concession's id is 32 hexadecimal digits, in lower case.")
    with desk.database.writing() as session:
        scene = _open_scene(session, suggestion_id, agent_id, lock=True)
        if store.find_standing(session, suggestion_id):
            return scene.view
        looked = _look(desk, session, scene)
        proposal = looked[1] if looked else Withheld.CEILING
        if not isinstance(proposal, Proposal):
            raise Refused(proposal.value, "Nothing may be given on this suggestion.")
        return _give(desk, session, scene, proposal, key)


def take_back(desk: Desk, key: str, *, agent_id: int) -> SuggestionView:
    """The suggestion as it read before. Raises UnknownOutcome, or TooLate once the customer was told."""
    with desk.database.writing() as session:
        row = session.get(Concession, key, with_for_update=True)
        if row is None or row.agent_id != agent_id:
            raise UnknownOutcome("There is no such concession of yours.")
        suggestion = session.get_one(Suggestion, row.suggestion_id)
        if row.taken_back_at is None:
            standing = list_standing(session, [suggestion.id]).get(suggestion.id, [])
            if any(one.act in MADE and one.at >= row.at for one in standing):
                raise TooLate("The customer was offered it; take the offer back first.")
            row.taken_back_at, suggestion.shown = desk.clock.now(), row.before
        return read_view(suggestion.shown, [])


def _give(desk: Desk, session: Session, scene: _Scene, proposal: Proposal, key: str) -> SuggestionView:
    price, now = scene.view.price, desk.clock.now()
    currency = price.currency if price else ""
    before: dict[str, Any] = scene.suggestion.shown
    scene.suggestion.shown = reprice(before, proposal.price, percent=proposal.percent)
    row = Concession(id=key, suggestion_id=scene.view.id, customer_id=scene.suggestion.customer_id)
    row.agent_id, row.at, row.before = scene.agent.id, now, before
    row.percent, row.amount, row.currency = proposal.percent, proposal.amount, currency
    session.add(row)
    entry = Actor(scene.agent.id).entry("concession.given", f"suggestion:{scene.view.id}")
    audit.record(
        session, entry, at=now, percent=str(proposal.percent), amount=f"{proposal.amount} {currency}"
    )
    return read_view(scene.suggestion.shown, [])


def _open_scene(session: Session, suggestion_id: str, agent_id: int, *, lock: bool = False) -> _Scene:
    suggestion = session.get(Suggestion, suggestion_id, with_for_update=lock)
    decision = session.get(Decision, suggestion.decision_id) if suggestion else None
    if suggestion is None or decision is None or decision.agent_id != agent_id:
        raise UnknownOutcome("There is no such suggestion of yours.")
    if lock:  # two at once would both find the budget untouched
        session.get_one(Customer, suggestion.customer_id, with_for_update=True)
    return _Scene(
        suggestion=suggestion,
        view=read_view(suggestion.shown, []),
        product=session.get_one(Product, suggestion.product_id),
        customer_ids=list_customer_ids(session, suggestion.customer_id),
        persona=decision.persona,
        agent=session.get_one(UserAccount, agent_id, with_for_update=lock),
    )


def _look(desk: Desk, session: Session, scene: _Scene) -> tuple[Wallet, Proposal | Withheld] | None:
    policy, price = desk.personas.policies.concessions, scene.view.price
    purse = policy.purse_of(scene.agent.roles) if policy else None
    if policy is None or purse is None or price is None:
        return None
    wallet = _open_wallet(desk, session, scene, policy, purse)
    item = Priced(
        product=scene.view.sku,
        category=scene.product.category,
        price=price.amount,
        margin_rate=desk.personas.policies.weighing.margin_rate,  # no CRM here tells a product's own
        below=_find_band(desk, session, scene),
    )
    return wallet, propose(policy, wallet, item)


def _open_wallet(desk: Desk, session: Session, scene: _Scene, policy: Concessions, purse: Purse) -> Wallet:
    now, currency = desk.clock.now(), scene.view.price.currency if scene.view.price else ""
    since = now - timedelta(days=purse.days)
    theirs = now - timedelta(days=policy.customer.days)
    return open_wallet(
        policy,
        purse,
        currency=currency,
        by_agent=store.sum_by_agent(session, scene.agent.id, currency=currency, since=since, now=now),
        to_customer=store.sum_to_customers(
            session, scene.customer_ids, currency=currency, since=theirs, now=now
        ),
        ceiling=_find_ceiling(desk, scene.persona),
    )


def _find_ceiling(desk: Desk, key: str | None) -> Decimal | None:
    personas = (one for one in desk.personas.personas if one.key == key)
    return next((one.selling.concession_ceiling for one in personas), None)


def _find_band(desk: Desk, session: Session, scene: _Scene) -> Decimal | None:
    """The lowest price that the customer called too expensive in the category."""
    restraints = list_restraints(session, scene.customer_ids, desk.clock.now())
    bands = [
        one.amount
        for one in restraints
        if one.kind == EffectKind.LOWER_PRICE_BAND and one.subject == scene.product.category and one.amount
    ]
    return min(bands, default=None)


def _view(row: Concession) -> ConcessionView:
    return ConcessionView(row.id, row.percent, None)
