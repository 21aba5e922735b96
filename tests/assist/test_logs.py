"""Logs: one correlation id, no secrets, no customers, whoever writes the line."""

import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from assist.logs import HIDDEN, configure_logs, redact, start_request


@pytest.fixture
def written() -> Iterator[StringIO]:
    """What is logged, as JSON lines; afterwards logging is as it was."""
    root, stream = logging.getLogger(), StringIO()
    before = (root.handlers, root.level)
    configure_logs("json", stream=stream)
    yield stream
    root.handlers, root.level = before[0], before[1]
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def read(stream: StringIO) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(stream.getvalue().splitlines()[-1])
    return line


def test_every_line_carries_the_correlation_id(written: StringIO) -> None:
    request_id = start_request(None)
    structlog.get_logger("ours").info("write_back", entry=7)
    ours = read(written)
    assert (ours["event"], ours["entry"], ours["request_id"]) == ("write_back", 7, request_id)
    logging.getLogger("theirs").warning("retrying %s", "once")
    theirs = read(written)
    assert (theirs["event"], theirs["logger"], theirs["request_id"]) == (
        "retrying once",
        "theirs",
        request_id,
    )


def test_an_exception_is_told_without_what_it_holds(written: StringIO) -> None:
    error = ValueError("no customer ana.ruiz+x@example.com with +52 55 1234 5678, Bearer eyJabc.def")
    logging.getLogger("theirs").error("failed", exc_info=error)
    line = read(written)
    assert "ValueError" in line["exception"]
    assert "ana.ruiz" not in line["exception"]
    assert "1234" not in line["exception"]
    assert "eyJabc" not in line["exception"]


def test_extra_fields_of_other_libraries_are_hidden_too(written: StringIO) -> None:
    logging.getLogger("theirs").warning(
        "call", extra={"headers": {"Authorization": "Basic abc", "Accept": "x"}}
    )
    assert read(written)["headers"] == {"Authorization": HIDDEN, "Accept": "x"}


def test_the_console_format_is_readable(written: StringIO) -> None:
    stream = StringIO()
    configure_logs("console", stream=stream)
    structlog.get_logger("ours").info("synced", rows=3, api_key="k")
    assert "rows=3" in stream.getvalue()
    assert "api_key=k" not in stream.getvalue()


SECRETS = st.sampled_from(["password", "refresh_token", "client_secret", "Authorization", "email", "phone"])


@given(SECRETS, st.text(min_size=1), st.lists(st.sampled_from(["list", "dict", "tuple"]), max_size=4))
def test_no_value_under_a_telling_key_gets_through(key: str, value: str, wraps: list[str]) -> None:
    hidden: Any = {key: f"<<{value}>>"}
    for wrap in wraps:
        hidden = {"list": [hidden], "dict": {"inside": hidden}, "tuple": (hidden,)}[wrap]
    cleaned = redact(None, "info", {"event": "x", "body": hidden})
    assert f"<<{value}>>" not in str(cleaned)
    assert HIDDEN in str(cleaned)
