import json

from tests.assist.cli.conftest import Run

LOOK_UP = ("--name", "nightly report", "--scope", "customers:read")


def test_a_token_is_shown_once_listed_and_revoked(run: Run) -> None:
    run("db", "upgrade")
    run("users", "add", "ana@example.com")
    made = run("tokens", "add", "ana@example.com", *LOOK_UP, "--as", "ana@example.com").output
    assert made.startswith("Token 1, good for 90 days, shown this once: assist_")
    token = made.split()[-1]
    listed = run("tokens", "list").output
    assert "nightly report  ana@example.com  customers:read" in listed
    assert token not in listed
    assert run("tokens", "revoke", "1").output == "Token 1 is revoked.\n"
    assert run("tokens", "revoke", "1").output == "Token 1 was already revoked.\n"
    (found,) = json.loads(run("tokens", "list", "--json").output)
    assert found["revoked_at"]
    assert "token_hash" not in found
    assert "revoked" in run("tokens", "list").output


def test_what_the_account_may_not_do_no_token_of_it_may(run: Run) -> None:
    run("db", "upgrade")
    run("users", "add", "ana@example.com", "--role", "auditor")
    refused = run("tokens", "add", "ana@example.com", *LOOK_UP, expect=1)
    assert refused.stderr.startswith("Error: customers:read is for accounts with one of these roles: agent,")
    assert "no token 9" in run("tokens", "revoke", "9", expect=1).stderr


def test_a_token_needs_a_scope_that_there_is(run: Run) -> None:
    refused = run("tokens", "add", "ana@example.com", "--name", "x", "--scope", "all", expect=2)
    assert "'customers:read', 'suggestions:write'" in refused.stderr
