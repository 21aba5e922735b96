"""What an agent may still give the customer, giving it, and taking it back."""

from collections.abc import Sequence

from flask import Response, get_template_attribute, jsonify, render_template
from werkzeug.exceptions import Conflict, NotFound, UnprocessableEntity

from assist.schemas.sidebar import GiveSchema, WalletSchema
from assist.services import concessions
from assist.services.outcomes import Refused, TooLate, UnknownOutcome
from assist.services.views import SuggestionView
from assist.web.bearer import admit, blueprint, load
from assist.web.context import current_desk


@blueprint.post("/wallet")
def show_wallet() -> Response:
    """Asked after the suggestions, and only where the policies in force know of concessions."""
    caller = admit()
    body = load(WalletSchema)
    return jsonify(context=body.context, **_read(body.suggestions, agent_id=caller.user.id))


@blueprint.post("/concessions")
def give() -> tuple[Response, int]:
    caller = admit()
    body = load(GiveSchema)
    try:
        view = concessions.give(current_desk(), body.suggestion, body.id, agent_id=caller.user.id)
    except UnknownOutcome as error:
        raise NotFound(str(error)) from error
    except Refused as error:
        raise UnprocessableEntity(str(error)) from error
    return jsonify(id=body.id, **_say(view)), 201


@blueprint.post("/concessions/<concession_id>/undo")
def take_back(concession_id: str) -> Response:
    caller = admit()
    try:
        view = concessions.take_back(current_desk(), concession_id, agent_id=caller.user.id)
    except UnknownOutcome as error:
        raise NotFound(str(error)) from error
    except TooLate as error:
        raise Conflict(str(error)) from error
    return jsonify(id=concession_id, **_say(view))


def _read(suggestion_ids: Sequence[str], *, agent_id: int) -> dict[str, object]:
    try:
        wallet = concessions.find_wallet(current_desk(), suggestion_ids, agent_id=agent_id)
    except UnknownOutcome as error:
        raise NotFound(str(error)) from error
    chips = {
        one: render_template("sidebar/concession.html", wallet=wallet, suggestion=one)
        for one in suggestion_ids
        if wallet
    }
    return {"html": render_template("sidebar/wallet.html", wallet=wallet), "chips": chips}


def _say(view: SuggestionView) -> dict[str, str]:
    """What the page puts in place of what the suggestion said."""
    return {
        "suggestion": view.id,
        "price": get_template_attribute("sidebar/price.html", "shown_price")(view),
        "text": view.talk_track,
    }
