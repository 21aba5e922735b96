"""Scopes: what is missing is a failure, what is too much a warning."""

from crm_adapters.scopes import compare_scopes

ADMIN = "a super admin, under Settings"


def test_what_is_missing_is_named_with_whom_to_ask() -> None:
    missing, excess = compare_scopes({"read"}, {"read", "write"}, granted_by=ADMIN)
    assert (missing.ok, missing.missing) == (False, ("write",))
    assert missing.message == f"Missing: write. Ask {ADMIN}."
    assert (excess.ok, excess.warning) == (True, False)


def test_what_is_too_much_is_a_warning() -> None:
    missing, excess = compare_scopes(
        {"read", "delete", "openid"}, {"read"}, granted_by=ADMIN, known={"delete"}
    )
    assert (missing.ok, excess.ok, excess.warning, excess.excess) == (True, True, True, ("delete",))
