"""The sidebar: a shell without customer data, and the requests that its page makes with a bearer token."""

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, jsonify, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.exceptions import Conflict, Forbidden, NotFound, Unauthorized, UnprocessableEntity

from assist.models.account import Role
from assist.schemas.sidebar import (
    Body,
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
from assist.services.sign_in import Caller
from assist.services.views import Card
from assist.web import formats, tokens
from assist.web.assets import asset_names, compress
from assist.web.auth import COOKIE
from assist.web.context import current_desk
from assist.web.controls import write_controls
from assist.web.errors import problem
from assist.web.language import page_language
from assist.web.tokens import Bearer, TokenRefused

PERMITTED = frozenset({Role.AGENT, Role.LEAD})

blueprint = Blueprint("sidebar", __name__, url_prefix="/sidebar")

for _filter in (
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


@blueprint.before_request
def speak() -> None:
    """The page asks in the language it is written in; its shell, in what the chat tool names, if any."""
    if request.endpoint != f"{blueprint.name}.shell":
        g.language = request.accept_languages.best_match(LANGUAGES)
    else:
        wanted = request.values.get("locale", "").lower()
        g.language = next((language for language in LANGUAGES if language.lower() == wanted), None)


@blueprint.errorhandler(ValidationError)
def refuse(error: ValidationError) -> Response:
    wrong = "; ".join(f"{name}: {reason}" for name, reason in error.messages_dict.items())
    return problem(422, "Not as it should be", wrong)


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
    life = timedelta(minutes=desk.config.token_minutes)
    bearer = Bearer(caller.user.id, caller.session_id)
    token = tokens.issue(desk.secret_key, bearer, now=desk.clock.now(), life=life)
    agent = {"id": caller.user.id, "name": caller.user.name, "locale": caller.user.language}
    return jsonify(token=token, expires_in=int(life.total_seconds()), agent=agent)


@blueprint.post("/card")
def show_card() -> Response:
    _admit()
    body = _load(CardSchema)
    asked = lookup.LookUp(
        email=body.email,
        phone=body.phone,
        ref=body.ref,
        customer_id=body.customer,
        language=page_language(),
    )
    desk = current_desk()
    with desk.database.reading() as session:
        card = lookup.look_up(desk, session, asked)
    customer = card.header.customer_id if card.header else None
    html = _render_card(card, asked=body)
    return jsonify(context=body.context, state=card.state, customer=customer, html=html)


@blueprint.post("/suggestions")
def show_suggestions() -> Response:
    caller = _admit()
    body = _load(CustomerSchema)
    answer = decide.decide(
        current_desk(),
        customer_id=body.customer,
        agent_id=caller.user.id,
        context=body.context,
        language=page_language(),
    )
    controls = write_controls(current_desk().personas.policies, page_language())
    return jsonify(
        context=body.context,
        decision=answer.decision_id,
        html=render_template("sidebar/suggestions.html", answer=answer, controls=controls),
        suggestions=[{"id": item.id, "text": item.talk_track} for item in answer.suggestions],
    )


@blueprint.post("/refresh")
def show_live() -> Response:
    _admit()
    body = _load(CustomerSchema)
    fresh = refresh.refresh(current_desk(), customer_id=body.customer, language=page_language())
    if fresh.card.header is None:
        raise NotFound("There is no such customer.")
    return jsonify(context=body.context, changed=fresh.changed, html=_render_card(fresh.card, asked=None))


@blueprint.post("/outcomes")
def record_outcome() -> tuple[Response, int]:
    caller = _admit()
    body = _load(OutcomeSchema)
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
    caller = _admit()
    try:
        outcomes.undo(current_desk(), outcome_id, agent_id=caller.user.id)
    except outcomes.UnknownOutcome as error:
        raise NotFound(str(error)) from error
    except outcomes.TooLate as error:
        raise Conflict(str(error)) from error
    return jsonify(id=outcome_id, undone=True)


@blueprint.post("/events")
def record_events() -> tuple[str, int]:
    caller = _admit()
    body = _load(SeenSchema)
    events.record_seen(current_desk(), body.suggestions, kind=body.kind, agent_id=caller.user.id)
    return "", 204


@blueprint.post("/state")
def show_state() -> Response:
    _admit()
    body = _load(StateSchema)
    with current_desk().database.reading() as session:
        state = find_write_back(session, body.customer)
    return jsonify(html=render_template("sidebar/writeback.html", state=state))


def _admit() -> Caller:
    """Who the bearer token belongs to, now: signing out on the console ends the sidebar as well."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized("A bearer token is needed.")
    desk = current_desk()
    try:
        bearer = tokens.read(desk.secret_key, token, now=desk.clock.now())
    except TokenRefused as error:
        raise Unauthorized(str(error)) from error
    caller = sign_in.find_user_by_session_id(desk, bearer.session_id)
    if caller is None or caller.user.id != bearer.user_id:
        raise Unauthorized("The sign-in has ended.")
    if not caller.user.roles & PERMITTED:
        raise Forbidden("The sidebar is for agents.")
    return caller


def _load(kind: type[Body]) -> Any:
    """Raises ValidationError."""
    return _schema(kind).load(request.get_json())


@cache
def _schema(kind: type[Body]) -> Body:
    return kind()


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
