"""The sidebar: a shell without customer data, and the requests that its page makes with a bearer token."""

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Response, g, jsonify, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.exceptions import Conflict, Forbidden, NotFound, Unauthorized, UnprocessableEntity

from assist.models.account import Role
from assist.schemas.sidebar import (
    CardBody,
    CardSchema,
    CustomerSchema,
    Entry,
    EntrySchema,
    OutcomeSchema,
    SeenSchema,
    StateSchema,
)
from assist.services import decide, events, lookup, outcomes, refresh, sign_in
from assist.services.accounts import LANGUAGES
from assist.services.card import find_write_back
from assist.services.switchboard import Switch
from assist.services.views import Card
from assist.web import concessions, deals, formats, persona_choices, tokens, whynot  # noqa: F401 - some only add their routes
from assist.web.assets import asset_names, compress
from assist.web.auth import COOKIE
from assist.web.bearer import admit, blueprint, load
from assist.web.context import current_desk
from assist.web.controls import write_controls
from assist.web.language import page_language
from assist.web.stops import refuse_while_off, say_thrown
from assist.web.tokens import Bearer

for _filter in (
    say_thrown,
    formats.bounded,
    formats.price,
    formats.percent,
    formats.quantity,
    formats.day,
    formats.day_and_year,
    formats.language_name,
    formats.country_name,
):
    blueprint.add_app_template_filter(_filter)


@blueprint.route("/", methods=["GET", "POST"])
def shell() -> Response:
    """Identity comes by POST, or in the fragment that only the page reads; a query names a language only."""
    modules = [name for name in asset_names("sidebar", ".js") if not name.endswith("/theme.js")]
    page = render_template(
        "sidebar/shell.html",
        entry=_read_entry(request.form),
        modules=modules,
        origins=[_own_origin()],
        languages=LANGUAGES,
        language_is_given=g.language is not None,
        sign_in_url=url_for("auth.show_sign_in"),
    )
    return compress(Response(page))


@blueprint.post("/session")
def start() -> Response:
    """A token for the page, for the browser that is signed in on the console."""
    if not _is_same_origin():
        raise Forbidden("Only our own page may ask for a token.")
    desk = current_desk()
    caller = sign_in.find_user_by_session(desk, request.cookies.get(COOKIE, ""))
    if caller is None:
        raise Unauthorized("Nobody is signed in.")
    refuse_while_off()
    life = timedelta(minutes=desk.config.token_minutes)
    bearer = Bearer(caller.user.id, caller.session_id)
    token = tokens.issue(desk.secret_key, bearer, now=desk.clock.now(), life=life)
    agent = {"id": caller.user.id, "name": caller.user.name, "locale": caller.user.language}
    return jsonify(token=token, expires_in=int(life.total_seconds()), agent=agent)


@blueprint.post("/card")
def show_card() -> Response:
    caller = admit()
    body = load(CardSchema)
    asked = lookup.LookUp(
        email=body.email,
        phone=body.phone,
        ref=body.ref,
        customer_id=body.customer,
        language=page_language(),
        context=body.context,
        agent_id=caller.user.id,
    )
    desk = current_desk()
    with desk.database.reading() as session:
        card = lookup.look_up(desk, session, asked)
    customer = card.header.customer_id if card.header else None
    html = _render_card(card, asked=body)
    return jsonify(context=body.context, state=card.state, customer=customer, html=html)


@blueprint.post("/suggestions")
def show_suggestions() -> Response:
    caller = admit()
    body = load(CustomerSchema)
    answer = decide.decide(
        current_desk(),
        customer_id=body.customer,
        agent_id=caller.user.id,
        context=body.context,
        language=page_language(),
    )
    html = render_template(
        "sidebar/suggestions.html",
        answer=answer,
        controls=write_controls(current_desk().personas.policies, page_language()),
        lines=deals.find_lines([item.id for item in answer.suggestions if item.outcome]),
        weighed=Role.LEAD in caller.user.roles,
        has_wallet=current_desk().personas.policies.concessions is not None,
        off=current_desk().switches.find(Switch.SUGGESTIONS),
    )
    texts = [{"id": item.id, "text": item.talk_track} for item in answer.suggestions]
    return jsonify(context=body.context, decision=answer.decision_id, html=html, suggestions=texts)


@blueprint.post("/refresh")
def show_live() -> Response:
    caller = admit()
    body = load(CustomerSchema)
    fresh = refresh.refresh(
        current_desk(),
        customer_id=body.customer,
        language=page_language(),
        context=body.context,
        agent_id=caller.user.id,
    )
    if fresh.card.header is None:
        raise NotFound("There is no such customer.")
    return jsonify(context=body.context, changed=fresh.changed, html=_render_card(fresh.card, asked=None))


@blueprint.post("/outcomes")
def record_outcome() -> tuple[Response, int]:
    caller = admit()
    body = load(OutcomeSchema)
    act = outcomes.NewOutcome(
        suggestion_id=body.suggestion,
        act=body.act,
        channel=body.channel,
        reason=body.reason,
        days=body.days,
        id=body.id,
    )
    try:
        view = outcomes.record(current_desk(), act, agent_id=caller.user.id)
    except outcomes.UnknownOutcome as error:
        raise NotFound(str(error)) from error
    except outcomes.Refused as error:
        raise UnprocessableEntity(str(error)) from error
    left = (view.undo_until - current_desk().clock.now()).total_seconds()
    answer = jsonify(
        id=view.id, act=view.act, undo_until=view.undo_until.isoformat(), undo_seconds=max(0.0, left)
    )
    return answer, 201


@blueprint.post("/outcomes/<outcome_id>/undo")
def undo_outcome(outcome_id: str) -> Response:
    caller = admit()
    try:
        outcomes.undo(current_desk(), outcome_id, agent_id=caller.user.id)
    except outcomes.UnknownOutcome as error:
        raise NotFound(str(error)) from error
    except outcomes.TooLate as error:
        raise Conflict(str(error)) from error
    return jsonify(id=outcome_id, undone=True)


@blueprint.post("/events")
def record_events() -> tuple[str, int]:
    caller = admit()
    body = load(SeenSchema)
    events.record_seen(current_desk(), body.suggestions, kind=body.kind, agent_id=caller.user.id)
    return "", 204


@blueprint.post("/state")
def show_state() -> Response:
    admit()
    body = load(StateSchema)
    with current_desk().database.reading() as session:
        state = find_write_back(current_desk(), session, body.customer)
    added = deals.find_lines(body.suggestions)
    return jsonify(
        html=render_template("sidebar/writeback.html", state=state),
        lines={suggestion: deals.say(line) for suggestion, line in added.items()},
    )


def _read_entry(form: Mapping[str, str]) -> Entry:
    """What can be used of it: a shell without a customer has a look-up box, an error page has nothing."""
    known = {name: text for name, text in form.items() if name in EntrySchema().fields and text}
    try:
        return EntrySchema().load(known)  # type: ignore[no-any-return]  # marshmallow does not say
    except ValidationError as error:
        return _read_entry({name: text for name, text in known.items() if name not in error.messages_dict})


def _own_origin() -> str:
    address = urlsplit(current_desk().config.public_url)
    return f"{address.scheme}://{address.netloc}"


def _is_same_origin() -> bool:
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    return request.headers.get("Origin", "") in {_own_origin(), request.host_url.rstrip("/")}


def _render_card(card: Card, *, asked: CardBody | None) -> str:
    return render_template("sidebar/card.html", card=card, asked=asked)
