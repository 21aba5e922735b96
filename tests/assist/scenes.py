"""An agent, a customer and a suggestion, as a conversation leaves them in the database."""

from decimal import Decimal
from uuid import uuid4

from sqlalchemy import select

from assist.models.account import Role, UserAccount
from assist.models.decision import Decision, Suggestion
from assist.models.mirror import Customer, Product
from assist.services import outcomes, releases
from assist.services.desk import Desk
from assist.services.outcomes import NewOutcome
from assist.services.simulation import Plan, simulate
from assist.services.suggestion import to_document
from assist.services.views import OutcomeView, Price, SuggestionView
from personas.release import Release


def add_agent(desk: Desk, name: str = "Zoë", role: Role = Role.AGENT) -> int:
    with desk.database.writing() as session:
        agent = UserAccount(
            email=f"{name}@example.com",
            name=name,
            password_hash="none",
            roles=frozenset({role}),
            created_at=desk.clock.now(),
        )
        session.add(agent)
        session.flush()
        return agent.id


def put_in_force(desk: Desk, release: Release) -> str:
    """By somebody alone, who has looked at what it would change."""
    releases.bring_in(desk, release)
    simulate(desk, release.digest, plan=Plan(most=1))
    return releases.activate(desk, release.digest)


def find_id(desk: Desk, ref: str) -> int:
    with desk.database.reading() as session:
        return (
            session.scalars(select(Customer.id).where(Customer.ref == ref).order_by(Customer.id)).first() or 0
        )


def suggest(
    desk: Desk,
    ref: str,
    sku: str,
    *,
    agent_id: int,
    context: str = "chat-1",
    said: tuple[str, str] = ("en", "And a case?"),
) -> str:
    """The id of a suggestion that this agent was shown for this customer. `said`: a language, and the talk track."""
    view = SuggestionView(
        id=uuid4().hex, position=1, kind="cross_sell", sku=sku, name=f"Product {sku}",
        price=Price(Decimal("10.00"), "EUR"), difference=None, anchor=None, popular=False, evidence=None,
        because=(), talk_track=said[1], language=said[0], stock=None,
    )  # fmt: skip
    decision = Decision(
        id=uuid4().hex, customer_id=find_id(desk, ref), agent_id=agent_id, context=context,
        decided_at=desk.clock.now(), removed=[],
    )  # fmt: skip
    with desk.database.writing() as session:
        product_id = session.scalars(select(Product.id).where(Product.sku == sku)).first() or 0
        session.add(decision)
        session.flush()
        session.add(
            Suggestion(
                id=view.id, decision_id=decision.id, customer_id=decision.customer_id, position=1,
                product_id=product_id, kind="cross_sell", score=1.0, expected_value=1.0,
                shown=to_document(view),
            )
        )  # fmt: skip
    return view.id


def offer(desk: Desk, suggestion_id: str, *, agent_id: int, id: str | None = None) -> OutcomeView:  # noqa: A002 - as the field is called
    return outcomes.record(desk, NewOutcome(suggestion_id, "offered", "insert", id=id), agent_id=agent_id)
