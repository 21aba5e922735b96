"""Where CRMs call: anybody can, so nothing is believed here and nothing is told but a status."""

from dataclasses import dataclass, field

import structlog
from flask import Blueprint, Response, current_app, request
from flask.blueprints import BlueprintSetupState

from assist.services import webhooks
from assist.services.rates import Rates
from assist.services.throttle import network
from assist.services.webhooks import PATH, UnknownKey
from assist.vault import VaultError
from assist.web.context import current_desk
from crm_adapters.errors import BadSettings, NotTrusted
from crm_adapters.model import WebhookRequest

LARGEST_BODY = 1024 * 1024
"""Of a shop's order or product, whole with its notes; what we keep of it is its ref."""
EXTENSION = "assist.webhooks"
RETRY_SECONDS = 60

log = structlog.get_logger(__name__)
blueprint = Blueprint("webhooks", __name__)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Vendors take refusals ill (Pipedrive is silent for half an hour, WooCommerce switches the webhook off), so
    that the first is far above what one CRM sends."""

    calls: Rates = field(default_factory=lambda: Rates(1_200))
    """By address."""
    refusals: Rates = field(default_factory=lambda: Rates(60))
    """By key: more are not written down."""


@blueprint.record_once
def set_bounds(state: BlueprintSetupState) -> None:
    state.app.extensions.setdefault(EXTENSION, Bounds())


@blueprint.route(f"{PATH}<key>", methods=["GET", "POST"])
def receive(key: str) -> Response:
    """Any method and body, for it is the adapter that knows its vendor's greetings."""
    request.max_content_length = LARGEST_BODY
    desk = current_desk()
    bounds: Bounds = current_app.extensions[EXTENSION]
    now = desk.clock.now()
    if not bounds.calls.allows(network(request.remote_addr or ""), now):
        return _later(429)
    try:
        webhooks.receive(desk, key, _read_request())
    except UnknownKey:
        return _answer(404)
    except NotTrusted as error:
        log.warning("webhook_not_trusted", cause=str(error))
        if bounds.refusals.allows(key, now):
            webhooks.note_refusal(desk, key)
        return _answer(403)
    except (BadSettings, VaultError) as error:
        log.warning("webhook_not_opened", cause=f"{type(error).__name__}: {error}")
        return _later(503)
    return _answer(200)


def _answer(status: int) -> Response:
    return Response("", status, content_type="text/plain; charset=utf-8")


def _later(status: int) -> Response:
    response = _answer(status)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _read_request() -> WebhookRequest:
    """Under the address that the CRM was given: that is what it signs, whatever proxies made of it."""
    desk = current_desk()
    body = request.get_data()
    query = request.query_string.decode("latin-1")
    return WebhookRequest(
        method=request.method,
        url=f"{desk.config.public_url}{request.path}{'?' if query else ''}{query}",
        headers=dict(request.headers),
        body=body,
        at=desk.clock.now(),
    )
