"""Steps of a check: what fails is told, with what to do about it."""

from datetime import UTC, datetime

import pytest

from crm_adapters.errors import AuthExpired, CRMError, NotFound, PermissionDenied
from crm_adapters.findings import judge_clock, try_step

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def fail(error: CRMError) -> str:
    raise error


def test_what_works_is_told() -> None:
    finding = try_step("reading", lambda: "Read one.")
    assert (finding.ok, finding.message) == (True, "Read one.")


@pytest.mark.parametrize(
    ("error", "message", "missing"),
    [
        (AuthExpired("refused"), "AuthExpired: refused. Enter a new key or token, or connect anew.", ()),
        (PermissionDenied("refused", scope="deals"), "PermissionDenied: refused. Ask the admin.", ("deals",)),
        (NotFound("none"), "NotFound: none.", ()),
    ],
)
def test_what_fails_is_told_with_a_remedy(error: CRMError, message: str, missing: tuple[str, ...]) -> None:
    finding = try_step("reading", lambda: fail(error), granted_by="the admin")
    assert (finding.ok, finding.message, finding.missing) == (False, message, missing)


@pytest.mark.parametrize(
    ("date", "ok"),
    [
        ("Mon, 05 Jan 2026 09:00:30 GMT", True),
        ("Mon, 05 Jan 2026 08:50:00 GMT", False),
        ("Mon, 05 Jan 2026 09:03:00 -0000", False),
        ("yesterday", True),
        ("", True),
    ],
)
def test_clocks_that_are_apart(date: str, *, ok: bool) -> None:
    assert judge_clock({"Date": date}, NOW).ok is ok
