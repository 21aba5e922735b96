"""Why nothing is sold now, and why not this product: asked beside the list, about what is not in it."""

from flask import Response, jsonify, render_template

from assist.schemas.sidebar import CustomerSchema, WhyNotSchema
from assist.services.brief import Request, look_at_gate
from assist.services.whynot import ask_why_not
from assist.web.bearer import admit, blueprint, load
from assist.web.context import current_desk
from assist.web.language import page_language


@blueprint.post("/why-not")
def show_why_not() -> Response:
    caller = admit()
    body = load(WhyNotSchema)
    request = Request(body.customer, caller.user.id, body.context, page_language())
    answer = ask_why_not(current_desk(), request, body.product, decision_id=body.decision)
    html = render_template("sidebar/why_not.html", answer=answer, asked=body.product)
    return jsonify(context=body.context, state=answer.state, html=html)


@blueprint.post("/gate")
def show_gate() -> Response:
    """Asked every moment while the gate is closed, so that it opens by itself; hence nothing else is looked at."""
    caller = admit()
    body = load(CustomerSchema)
    request = Request(body.customer, caller.user.id, body.context, page_language())
    gate = look_at_gate(current_desk(), request)
    return jsonify(context=body.context, gate=gate.code if gate else None)
