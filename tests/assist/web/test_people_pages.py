"""People, roles and the audit log: nobody raises themselves or locks everybody out, and all is written down."""

import json
import re

import pytest
from flask import Flask
from sqlalchemy import select

from assist.models.account import AuditEntry, Role, UserAccount
from assist.services.accounts import find_user
from assist.services.desk import Desk
from assist.store.accounts import PAGE
from tests.assist.scenes import add_agent
from tests.assist.web.visitors import TOKEN, Visitor, arrive

ONCE = re.compile(r'<p class="figure"><code>([^<]+)</code>')


@pytest.fixture
def admin(app: Flask, desk: Desk) -> Visitor:
    return arrive(app, desk, Role.CRM_ADMIN)


def send(visitor: Visitor, path: str, **form: object) -> tuple[int, str]:
    """A form with several boxes of one name, followed to where it leads."""
    token = TOKEN.search(visitor.get("/account").text)
    assert token
    answer = visitor.client.post(path, data={"csrf_token": token[1], **form}, follow_redirects=True)
    return answer.status_code, answer.text


def roles_of(desk: Desk, user_id: int) -> frozenset[Role]:
    with desk.database.reading() as session:
        return session.get_one(UserAccount, user_id).roles


def test_somebody_is_added_and_signs_in_with_a_password_that_is_told_once(
    app: Flask, desk: Desk, admin: Visitor
) -> None:
    status, page = send(admin, "/people", name="Zoë Sol", email="Zoe@example.com", roles=["agent", "lead"])
    found = ONCE.search(page)
    assert status == 200
    assert found
    assert found[1] not in admin.get("/people").text
    with desk.database.reading() as session:
        user = find_user(session, "zoe@example.com")
        logged = session.scalars(select(AuditEntry).where(AuditEntry.event == "user.added")).all()[-1]
    assert user
    assert user.roles == {Role.AGENT, Role.LEAD}
    assert (logged.actor_id, logged.subject) == (admin.user.id if admin.user else 0, f"user:{user.id}")
    assert Visitor(app.test_client()).sign_in(user, password=found[1]).status_code == 302


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"name": "A", "email": "no mail", "roles": "agent"}, "is not an e-mail address"),
        ({"name": "A", "email": "a@example.com"}, "at least one role"),
        ({"name": "A", "email": "a@example.com", "roles": "queen"}, "at least one role"),
        ({"name": " ", "email": "a@example.com", "roles": "agent"}, "needs a name"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    admin: Visitor, form: dict[str, str], told: str
) -> None:
    status, page = send(admin, "/people", **form)
    assert status == 422
    assert told in page
    assert f'value="{form["email"]}"' in page


def test_roles_change_but_not_ones_own(desk: Desk, admin: Visitor) -> None:
    agent = add_agent(desk)
    send(admin, f"/people/{agent}/roles", roles=["ops_editor"])
    assert roles_of(desk, agent) == {Role.OPS_EDITOR}
    assert "at least one role" in send(admin, f"/people/{agent}/roles")[1]
    own = admin.user.id if admin.user else 0
    assert "another admin" in send(admin, f"/people/{own}/roles", roles=["auditor", "crm_admin"])[1]
    assert roles_of(desk, own) == {Role.CRM_ADMIN}
    assert "another admin" in send(admin, f"/people/{own}/disable")[1]
    assert "another admin" in send(admin, f"/people/{own}/password")[1]


def test_a_disabled_account_is_out_at_once_and_comes_back(app: Flask, desk: Desk, admin: Visitor) -> None:
    agent = arrive(app, desk, Role.AGENT)
    user = agent.user
    assert user
    path = f"/people/{user.id}"
    assert "disabled and signed out" in send(admin, f"{path}/disable")[1]
    assert agent.get("/").status_code == 302
    send(admin, f"{path}/enable")
    agent = Visitor(app.test_client())
    assert agent.sign_in(user).status_code == 302
    assert "Signed out everywhere." in send(admin, f"{path}/sign_out")[1]
    assert agent.get("/").status_code == 302


def test_a_new_password_ends_the_former_one(app: Flask, desk: Desk, admin: Visitor) -> None:
    agent = arrive(app, desk, Role.AGENT)
    assert agent.user
    found = ONCE.search(send(admin, f"/people/{agent.user.id}/password")[1])
    assert found
    again = Visitor(app.test_client())
    assert again.sign_in(agent.user).status_code == 401
    assert again.sign_in(agent.user, password=found[1]).status_code == 302


def test_all_people_are_on_one_page_each_and_are_found(desk: Desk, admin: Visitor) -> None:
    for number in range(PAGE + 5):
        add_agent(desk, f"Name{number:03}")
    first = admin.get("/people").text
    following = re.search(r'href="(/people\?after=[^"]+)"', first)
    assert following
    both = first + admin.get(following[1]).text
    assert all(both.count(f">Name{number:03}<") == 1 for number in range(PAGE + 5))
    assert "Name007" in admin.get("/people?text=NAME007").text
    assert "Nobody has that" in admin.get("/people?text=100%").text


def test_an_auditor_looks_and_changes_nothing(app: Flask, desk: Desk) -> None:
    auditor = arrive(app, desk, Role.AUDITOR)
    agent = add_agent(desk)
    assert "Add a person" not in auditor.get("/people").text
    assert auditor.get(f"/people/{agent}").status_code == 200
    assert auditor.post(f"/people/{agent}/disable").status_code == 403


def test_the_audit_log_is_searched_and_taken_along(desk: Desk, admin: Visitor) -> None:
    agent = add_agent(desk)
    send(admin, f"/people/{agent}/roles", roles=["lead"])
    page = admin.get(f"/audit?subject=user:{agent}&event=roles").text
    assert "roles.set" in page
    assert "lead" in page
    assert "session.started" not in page
    own = admin.user.id if admin.user else 0
    assert "roles.set" in admin.get(f"/audit?actor={own}").text
    assert "roles.set" not in admin.get(f"/audit?actor={agent}").text
    assert admin.get(f"/audit?actor={10**12}&before={10**30}").status_code == 200
    assert "No entry found" in admin.get("/audit?until=2020-01-01").text
    lines = [json.loads(line) for line in admin.get(f"/audit.jsonl?subject=user:{agent}").text.splitlines()]
    assert [(line["event"], line["actor"]) for line in lines] == [("roles.set", "crm_admin@example.com")]
