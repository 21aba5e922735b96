"""People with a browser, as far as a test client is one: cookies, and the token that forms carry."""

import re
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from assist.models.account import Role
from assist.services.accounts import User, add_user
from assist.services.desk import Desk

PASSWORD = "correct horse battery"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Visitor:
    client: FlaskClient
    user: User | None = None
    forms: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, **options)

    def post(self, path: str, form: dict[str, str] | None = None, **options: Any) -> TestResponse:
        """Send a form with the token that its page would have had."""
        page = self.client.get("/account" if self.user else "/sign-in")
        found = TOKEN.search(page.text)
        assert found, f"no form on a page that answered {page.status}"
        return self.client.post(path, data={"csrf_token": found[1]} | (form or {}), **options)

    def sign_in(self, user: User, *, password: str = PASSWORD, target: str = "/") -> TestResponse:
        form = {"email": user.email, "password": password, "next": target}
        response = self.post("/sign-in", form)
        if response.status_code == 302:
            self.user = user
        return response


def add(desk: Desk, *roles: Role) -> User:
    """A user with these roles, or an agent, under the one password."""
    with desk.database.writing() as session:
        wanted = roles or (Role.AGENT,)
        email = f"{'-'.join(wanted)}@example.com"
        user, _ = add_user(
            session, email=email, name="Ana Sol", roles=wanted, at=desk.clock.now(), password=PASSWORD
        )
    return user


def arrive(app: Flask, desk: Desk, *roles: Role) -> Visitor:
    """Somebody new with these roles, signed in."""
    visitor = Visitor(app.test_client())
    assert visitor.sign_in(add(desk, *roles)).status_code == 302
    return visitor
