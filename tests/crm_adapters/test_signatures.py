"""Signatures of webhooks: nothing fits but the right one."""

from datetime import UTC, datetime, timedelta

import pytest

from crm_adapters.errors import NotTrusted
from crm_adapters.signatures import expect, expect_fresh, sign_base64, sign_hex

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def test_the_right_signature_is_believed() -> None:
    """RFC 4231, test case 2."""
    message = b"what do ya want for nothing?"
    right = sign_hex("Jefe", message)
    assert right == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert sign_base64("Jefe", message) == "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="
    expect(right, right)


@pytest.mark.parametrize(("given", "right"), [("", "a"), ("b", "a"), ("á", "a"), ("", "")])
def test_anything_else_is_not(given: str, right: str) -> None:
    with pytest.raises(NotTrusted):
        expect(given, right)


def test_news_is_fresh() -> None:
    expect_fresh(NOW - timedelta(minutes=5), NOW)
    for apart in (-301, 301):
        with pytest.raises(NotTrusted):
            expect_fresh(NOW + timedelta(seconds=apart), NOW)
