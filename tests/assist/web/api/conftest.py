"""A shop with a model, and programs that use its API."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from assist.models.account import Role, UserAccount
from assist.models.api_token import Scope
from assist.services.api_tokens import BEARERS, NewToken, add_token
from assist.services.desk import Desk
from assist.services.sync import sync
from tests.assist.crms import World, connect, customer, order
from tests.assist.models import SHELF, add_version
from tests.assist.scenes import add_agent

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Script:
    """A program with a token."""

    client: FlaskClient
    token: str
    user_id: int

    def ask(self, path: str, body: object = None, **options: Any) -> TestResponse:
        """A POST where there is a body."""
        headers = {"Authorization": f"Bearer {self.token}"}
        if body is None and "data" not in options and "method" not in options:
            return self.client.get(f"/api/v1{path}", headers=headers, **options)
        method = options.pop("method", "POST")
        # The client's own way of writing JSON sorts fields, and a release's order counts.
        sent: dict[str, Any] = (
            {"data": json.dumps(body), "content_type": "application/json"} if body is not None else {}
        )
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **sent, **options)


Arrive = Callable[..., Script]


@pytest.fixture
def arrive(app: Flask, desk: Desk) -> Arrive:
    """A script whose account has these roles, with all scopes that they allow, or with those named."""

    def make(*roles: Role, scopes: tuple[Scope, ...] = (), name: str = "script") -> Script:
        user_id = add_agent(desk, name, roles[0])
        with desk.database.writing() as session:
            account = session.get_one(UserAccount, user_id)
            account.roles, account.email = frozenset(roles), f"{name}-{user_id}@example.com"
            email = account.email
        may = tuple(scope for scope in Scope if BEARERS[scope] & set(roles))
        _, token = add_token(desk, NewToken(name, email, scopes or may, DAY))
        return Script(app.test_client(), token, user_id)

    return make


@pytest.fixture
def world(desk: Desk, model: Path) -> World:
    """Ana has a phone; a family of two has one e-mail."""
    shop = connect(desk)
    ana = customer("A", email="ana@example.com", name="Ana Ruiz", country="ES", language="es")
    shop.put(ana, customer("B", email="family@example.com"), customer("C", email="family@example.com"))
    shop.put(*SHELF, order("O1", "A", "PHONE-1", days=20))
    sync(desk, "shop")
    add_version(desk, model, "v1")
    return shop
