"""Which token gets where: its scopes, as far as the roles of its account go; nothing else opens the API."""

import pytest
from flask import Flask
from werkzeug.routing import Rule

from assist.models.account import Role
from assist.models.api_token import Scope
from assist.services.accounts import disable_user, set_roles
from assist.services.api_tokens import BEARERS
from assist.services.desk import Desk
from assist.services.rates import Rates
from assist.web.api.area import EXTENSION, Bounds
from tests.assist.web.api.conftest import Arrive, Script
from tests.assist.web.visitors import arrive as sign_in

ACCESS = {
    "api.look_up_customer": Scope.CUSTOMERS_READ,
    "api.make_suggestions": Scope.SUGGESTIONS_WRITE,
    "api.record_outcome": Scope.OUTCOMES_WRITE,
    "api.undo_outcome": Scope.OUTCOMES_WRITE,
    "api.list_releases": Scope.RULES_READ,
    "api.export_release": Scope.RULES_READ,
    "api.show_simulation": Scope.RULES_READ,
    "api.import_release": Scope.RULES_WRITE,
    "api.approve_release": Scope.RULES_APPROVE,
    "api.activate_release": Scope.RULES_APPROVE,
    "api.roll_back": Scope.RULES_APPROVE,
    "api.list_connections": Scope.CONNECTIONS_READ,
    "api.list_outbox": Scope.OUTBOX_READ,
    "api.replay_entry": Scope.OUTBOX_WRITE,
}
VALUES = {"name": "0" * 32, "outcome_id": "0" * 32, "entry_id": 7}


def rules(app: Flask) -> dict[str, Rule]:
    found = {rule.endpoint: rule for rule in app.url_map.iter_rules()}
    return {endpoint: rule for endpoint, rule in found.items() if endpoint.startswith("api.")}


def ask(app: Flask, script: Script, endpoint: str) -> int:
    rule = rules(app)[endpoint]
    path = app.url_map.bind("localhost").build(endpoint, {name: VALUES[name] for name in rule.arguments})
    body: object = {} if "POST" in (rule.methods or ()) else None
    return script.ask(path.removeprefix("/api/v1"), body).status_code


def test_every_route_has_an_entry_in_the_table(app: Flask) -> None:
    assert set(rules(app)) == set(ACCESS), "say in ACCESS which scope a new route needs"


@pytest.mark.parametrize("role", Role)
def test_a_token_gets_where_scope_and_role_both_let_it(
    app: Flask, desk: Desk, arrive: Arrive, role: Role
) -> None:
    everything = arrive(*Role)
    with desk.database.writing() as session:
        set_roles(session, everything.user_id, roles=[role], at=desk.clock.now())
    for endpoint, scope in ACCESS.items():
        status = ask(app, everything, endpoint)
        assert status < 500, endpoint
        assert status != 401, endpoint
        assert (status == 403) == (role not in BEARERS[scope]), f"{role} at {endpoint}"


@pytest.mark.parametrize("scope", Scope)
def test_a_token_gets_nowhere_without_the_scope(app: Flask, arrive: Arrive, scope: Scope) -> None:
    script = arrive(*Role, scopes=(scope,))
    for endpoint, needed in ACCESS.items():
        assert (ask(app, script, endpoint) == 403) == (needed != scope), f"{scope} at {endpoint}"


def test_without_a_good_token_there_is_nothing(app: Flask, desk: Desk, arrive: Arrive) -> None:
    ended = arrive(*Role)
    with desk.database.writing() as session:
        disable_user(session, ended.user_id, at=desk.clock.now())
    for endpoint in ACCESS:
        assert ask(app, ended, endpoint) == 401, endpoint
        assert ask(app, Script(app.test_client(), "assist_made-up", 0), endpoint) == 401, endpoint


def test_a_browsers_session_opens_nothing_here(app: Flask, desk: Desk) -> None:
    refused = sign_in(app, desk, *Role).client.get("/api/v1/releases")
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"].lower() == "bearer"


def test_a_token_is_let_in_so_often_a_minute(app: Flask, arrive: Arrive) -> None:
    app.extensions[EXTENSION] = Bounds(by_address=Rates(6), by_token=Rates(2))
    first, second = arrive(Role.AUDITOR, name="one"), arrive(Role.AUDITOR, name="two")
    assert [first.ask("/releases").status_code for _ in range(3)] == [200, 200, 429]
    assert [second.ask("/releases").status_code for _ in range(3)] == [200, 200, 429]
    refused = Script(app.test_client(), "none", 0).ask("/releases")
    assert refused.status_code == 429, "by address, whatever the token"
    assert refused.headers["Retry-After"] == "60"
    assert refused.content_type == "application/problem+json"
