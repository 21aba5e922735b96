"""What protects every answer and every form: headers, limits, cross-site forgery checks, correlation ids."""

from time import monotonic

import structlog
from flask import Flask, Response, g, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from assist import logs, metrics
from assist.web.context import current_desk
from personas.archive import LARGEST_ARCHIVE

LARGEST_BODY = 64 * 1024
LARGEST_UPLOAD = LARGEST_ARCHIVE + LARGEST_BODY
UPLOADS = frozenset({"console.import_release"})
LARGEST_FORM = 512 * 1024
FORMS = frozenset(
    {
        "console.edit_persona",
        "console.edit_icp",
        "console.write_rule",
        "console.edit_rule",
        "console.edit_talk_track",
        "console.edit_calendar",
        "console.edit_policies",
        "console.edit_texts",
    }
)
"""Those over a part of a release; letters beyond ASCII take up to nine signs in them."""
COOKIELESS_BLUEPRINTS = frozenset({"api", "sidebar", "webhooks"})
"""They read no cookie but in one request that checks its own origin, so there is nothing to forge."""
CONTENT = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
)
FEATURES = ("camera", "geolocation", "microphone", "payment", "usb", "browsing-topics")

log = structlog.get_logger(__name__)
_csrf = CSRFProtect()


def init_app(app: Flask) -> None:
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=LARGEST_BODY,
        MAX_FORM_PARTS=100,
        SESSION_COOKIE_NAME="assist_form",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    with app.app_context():
        app.config["SESSION_COOKIE_SECURE"] = _is_https()
        proxies = current_desk().config.trusted_proxies
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]  # - Flask's own way to wrap
    app.before_request(_begin)
    _csrf.init_app(app)
    app.before_request(_refuse_forgery)
    app.after_request(_protect)
    app.after_request(_report)


def _begin() -> None:
    g.started = monotonic()
    g.request_id = logs.start_request(request.headers.get("X-Request-Id"))


def _refuse_forgery() -> None:
    if request.endpoint in UPLOADS:
        request.max_content_length = LARGEST_UPLOAD
    if request.endpoint in FORMS:
        request.max_content_length = request.max_form_memory_size = LARGEST_FORM
    if request.endpoint and request.blueprint not in COOKIELESS_BLUEPRINTS:
        _csrf.protect()


def _protect(response: Response) -> Response:
    sidebar = request.blueprint == "sidebar"
    headers = {
        "Content-Security-Policy": CONTENT.format(ancestors="'self'" if sidebar else "'none'"),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer" if sidebar else "same-origin",
        "Permissions-Policy": ", ".join(f"{feature}=()" for feature in FEATURES),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-store",
        "X-Request-Id": g.get("request_id", ""),
    }
    if _is_https():
        headers["Strict-Transport-Security"] = "max-age=31536000"
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    return response


def _report(response: Response) -> Response:
    if "started" not in g:
        return response
    route = request.url_rule.rule if request.url_rule else "none"
    seconds = monotonic() - g.started
    metrics.observe_request(request.method, route, status=response.status_code, seconds=seconds)
    log.info(
        "request",
        method=request.method,
        route=route,
        status=response.status_code,
        ms=round(1000 * seconds, 1),
    )
    return response


def _is_https() -> bool:
    return current_desk().config.public_url.startswith("https://")
