"""For load balancers and Prometheus: is the process alive, can it serve, what are its numbers."""

import secrets
from ipaddress import ip_address

from flask import Blueprint, Response, abort, jsonify, request
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from assist import metrics
from assist.services import status
from assist.store.schema import is_current
from assist.web.context import current_desk

blueprint = Blueprint("health", __name__)


@blueprint.get("/health/live")
def show_live() -> Response:
    return jsonify(status="ok")


@blueprint.get("/health/ready")
def show_ready() -> tuple[Response, int]:
    """The database answers and has the tables this version expects; a CRM that is down stops nothing."""
    checks = _check()
    ready = all(word == "ok" for word in checks.values())
    return jsonify(status="ok" if ready else "failing", checks=checks), 200 if ready else 503


@blueprint.get("/metrics")
def show_metrics() -> Response:
    if not (_is_local() or _has_token()):
        abort(404)
    desk = current_desk()
    with desk.database.reading() as session:
        gauges = status.gauges(session, at=desk.clock.now())
    return Response(metrics.render(gauges), content_type="text/plain; version=0.0.4; charset=utf-8")


def _check() -> dict[str, str]:
    database = current_desk().database
    try:
        with database.reading() as session:
            session.execute(text("SELECT 1"))
        return {
            "database": "ok",
            "schema": "ok" if is_current(database.engine) else "run `assist db upgrade`",
        }
    except SQLAlchemyError:
        return {"database": "does not answer"}


def _is_local() -> bool:
    """A proxy on this machine also has a local address, but says for whom it asks."""
    if request.headers.get("X-Forwarded-For") or request.headers.get("Forwarded"):
        return False
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _has_token() -> bool:
    expected = current_desk().config.metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(expected) and secrets.compare_digest(given.encode(), str(expected).encode())
