"""What a customer said when an agent asked: kept with its source, a fact from then on, and told to the CRM where a
field is mapped to it."""

import structlog

from assist.models.connection import Connection
from assist.models.mirror import Customer
from assist.services.brief import Request
from assist.services.corrections import CUSTOM, correct
from assist.services.desk import Desk
from assist.services.outcomes import Refused
from assist.services.persona_choices import UnknownCustomer
from assist.store.customers import find_customer
from assist.store.people import list_customer_ids
from crm_adapters.errors import CRMError

log = structlog.get_logger(__name__)


def answer(desk: Desk, request: Request, fact: str, value: str | None) -> None:
    """`value` is one of the question's; None takes the answer back. Of a person in several connections, all their
    records keep it. Raises UnknownCustomer, and Refused for what the release in force does not ask."""
    question = desk.personas.questions.get(fact)
    if question is None or (value is not None and value not in question.answers):
        raise Refused("answer", "The release in force asks no such question, or does not know this answer.")
    with desk.database.writing() as session:
        customer = find_customer(session, request.customer_id)
        if customer is None:
            raise UnknownCustomer
        for customer_id in list_customer_ids(session, customer.id):
            _note(session.get_one(Customer, customer_id), fact, value, desk, request.agent_id)
        connection, ref = session.get_one(Connection, customer.connection_id).name, customer.ref
    if fact.startswith(CUSTOM):
        desk.live.start(lambda: _tell(desk, connection, ref, fact, value))


def _note(customer: Customer, fact: str, value: str | None, desk: Desk, agent_id: int) -> None:
    others = {name: one for name, one in customer.answers.items() if name != fact}
    said = {"value": value, "by": agent_id, "at": desk.clock.now().isoformat()}
    customer.answers = others if value is None else {**others, fact: said}


def _tell(desk: Desk, connection: str, ref: str, fact: str, value: str | None) -> None:
    """Nobody waits for it: what the CRM does not take is kept here all the same."""
    try:
        correct(desk, connection, ref, {fact: value or ""})
    except CRMError as error:
        log.warning("answer_not_written", connection=connection, cause=type(error).__name__)
