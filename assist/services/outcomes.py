"""What became of a suggestion: stored with its CRM write and its effects in one transaction, undone as one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from assist.logs import current_request_id
from assist.models.account import UserAccount
from assist.models.connection import Connection
from assist.models.decision import Decision, Outcome, Restraint, Suggestion
from assist.models.mirror import Customer, Product
from assist.models.outbox import OutboxEntry
from assist.services.desk import Desk
from assist.services.notes import add_note, choose_taker, note_language
from assist.services.suggestion import read_view, view_outcome
from assist.services.views import OutcomeView, SuggestionView
from assist.services.writeback import to_payload
from assist.store import outbox
from assist.store.customers import list_sources
from assist.store.decisions import list_standing
from assist.store.people import list_customer_ids
from crm_adapters.model import Act, Money, SuggestionOutcome
from personas.catalogue import Catalogue
from personas.policies import DeclineReason, Effect, EffectKind, Scope

CHANNELS = ("insert", "copy", "voice")
REMEMBERED = frozenset(
    {
        EffectKind.LOWER_PRICE_BAND,
        EffectKind.OWNED,
        EffectKind.SUPPRESS,
        EffectKind.DOUBLE_COST,
        EffectKind.SNOOZE,
        EffectKind.CLOSE_GATE,
        EffectKind.OBJECTION,
    }
)
"""Effects on later decisions; the others are read off the outcome itself."""


class Refused(Exception):  # noqa: N818 - named for what it says
    """The act cannot be recorded as asked; `code` is a stable word for the border to translate."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class UnknownOutcome(LookupError):  # noqa: N818 - named for what it says
    """There is no such suggestion or outcome among this agent's."""


class TooLate(Exception):  # noqa: N818 - named for what it says
    """The undo window is over: the CRM may know already."""


@dataclass(frozen=True, slots=True)
class NewOutcome:
    suggestion_id: str
    act: str
    channel: str | None = None
    reason: str | None = None
    days: int | None = None
    """Chosen by the agent where the reason lets them."""
    id: str | None = None
    """32 hexadecimal digits chosen by the client: sending the same outcome twice records it once."""


@dataclass(frozen=True, slots=True)
class _Scene:
    """The suggestion with all that an act on it concerns."""

    suggestion: Suggestion
    decision: Decision
    customer: Customer
    product: Product
    anchor: Product | None
    agent: UserAccount
    view: SuggestionView


def record(desk: Desk, new: NewOutcome, *, agent_id: int) -> OutcomeView:
    """Raises UnknownOutcome for a suggestion that was not this agent's, Refused for what cannot be recorded."""
    reason = _check(desk, new)
    with desk.database.writing() as session:
        scene = _open_scene(session, new.suggestion_id, agent_id)
        again = _find_same(session, scene, new)
        if again:
            return view_outcome(again)
        now = desk.clock.now()
        outcome = _outcome(new, agent_id, now, undo_until=now + timedelta(seconds=desk.config.undo_seconds))
        session.add(outcome)
        session.flush()
        session.add_all(_restraints(scene, outcome, reason, days=new.days))
        _queue_write(session, desk.personas, scene, outcome)
    return view_outcome(outcome)


def undo(desk: Desk, outcome_id: str, *, agent_id: int) -> None:
    """As if it had not happened: effects go, the CRM is never told. Repeating it changes nothing.

    Raises UnknownOutcome, or TooLate once the CRM write was due.
    """
    with desk.database.writing() as session:
        outcome = session.get(Outcome, outcome_id, with_for_update=True)
        now = desk.clock.now()
        if outcome is None or outcome.agent_id != agent_id:
            raise UnknownOutcome("There is no such outcome of yours.")
        if outcome.undone_at:
            return
        if now >= outcome.undo_until or not outbox.cancel_outcome(session, outcome_id):
            raise TooLate("The time to undo is over; the CRM may have been told.")
        outcome.undone_at = now
        session.execute(delete(Restraint).where(Restraint.outcome_id == outcome_id))


def _check(desk: Desk, new: NewOutcome) -> DeclineReason | None:
    if new.act not in list(Act):
        raise Refused("act", f"There is no act {new.act!r}; there are {', '.join(Act)}.")
    if new.act == Act.OFFERED and new.channel not in CHANNELS:
        raise Refused("channel", f"An offer needs a channel: {', '.join(CHANNELS)}.")
    if new.id is not None and not re.fullmatch(r"[0-9a-f]{32}", new.id):
        raise Refused("id", "An outcome's id is 32 hexadecimal digits, in lower case.")
    return _check_reason(desk, new) if new.reason is not None else None


def _check_reason(desk: Desk, new: NewOutcome) -> DeclineReason:
    if new.act not in (Act.DECLINED, Act.WRONG_DATA):
        raise Refused("reason", f"A reason says why not; {new.act!r} takes none.")
    reasons = {reason.key: reason for reason in desk.personas.policies.decline_reasons}
    if new.reason not in reasons:
        raise Refused("reason", f"There is no reason {new.reason!r}; there are {', '.join(reasons)}.")
    choices = [days for effect in reasons[new.reason].effects for days in effect.choices]
    if new.days is not None and new.days not in choices:
        known = ", ".join(map(str, choices)) or "none"
        raise Refused("days", f"{new.days} days are not to choose from; {new.reason!r} has: {known}.")
    return reasons[new.reason]


def _open_scene(session: Session, suggestion_id: str, agent_id: int) -> _Scene:
    # Two requests for one suggestion, one after the other: on PostgreSQL both would find nothing recorded yet.
    suggestion = session.get(Suggestion, suggestion_id, with_for_update=True)
    decision = session.get(Decision, suggestion.decision_id) if suggestion else None
    if suggestion is None or decision is None or decision.agent_id != agent_id:
        raise UnknownOutcome("There is no such suggestion of yours.")
    return _Scene(
        suggestion=suggestion,
        decision=decision,
        customer=session.get_one(Customer, suggestion.customer_id),
        product=session.get_one(Product, suggestion.product_id),
        anchor=session.get(Product, suggestion.anchor_id) if suggestion.anchor_id else None,
        agent=session.get_one(UserAccount, agent_id),
        view=read_view(suggestion.shown, []),
    )


def _find_same(session: Session, scene: _Scene, new: NewOutcome) -> Outcome | None:
    """The same id, or the same act standing already: a second press of a key is not a second offer."""
    standing = list_standing(session, [scene.suggestion.id]).get(scene.suggestion.id, [])
    by_id = session.get(Outcome, new.id) if new.id else None
    if by_id and by_id.suggestion_id != scene.suggestion.id:
        raise UnknownOutcome("That id belongs to an outcome of another suggestion.")
    last = standing[-1] if standing else None
    same = last is not None and (last.act, last.reason) == (new.act, new.reason)
    return by_id or (last if same else None)


def _outcome(new: NewOutcome, agent_id: int, now: datetime, *, undo_until: datetime) -> Outcome:
    return Outcome(
        id=new.id or uuid4().hex,
        suggestion_id=new.suggestion_id,
        agent_id=agent_id,
        act=new.act,
        reason=new.reason,
        channel=new.channel if new.act == Act.OFFERED else None,
        at=now,
        undo_until=undo_until,
        request_id=current_request_id(),
    )


def _restraints(
    scene: _Scene, outcome: Outcome, reason: DeclineReason | None, *, days: int | None
) -> Iterator[Restraint]:
    for effect in reason.effects if reason else ():
        if effect.kind in REMEMBERED:
            band = effect.kind is EffectKind.LOWER_PRICE_BAND and scene.view.price
            yield Restraint(
                customer_id=scene.customer.id,
                outcome_id=outcome.id,
                kind=effect.kind.value,
                subject=_subject(scene, effect),
                amount=scene.view.price.amount if band and scene.view.price else None,
                until=_until(effect, outcome.at, chosen=days),
            )


def _subject(scene: _Scene, effect: Effect) -> str | None:
    match effect.scope:
        case Scope.PRODUCT | Scope.OFFER:
            return scene.product.sku
        case Scope.CATEGORY:
            return scene.product.category or scene.product.sku
        case Scope.CONVERSATION:
            return scene.decision.context
    return None


def _until(effect: Effect, at: datetime, *, chosen: int | None) -> datetime | None:
    """None holds until somebody takes it back."""
    days = effect.days
    if effect.choices:
        days = chosen if chosen in effect.choices else effect.choices[0]
    return None if days is None else at + timedelta(days=days)


def _queue_write(session: Session, catalogue: Catalogue, scene: _Scene, outcome: Outcome) -> None:
    """One write, to one of the CRMs that know the person."""
    target = _find_target(session, scene.customer)
    if target is None:
        return
    customer, connection = target
    told = add_note(
        catalogue,
        _written(scene, outcome, customer.ref),
        anchor=scene.anchor.name if scene.anchor else None,
        language=note_language(connection),
    )
    session.add(
        OutboxEntry(
            key=outcome.id,
            connection_id=connection.id,
            customer_ref=customer.ref,
            customer_id=customer.id,
            outcome_id=outcome.id,
            payload=to_payload(told),
            state=outbox.first_state(connection),
            created_at=outcome.at,
            due_at=outcome.undo_until,
            request_id=outcome.request_id,
        )
    )


def _find_target(session: Session, customer: Customer) -> tuple[Customer, Connection] | None:
    ids = list_customer_ids(session, customer.id)
    taker = choose_taker(list_sources(session, ids), customer.connection_id)
    if taker is None:
        return None
    connection = outbox.lock_connection(session, taker.connection_id)
    theirs = select(Customer).where(Customer.id.in_(ids), Customer.connection_id == connection.id)
    found = session.scalars(theirs.order_by(Customer.id != customer.id, Customer.id)).first()
    return (found, connection) if found else None


def _written(scene: _Scene, outcome: Outcome, ref: str) -> SuggestionOutcome:
    price = scene.view.price
    return SuggestionOutcome(
        customer_ref=ref,
        act=Act(outcome.act),
        product_sku=scene.product.sku,
        product_name=scene.product.name,
        at=outcome.at,
        agent=scene.agent.name,
        kind=scene.suggestion.kind,
        anchor_sku=scene.anchor.sku if scene.anchor else None,
        reason=outcome.reason,
        channel=outcome.channel,
        price=Money(price.amount, price.currency) if price else None,
    )
