"""The agent knows better: another persona, or none of them, for this conversation, until it is taken back."""

from assist.models.mirror import Customer
from assist.models.persona_choice import PersonaChoice
from assist.services.brief import Request
from assist.services.desk import Desk
from assist.services.facts import Dossier, know, open_dossier
from assist.services.outcomes import Refused
from assist.store.customers import find_customer
from assist.store.persona_choices import find_choice
from personas import matcher


class UnknownCustomer(LookupError):  # noqa: N818 - named for what it says
    """There is no such customer."""


def choose(desk: Desk, request: Request, persona: str | None) -> None:
    """`persona`: its key, or None for none of them. Raises UnknownCustomer, and Refused for a key that no persona of
    the release in force has."""
    known = {one.key for one in desk.personas.personas}
    if persona is not None and persona not in known:
        raise Refused("persona", f"There is no persona {persona!r}; there are {', '.join(sorted(known))}.")
    with desk.database.writing() as session:
        customer = find_customer(session, request.customer_id)
        if customer is None:
            raise UnknownCustomer
        dossier = open_dossier(session, customer, desk.clock.now())
        last = find_choice(session, dossier.customer_ids, agent_id=request.agent_id, context=request.context)
        if last and last.holds and last.persona == persona:
            return
        session.add(_choice(desk, request, dossier, customer, persona))


def take_back(desk: Desk, request: Request) -> None:
    """What is proposed counts again. Without a choice nothing changes. Raises UnknownCustomer."""
    with desk.database.writing() as session:
        customer = find_customer(session, request.customer_id)
        if customer is None:
            raise UnknownCustomer
        ids = open_dossier(session, customer, desk.clock.now()).customer_ids
        last = find_choice(session, ids, agent_id=request.agent_id, context=request.context)
        if last and last.holds:
            session.get_one(PersonaChoice, last.id).taken_back_at = desk.clock.now()


def _choice(
    desk: Desk, request: Request, dossier: Dossier, customer: Customer, persona: str | None
) -> PersonaChoice:
    in_force, facts = desk.releases.current(), know(desk, dossier)
    result = matcher.best(in_force.catalogue.personas, facts)
    first = result.matches[0] if result.matches else None
    return PersonaChoice(
        customer_id=customer.id,
        agent_id=request.agent_id,
        context=request.context,
        persona=persona,
        proposed=first.persona.key if first else None,
        state=str(result.state),
        score=round(first.score, 4) if first else None,
        coverage=round(first.coverage, 4) if first else None,
        known=sorted(facts),
        release=in_force.digest,
        chosen_at=dossier.now,
    )
