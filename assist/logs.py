"""Logs: one line per event, one correlation id from an agent's click to the CRM, no secrets, no customers."""

import logging
import re
import sys
from collections.abc import Mapping
from typing import TextIO
from uuid import uuid4

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

HIDDEN = "[hidden]"
_SECRET_KEY = re.compile(
    r"passw|token|secret|authori[sz]ation|cookie|api_?key|e_?mail|phone|whatsapp", re.IGNORECASE
)
_SECRET_TEXT = re.compile(
    r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+"  # e-mail addresses
    r"|\b(?:Bearer|Basic)\s+[\w.~+/=-]+"  # Authorization values
    r"|\+\d[\d ().-]{7,}\d"  # phone numbers in international form
)
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_DESCRIBE: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
)


def configure_logs(log_format: str, *, stream: TextIO | None = None) -> None:
    """Send structlog's and the standard library's records one way; `log_format` as in Config."""
    target = stream or sys.stderr
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *_DESCRIBE],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            redact,
            _renderer(log_format, target),
        ],
    )
    structlog.configure(
        processors=[*_DESCRIBE, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(target)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for chatty in ("alembic", "huey"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Hide values under telling keys at any depth, and what looks like an e-mail, a phone or a credential."""
    return {key: _clean(key, value) for key, value in event.items()}


def redact_text(text: str) -> str:
    """What `redact` does to a text under a key that tells nothing."""
    return _SECRET_TEXT.sub(HIDDEN, text)


def start_request(offered: str | None) -> str:
    """The correlation id of the work that begins: the caller's where it is well formed, else a new one."""
    request_id = offered if offered and _REQUEST_ID.fullmatch(offered) else uuid4().hex
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id)
    return request_id


def current_request_id() -> str | None:
    request_id: str | None = structlog.contextvars.get_contextvars().get("request_id")
    return request_id


def _renderer(log_format: str, target: TextIO) -> Processor:
    if log_format == "json":
        return structlog.processors.JSONRenderer(default=str)
    return structlog.dev.ConsoleRenderer(
        colors=target.isatty(), exception_formatter=structlog.dev.plain_traceback
    )


def _clean(key: str, value: object) -> object:
    if _SECRET_KEY.search(key):
        return HIDDEN
    if isinstance(value, str):
        return _SECRET_TEXT.sub(HIDDEN, value)
    if isinstance(value, Mapping):
        return {str(name): _clean(str(name), part) for name, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(key, part) for part in value]
    return value
