"""The note about an act on a suggestion: which of a person's CRMs gets it, and what it says there."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from assist.models.connection import Connection
from assist.models.mirror import Product
from assist.services.connect import get_connection
from assist.services.desk import Desk
from assist.store.customers import SourceRow
from crm_adapters.base import NOTE_LANGUAGES
from crm_adapters.model import Act, Money, SuggestionOutcome
from personas.catalogue import Catalogue
from personas.notes import NoteValues
from personas.talk_tracks import Price

EXAMPLES = (
    (Act.OFFERED, None, "insert"),
    (Act.ACCEPTED, None, None),
    (Act.DECLINED, "too_expensive", None),
    (Act.DECLINED, "wrong_moment", None),
    (Act.WRONG_DATA, "wrong_data", None),
)
"""Act, reason and channel; the last reason is the one of two kinds of decline that an agent gives."""


def choose_taker(sources: Sequence[SourceRow], own_connection_id: int) -> SourceRow | None:
    """Of the connections that know a person: one that notes go to first, or else the customer's own, or else the
    oldest that takes notes. None where no one does."""
    takers = [source for source in sources if source.writes]
    return min(
        takers,
        key=lambda one: (not one.notes_first, one.connection_id != own_connection_id, one.connection_id),
        default=None,
    )


def note_language(connection: Connection) -> str:
    """As its adapter would say; asking it would fail where its settings no longer suit it."""
    return str(connection.settings.get("note_language", NOTE_LANGUAGES[0]))


def add_note(
    catalogue: Catalogue, outcome: SuggestionOutcome, *, anchor: str | None, language: str
) -> SuggestionOutcome:
    """`anchor`: the name of the product that the suggestion starts from."""
    reasons = {reason.key: reason for reason in catalogue.policies.decline_reasons}
    reason = reasons.get(outcome.reason or "")
    price = outcome.price
    values = NoteValues(
        act=outcome.act.value,
        product=outcome.product_name or outcome.product_sku,
        agent=outcome.agent,
        kind=outcome.kind,
        anchor=anchor,
        price=Price(price.amount, price.currency) if price else None,
        reason=reason.name if reason else None,
        said_by=reason.said_by if reason else None,
        channel=outcome.channel,
    )
    return replace(outcome, note=catalogue.notes.write(values, language))


def list_examples(desk: Desk, name: str, *, agent: str) -> list[SuggestionOutcome]:
    """A note of each kind as the connection would get it, about products of its own where it has some."""
    with desk.database.reading() as session:
        connection = get_connection(session, name)
        product, anchor = _pick_products(session, connection.id)
    language, now = note_language(connection), desk.clock.now()
    return [
        add_note(
            desk.personas,
            _example(product, act, now, agent=agent, reason=reason, channel=channel),
            anchor=anchor.name,
            language=language,
        )
        for act, reason, channel in EXAMPLES
    ]


def _pick_products(session: Session, connection_id: int) -> tuple[Product, Product]:
    mine = select(Product).where(
        Product.connection_id == connection_id, Product.active, Product.deleted.is_(False)
    )
    found = [one for one in session.scalars(mine.order_by(Product.id).limit(20)) if one.prices]
    invented = [Product(sku="CASE", name="Phone case", prices={"EUR": "29.00"}), Product(name="Phone X")]
    return (found[0], found[1]) if len(found) > 1 else (invented[0], invented[1])


def _example(
    product: Product, act: Act, at: datetime, *, agent: str, reason: str | None, channel: str | None
) -> SuggestionOutcome:
    currency, amount = next(iter(product.prices.items()))
    return SuggestionOutcome(
        customer_ref="",
        act=act,
        product_sku=product.sku,
        product_name=product.name,
        at=at,
        agent=agent,
        kind="cross_sell",
        reason=reason,
        channel=channel,
        price=Money(Decimal(amount), currency),
    )
