"""Who the customer is: another persona than the one proposed, and what they say when they are asked."""

from flask import Response, jsonify, render_template
from werkzeug.exceptions import NotFound, UnprocessableEntity

from assist.schemas.sidebar import AnswerSchema, PersonaSchema
from assist.services import lookup
from assist.services.answers import answer
from assist.services.brief import Request
from assist.services.desk import Desk
from assist.services.outcomes import Refused
from assist.services.persona_choices import UnknownCustomer, choose, take_back
from assist.web.bearer import admit, blueprint, load
from assist.web.context import current_desk
from assist.web.language import page_language


@blueprint.post("/persona")
def choose_persona() -> Response:
    caller, body, desk = admit(), load(PersonaSchema), current_desk()
    request = Request(body.customer, caller.user.id, body.context, page_language())
    try:
        if body.proposed:
            take_back(desk, request)
        else:
            choose(desk, request, body.persona)
    except UnknownCustomer as error:
        raise NotFound("There is no such customer.") from error
    except Refused as error:
        raise UnprocessableEntity(str(error)) from error
    return _show(desk, request)


@blueprint.post("/answers")
def note_answer() -> Response:
    caller, body, desk = admit(), load(AnswerSchema), current_desk()
    request = Request(body.customer, caller.user.id, body.context, page_language())
    try:
        answer(desk, request, body.fact, body.value)
    except UnknownCustomer as error:
        raise NotFound("There is no such customer.") from error
    except Refused as error:
        raise UnprocessableEntity(str(error)) from error
    return _show(desk, request)


def _show(desk: Desk, request: Request) -> Response:
    asked = lookup.LookUp(
        customer_id=request.customer_id,
        language=request.language,
        context=request.context,
        agent_id=request.agent_id,
    )
    with desk.database.reading() as session:
        card = lookup.look_up(desk, session, asked)
    return jsonify(context=request.context, html=render_template("sidebar/card.html", card=card, asked=None))
