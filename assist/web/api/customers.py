"""Look a customer up, ask what to offer, and say what became of it."""

import re
from typing import Any

from werkzeug.exceptions import Conflict, NotFound

from assist.models.api_token import Scope
from assist.schemas.api.customers import (
    ActSchema,
    CardSchema,
    DecideSchema,
    LookUpSchema,
    OutcomeSchema,
    SuggestionsSchema,
    UndoneSchema,
)
from assist.services import decide, lookup, outcomes
from assist.services.api_tokens import Holder
from assist.services.outcomes import NewOutcome
from assist.services.views import Card, OutcomeView, Suggestions
from assist.web.api.area import Route, asked_language, serve
from assist.web.context import current_desk
from assist.web.errors import FieldsRefused

IDENTIFIER = "^[0-9a-f]{32}$"


@serve(
    Route(
        "POST", "/customers/look-up", Scope.CUSTOMERS_READ, takes=LookUpSchema, gives=CardSchema, fails=(422,)
    )
)
def look_up_customer(holder: Holder, body: dict[str, Any]) -> Card:
    """Look a customer up

    By e-mail, phone, their id in a CRM (`ref`), or the number that an earlier answer gave them (`customer`).
    Several customers with the key are all returned, to choose from; they are never merged.
    """
    desk = current_desk()
    asked = lookup.LookUp(
        email=body.get("email"),
        phone=body.get("phone"),
        ref=body.get("ref"),
        customer_id=body.get("customer"),
        language=asked_language(),
        agent_id=holder.user.id,
    )
    with desk.database.reading() as session:
        return lookup.look_up(desk, session, asked)


@serve(
    Route(
        "POST",
        "/suggestions",
        Scope.SUGGESTIONS_WRITE,
        takes=DecideSchema,
        gives=SuggestionsSchema,
        fails=(404,),
    )
)
def make_suggestions(holder: Holder, body: dict[str, Any]) -> Suggestions:
    """Decide what to offer

    At most three suggestions, or none and why. The decision is stored as one of the token's account, and is the same
    for half an hour under one `context`, as it would be in the sidebar.
    """
    answer = decide.decide(
        current_desk(),
        customer_id=body["customer"],
        agent_id=holder.user.id,
        context=body["context"],
        language=asked_language(),
    )
    if answer.silence == "no_customer":
        raise NotFound("There is no such customer.")
    return answer


@serve(
    Route(
        "POST",
        "/outcomes",
        Scope.OUTCOMES_WRITE,
        takes=ActSchema,
        gives=OutcomeSchema,
        status=201,
        fails=(404,),
    )
)
def record_outcome(holder: Holder, body: dict[str, Any]) -> OutcomeView:
    """Say what became of a suggestion

    Only of one that was made for the token's account. The CRM is told when the time to undo is over. With an `id` of
    the caller's own, sending it twice records it once.
    """
    act = NewOutcome(
        suggestion_id=body["suggestion"],
        act=body["act"],
        channel=body.get("channel"),
        reason=body.get("reason"),
        days=body.get("days"),
        id=body.get("id"),
    )
    try:
        return outcomes.record(current_desk(), act, agent_id=holder.user.id)
    except outcomes.UnknownOutcome as error:
        raise NotFound(str(error)) from error
    except outcomes.Refused as error:
        raise FieldsRefused({error.code: [str(error)]}) from error


@serve(
    Route(
        "POST",
        "/outcomes/<outcome_id>/undo",
        Scope.OUTCOMES_WRITE,
        gives=UndoneSchema,
        fails=(404, 409),
        path_pattern=IDENTIFIER,
    )
)
def undo_outcome(holder: Holder, outcome_id: str) -> dict[str, Any]:
    """Undo an outcome

    As if it had not happened, until `undo_until`; repeating it changes nothing.
    """
    if not re.fullmatch(r"[0-9a-f]{32}", outcome_id):
        raise NotFound("There is no such outcome of yours.")
    try:
        outcomes.undo(current_desk(), outcome_id, agent_id=holder.user.id)
    except outcomes.UnknownOutcome as error:
        raise NotFound(str(error)) from error
    except outcomes.TooLate as error:
        raise Conflict(str(error)) from error
    return {"id": outcome_id, "undone": True}
