"""Suggestions that an agent puts on a customer's open deal: written to the CRM once, after the time to undo."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from assist.logs import current_request_id
from assist.models.connection import Connection
from assist.models.decision import Decision, Outcome, Suggestion
from assist.models.mirror import Customer, Product
from assist.models.outbox import OutboxEntry
from assist.services.deals import Target, read_token
from assist.services.desk import Desk
from assist.services.outcomes import Refused, TooLate, UnknownOutcome
from assist.services.views import LineView
from assist.store import outbox
from assist.store.decisions import list_standing
from crm_adapters.errors import Conflict
from crm_adapters.model import Act

MADE = (Act.OFFERED, Act.ACCEPTED)
"""What must have become of a suggestion before it can be put on a deal."""
AGAIN = (outbox.CANCELLED, outbox.DEAD)
"""After which the same suggestion may be put on the same deal anew."""


@dataclass(frozen=True, slots=True)
class NewLineAct:
    suggestion_id: str
    deal: str
    """`DealView.token`."""
    id: str
    """32 hexadecimal digits chosen by the client, and the key under which the CRM writes it once."""


def add(desk: Desk, new: NewLineAct, *, agent_id: int) -> LineView:
    """Doing it twice does it once.

    Raises UnknownOutcome for a suggestion that was not this agent's or a deal that is not its customer's, and
    Refused for one that was not offered, or a product that the deal's CRM does not sell.
    """
    target = read_token(desk, new.deal)
    if target is None or not re.fullmatch(r"[0-9a-f]{32}", new.id):
        raise UnknownOutcome("There is no such deal.")
    with desk.database.writing() as session:
        suggestion = _get_suggestion(session, new.suggestion_id, agent_id)
        if suggestion.customer_id != target.customer_id:
            raise UnknownOutcome("That deal is another customer's.")
        entry = _find_same(session, new, target) or _queue(desk, session, new, suggestion, target)
    return _view(desk, entry)


def undo(desk: Desk, line_id: str, *, agent_id: int) -> None:
    """The CRM is never told. Repeating it changes nothing. Raises UnknownOutcome, or TooLate once it was due."""
    with desk.database.writing() as session:
        mine = select(OutboxEntry).where(OutboxEntry.key == line_id, OutboxEntry.operation == outbox.LINE)
        entry = session.scalar(mine.with_for_update())
        outcome = session.get(Outcome, entry.outcome_id) if entry else None
        if entry is None or outcome is None or outcome.agent_id != agent_id:
            raise UnknownOutcome("There is no such line of yours.")
        if entry.state == outbox.CANCELLED:
            return
        over = desk.clock.now() >= _view(desk, entry).undo_until
        if over or entry.state not in (outbox.WAITING, outbox.SHADOW) or entry.attempts:
            raise TooLate("The time to undo is over; the CRM may have been told.")
        entry.state = outbox.CANCELLED


def list_lines(desk: Desk, session: Session, suggestion_ids: Sequence[str]) -> dict[str, LineView]:
    """The last one of each suggestion that has any."""
    if not suggestion_ids:
        return {}
    rows = _of(suggestion_ids).add_columns(Outcome.suggestion_id).order_by(OutboxEntry.id)
    return {suggestion_id: _view(desk, entry) for entry, suggestion_id in session.execute(rows)}


def _get_suggestion(session: Session, suggestion_id: str, agent_id: int) -> Suggestion:
    """Locked: two requests for one suggestion come one after the other."""
    suggestion = session.get(Suggestion, suggestion_id, with_for_update=True)
    decision = session.get(Decision, suggestion.decision_id) if suggestion else None
    if suggestion is None or decision is None or decision.agent_id != agent_id:
        raise UnknownOutcome("There is no such suggestion of yours.")
    return suggestion


def _find_same(session: Session, new: NewLineAct, target: Target) -> OutboxEntry | None:
    """The same id, or the same deal: a second press of a button is not a second line."""
    by_id = session.scalar(select(OutboxEntry).where(OutboxEntry.key == new.id))
    entries = session.scalars(_of([new.suggestion_id])).all()
    if by_id is not None and by_id not in entries:
        raise UnknownOutcome("That id belongs to something else.")
    same = (one for one in entries if one.payload["deal_ref"] == target.ref and one.state not in AGAIN)
    return by_id or next(same, None)


def _queue(
    desk: Desk, session: Session, new: NewLineAct, suggestion: Suggestion, target: Target
) -> OutboxEntry:
    standing = list_standing(session, [suggestion.id]).get(suggestion.id, [])
    if not standing or standing[-1].act not in MADE:
        raise Refused("not_offered", "A suggestion is put on a deal after it was offered.")
    product = session.get_one(Product, suggestion.product_id)
    connection, customer_ref = _find_taker(session, target)
    now = desk.clock.now()
    entry = OutboxEntry(
        request_id=current_request_id(),
        key=new.id,
        connection_id=connection.id,
        customer_ref=customer_ref,
        customer_id=target.customer_id,
        outcome_id=standing[-1].id,
        operation=outbox.LINE,
        payload={
            "deal_ref": target.ref,
            "deal_kind": target.kind,
            "deal_name": target.name,
            "product_ref": _find_product_ref(session, product, target.connection_id),
            "product_name": product.name,
            "quantity": "1",
        },
        state=outbox.first_state(connection),
        attempts=0,
        created_at=now,
        due_at=now + _undo_time(desk),
    )
    session.add(entry)
    return entry


def _find_taker(session: Session, target: Target) -> tuple[Connection, str]:
    """The deal's CRM, and what it calls the customer."""
    customer = session.get(Customer, target.customer_id)
    if customer is None or customer.connection_id != target.connection_id:
        raise UnknownOutcome("There is no such deal any more.")
    connection = outbox.lock_connection(session, target.connection_id)
    if not connection.writes:
        raise Refused("read_only", "Nothing is written to this CRM.")
    return connection, customer.ref


def _find_product_ref(session: Session, product: Product, connection_id: int) -> str:
    """What the deal's own CRM calls it: another one may have offered it."""
    if product.connection_id == connection_id:
        return product.ref
    there = select(Product.ref).where(
        Product.connection_id == connection_id, Product.sku == product.sku, Product.deleted.is_(False)
    )
    ref = session.scalars(there.order_by(Product.id)).first()
    if ref is None:
        raise Refused("not_sold", "The CRM of this deal does not sell that product.")
    return ref


def _of(suggestion_ids: Sequence[str]) -> Select[OutboxEntry]:
    rows = select(OutboxEntry).join(Outcome, Outcome.id == OutboxEntry.outcome_id)
    return rows.where(
        Outcome.suggestion_id.in_(suggestion_ids),
        OutboxEntry.operation == outbox.LINE,
        OutboxEntry.state != outbox.CANCELLED,
    )


def _undo_time(desk: Desk) -> timedelta:
    return timedelta(seconds=desk.config.undo_seconds)


def _view(desk: Desk, entry: OutboxEntry) -> LineView:
    return LineView(
        id=entry.key,
        kind=entry.payload["deal_kind"],
        deal=entry.payload["deal_name"],
        state=entry.state,
        closed=(entry.cause or "").startswith(Conflict.__name__),
        undo_until=entry.created_at + _undo_time(desk),
    )
