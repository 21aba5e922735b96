"""Who gets in, with which cookie, to which route, and where they land afterwards."""

from dataclasses import replace

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.routing import Rule

from assist.app import create_app
from assist.config import Config
from assist.models.account import Role
from assist.services.desk import Desk
from assist.web.auth import safe_target
from tests.assist.conftest import HandClock
from tests.assist.web.visitors import PASSWORD, Visitor, add, arrive

EVERYBODY = frozenset(Role)
SELLERS = frozenset({Role.AGENT, Role.LEAD})
WATCHERS = frozenset({Role.LEAD, Role.CRM_ADMIN, Role.AUDITOR})
ADMINS = frozenset({Role.CRM_ADMIN})
EDITORS = frozenset({Role.OPS_EDITOR, Role.OPS_APPROVER})
APPROVERS = frozenset({Role.OPS_APPROVER, Role.CRM_ADMIN})
OPEN = "no sign-in needed"

ACCESS: dict[str, frozenset[Role] | str] = {
    "assets.send": OPEN,
    "auth.show_sign_in": OPEN,
    "auth.start_session": OPEN,
    "auth.end_session": OPEN,
    "api-docs.openapi_json": OPEN,
    "api_page.show_page": OPEN,
    "health.show_live": OPEN,
    "health.show_ready": OPEN,
    "health.show_metrics": OPEN,  # but only on this machine or with a token: test_health
    "console.show_home": EVERYBODY,
    "console.show_account": EVERYBODY,
    "console.choose": EVERYBODY,
    "console.change_password": EVERYBODY,
    "console.revoke_session": EVERYBODY,
    "console.list_personas": EVERYBODY,
    "console.show_persona": EVERYBODY,
    "console.ask_customer": EVERYBODY - {Role.AUDITOR},
    "console.show_customer": EVERYBODY - {Role.AUDITOR},
    "console.list_connections": WATCHERS,
    "console.show_connection": WATCHERS,
    "console.list_rejected": WATCHERS,
    "console.show_secrets": ADMINS,
    "console.rotate_secrets": ADMINS,
    "console.drop_secrets": ADMINS,
    "console.list_hosts": WATCHERS,
    "console.add_host": ADMINS,
    "console.remove_host": ADMINS,
    "console.run_sync": ADMINS,
    "console.show_model": WATCHERS | APPROVERS | {Role.OPS_EDITOR},
    "console.roll_back": APPROVERS,
    "console.show_activity": EDITORS | {Role.LEAD, Role.AUDITOR},
    "console.list_people": frozenset({Role.CRM_ADMIN, Role.AUDITOR}),
    "console.add_person": ADMINS,
    "console.show_person": frozenset({Role.CRM_ADMIN, Role.AUDITOR}),
    "console.change_roles": ADMINS,
    "console.change_person": ADMINS,
    "console.reset_password": ADMINS,
    "console.list_audit": frozenset({Role.CRM_ADMIN, Role.AUDITOR}),
    "console.send_audit": frozenset({Role.CRM_ADMIN, Role.AUDITOR}),
    "console.list_decisions": EDITORS | {Role.LEAD, Role.AUDITOR},
    "console.show_icp": WATCHERS | EDITORS,
    "console.list_rules": WATCHERS | EDITORS,
    "console.list_talk_tracks": WATCHERS | EDITORS,
    "console.show_calendar": WATCHERS | EDITORS,
    "console.show_policies": WATCHERS | EDITORS,
    "console.list_facts": EDITORS,
    "console.list_drafts": EDITORS,
    "console.start_draft": EDITORS,
    "console.show_draft": EDITORS,
    "console.release_draft": EDITORS,
    "console.discard_draft": EDITORS,
    "console.list_draft_personas": EDITORS,
    "console.edit_persona": EDITORS,
    "console.copy_persona": EDITORS,
    "console.remove_persona": EDITORS,
    "console.edit_icp": EDITORS,
    "console.backtest_draft": EDITORS,
    "console.list_draft_rules": EDITORS,
    "console.write_rule": EDITORS,
    "console.edit_rule": EDITORS,
    "console.remove_rule": EDITORS,
    "console.list_draft_talk_tracks": EDITORS,
    "console.edit_talk_track": EDITORS,
    "console.edit_calendar": EDITORS,
    "console.edit_policies": EDITORS,
    "console.edit_texts": EDITORS,
    "console.preview_draft": EDITORS,
    "console.list_releases": WATCHERS | EDITORS,
    "console.show_release": WATCHERS | EDITORS,
    "console.send_release": WATCHERS | EDITORS,
    "console.import_release": EDITORS,
    "console.simulate_release": EDITORS,
    "console.approve_release": frozenset({Role.OPS_APPROVER}),
    "console.activate_release": frozenset({Role.OPS_APPROVER}),
    "console.roll_back_release": frozenset({Role.OPS_APPROVER}),
    "console.list_pairs": WATCHERS | EDITORS,
    "console.decide_pair": EDITORS,
    "console.decide_family": EDITORS,
    "console.list_outbox": WATCHERS,
    "console.show_entry": WATCHERS,
    "console.cancel_one": ADMINS,
    "console.show_log": WATCHERS,
    "console.show_switches": WATCHERS | EDITORS,
    "console.switch_off": frozenset({Role.CRM_ADMIN, Role.LEAD, Role.OPS_APPROVER}),  # of suggestions
    "console.switch_on": frozenset({Role.CRM_ADMIN, Role.LEAD, Role.OPS_APPROVER}),
    "console.replay_one": ADMINS,
    "console.replay_all": ADMINS,
    "webhooks.receive": OPEN,  # but nothing is believed that is not signed: test_webhooks
    "sidebar.shell": OPEN,
    "sidebar.start": EVERYBODY,
    "sidebar.show_card": SELLERS,
    "sidebar.show_suggestions": SELLERS,
    "sidebar.show_live": SELLERS,
    "sidebar.record_outcome": SELLERS,
    "sidebar.undo_outcome": SELLERS,
    "sidebar.record_events": SELLERS,
    "sidebar.show_state": SELLERS,
    "sidebar.show_deals": SELLERS,
    "sidebar.add_line": SELLERS,
    "sidebar.undo_line": SELLERS,
    "sidebar.show_why_not": SELLERS,
    "sidebar.show_gate": SELLERS,
    "sidebar.choose_persona": SELLERS,
    "sidebar.note_answer": SELLERS,
    "sidebar.show_wallet": SELLERS,
    "sidebar.give": SELLERS,
    "sidebar.take_back": SELLERS,
}
VALUES = {
    "name": "none",
    "kind": "orders",
    "key": "none",
    "switch": "suggestions",
    "draft": 7,
    "user_id": 999,
    "act": "enable",
    "stage": "boost",
    "text": "notes",
    "entry_id": 7,
    "pair_id": 7,
    "family_id": 7,
    "session_id": 999,
    "outcome_id": "x",
    "line_id": "x",
    "concession_id": "x",
    "version": "x",
}


def routes(app: Flask) -> dict[str, Rule]:
    return {rule.endpoint: rule for rule in app.url_map.iter_rules()}


def ask(app: Flask, rule: Rule, visitor: Visitor) -> int:
    """The status of asking for the route as this visitor, with everything right but perhaps the role."""
    path = app.url_map.bind("localhost").build(rule.endpoint, {name: VALUES[name] for name in rule.arguments})
    if rule.endpoint.startswith("sidebar."):
        return ask_sidebar(path, visitor)
    if "POST" in (rule.methods or ()):
        return visitor.post(path).status_code
    return visitor.get(path).status_code


def ask_sidebar(path: str, visitor: Visitor) -> int:
    started = visitor.client.post("/sidebar/session", headers={"Sec-Fetch-Site": "same-origin"})
    if path == "/sidebar/session":
        return started.status_code
    token = (started.json or {}).get("token", "none")
    return visitor.client.post(path, json={}, headers={"Authorization": f"Bearer {token}"}).status_code


def test_every_route_has_an_entry_in_the_table(app: Flask) -> None:
    by_session = {endpoint for endpoint in routes(app) if not endpoint.startswith("api.")}  # tests/…/web/api
    assert by_session == set(ACCESS), "say in ACCESS who may use a new route"


@pytest.mark.parametrize("role", Role)
def test_each_role_gets_where_the_table_lets_it(app: Flask, desk: Desk, role: Role) -> None:
    visitor = arrive(app, desk, role)
    for endpoint, allowed in ACCESS.items():
        if allowed == OPEN:
            continue
        status = ask(app, routes(app)[endpoint], visitor)
        assert status < 500, endpoint
        assert (status == 403) == (role not in allowed), f"{role} at {endpoint}"


def test_strangers_get_nowhere_but_where_no_sign_in_is_needed(app: Flask, stranger: Visitor) -> None:
    for endpoint, allowed in ACCESS.items():
        if allowed == OPEN:
            continue
        status = ask(app, routes(app)[endpoint], stranger)
        assert status == (401 if endpoint.startswith("sidebar.") else 302), endpoint


def test_signing_in_leads_to_the_page_that_was_asked_for(desk: Desk, stranger: Visitor) -> None:
    asked = stranger.get("/outbox?state=dead")
    assert asked.location == "/sign-in?next=/outbox?state%3Ddead"
    page = stranger.get(asked.location)
    assert 'name="next" value="/outbox?state=dead"' in page.text
    response = stranger.sign_in(add(desk), target="/outbox?state=dead")
    assert response.location == "/outbox?state=dead"


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(desk: Desk, stranger: Visitor) -> None:
    cookie = next(
        text for text in stranger.sign_in(add(desk)).headers.getlist("Set-Cookie") if "assist_session" in text
    )
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


def test_behind_https_all_cookies_are_secure(config: Config, desk: Desk) -> None:
    secure = replace(desk, config=replace(config, public_url="https://assist.example.com"))
    visitor = Visitor(create_app(secure.config, desk=secure).test_client())
    cookies = visitor.get("/sign-in").headers.getlist("Set-Cookie")
    cookies += visitor.sign_in(add(desk)).headers.getlist("Set-Cookie")
    assert len(cookies) >= 2
    assert all("Secure" in cookie for cookie in cookies)


def test_a_wrong_password_says_neither_which_part_is_wrong(desk: Desk, stranger: Visitor) -> None:
    user = add(desk)
    known = stranger.sign_in(user, password="wrong password")
    unknown = stranger.post("/sign-in", {"email": "x@example.com", "password": PASSWORD})
    assert (known.status_code, unknown.status_code) == (401, 401)
    message = "This e-mail and this password do not belong together."
    assert message in known.text
    assert message in unknown.text


def test_after_too_many_attempts_the_page_says_how_long_to_wait(
    desk: Desk, stranger: Visitor, clock: HandClock
) -> None:
    user = add(desk)
    for _ in range(10):
        stranger.sign_in(user, password="wrong password")
    refused = stranger.sign_in(user)
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "900"
    assert "Try again in 15 minutes." in refused.text
    clock.pass_time(minutes=15)
    assert stranger.sign_in(user).status_code == 302


def test_signing_out_ends_the_session_and_forgets_the_cookie(app: Flask, desk: Desk) -> None:
    visitor = arrive(app, desk)
    token = visitor.client.get_cookie("assist_session")
    assert token
    assert visitor.post("/sign-out").location == "/sign-in"
    assert visitor.client.get_cookie("assist_session") is None
    visitor.client.set_cookie("assist_session", token.value)
    assert visitor.get("/").status_code == 302


def test_who_is_signed_in_needs_no_sign_in_page(app: Flask, desk: Desk) -> None:
    assert arrive(app, desk).get("/sign-in?next=/personas").location == "/personas"


@pytest.mark.parametrize("path", ["/", "/outbox?state=dead", "/customers", "/personas/mobile_gamer"])
def test_own_paths_are_kept(app: Flask, path: str) -> None:
    with app.test_request_context():
        assert safe_target(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "//evil.example",
        "///evil.example",
        "//[evil",
        "https://evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "\\/evil.example",
        "javascript:alert(1)",
        "/" + "x" * 600,
    ],
)
def test_other_places_become_the_start_page(app: Flask, path: str) -> None:
    with app.test_request_context():
        assert safe_target(path) == "/"


@given(st.text(alphabet="/\\.:@?#\t\n\r evil", max_size=12))
def test_no_target_leaves_this_host(path: str) -> None:
    app = Flask(__name__)
    app.add_url_rule("/", "console.show_home")
    with app.test_request_context():
        target = safe_target(path)
    # What a browser makes of it: backslashes are slashes, tabs and line ends are skipped.
    read = target.replace("\\", "/").translate({9: None, 10: None, 13: None})
    assert read.startswith("/")
    assert not read.startswith("//")
