"""Another persona than the one proposed: the agent's word, for this conversation."""

from flask import Response, jsonify, render_template
from werkzeug.exceptions import NotFound, UnprocessableEntity

from assist.schemas.sidebar import PersonaSchema
from assist.services import lookup
from assist.services.brief import Request
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
    asked = lookup.LookUp(
        customer_id=body.customer,
        language=page_language(),
        context=body.context,
        agent_id=caller.user.id,
    )
    with desk.database.reading() as session:
        card = lookup.look_up(desk, session, asked)
    return jsonify(context=body.context, html=render_template("sidebar/card.html", card=card, asked=None))
