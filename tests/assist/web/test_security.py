"""Headers, forged forms, oversized bodies, correlation ids."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from assist.app import create_app
from assist.config import Config
from assist.models.account import LoginSession
from assist.services.desk import Desk
from tests.assist.web.visitors import PASSWORD, Visitor, add, arrive

PAGES = ["/sign-in", "/nowhere", "/sidebar/", "/health/live", "/sidebar/card"]


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_is_protected(stranger: Visitor, path: str) -> None:
    headers = stranger.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert "X-Frame-Options" not in headers
    assert "Strict-Transport-Security" not in headers


def test_only_the_sidebar_may_be_framed(stranger: Visitor) -> None:
    assert "frame-ancestors 'none'" in stranger.get("/sign-in").headers["Content-Security-Policy"]
    shell = stranger.get("/sidebar/").headers
    assert "frame-ancestors 'self'" in shell["Content-Security-Policy"]
    assert shell["Referrer-Policy"] == "no-referrer"


def test_browsers_are_kept_on_https_where_we_are_served_by_it(config: Config, desk: Desk) -> None:
    config = replace(config, public_url="https://assist.example.com")
    app = create_app(config, desk=replace(desk, config=config))
    assert "max-age" in app.test_client().get("/sign-in").headers["Strict-Transport-Security"]


@pytest.mark.parametrize("token", [{}, {"csrf_token": ""}, {"csrf_token": "forged"}])
def test_a_form_without_its_token_changes_nothing(app: Flask, desk: Desk, token: dict[str, str]) -> None:
    visitor = arrive(app, desk)
    refused = visitor.client.post("/account/choices", data={"language": "es"} | token)
    assert refused.status_code == 400
    assert "This form is no longer valid" in refused.text
    assert 'lang="en"' in visitor.get("/account").text


def test_another_visitors_token_is_of_no_use(app: Flask, desk: Desk) -> None:
    theirs = Visitor(app.test_client())
    page = theirs.get("/sign-in").text
    token = page.partition('name="csrf_token" value="')[2].partition('"')[0]
    mine = Visitor(app.test_client())
    mine.get("/sign-in")
    user = add(desk)
    form = {"email": user.email, "password": PASSWORD, "csrf_token": token}
    assert mine.client.post("/sign-in", data=form).status_code == 400


def test_a_body_too_large_is_refused(stranger: Visitor) -> None:
    refused = stranger.client.post("/sign-in", data={"email": "x" * 70_000})
    assert refused.status_code == 413
    assert "That was too much at once" in refused.text


def test_a_callers_correlation_id_is_kept_where_it_is_one(stranger: Visitor) -> None:
    kept = stranger.get("/health/live", headers={"X-Request-Id": "chat-4711-abc"})
    assert kept.headers["X-Request-Id"] == "chat-4711-abc"
    for wrong in ("short", "x" * 65, "a b c d e f g", "<script>alert</script>"):
        made = stranger.get("/health/live", headers={"X-Request-Id": wrong}).headers["X-Request-Id"]
        assert made != wrong
        assert len(made) == 32


@pytest.mark.parametrize(("proxies", "address"), [(0, "192.0.2.1"), (1, "198.51.100.7")])
def test_addresses_come_from_proxies_we_trust_and_no_others(
    config: Config, desk: Desk, proxies: int, address: str
) -> None:
    config = replace(config, trusted_proxies=proxies)
    visitor = Visitor(create_app(config, desk=replace(desk, config=config)).test_client())
    visitor.client.environ_base["REMOTE_ADDR"] = "192.0.2.1"
    visitor.client.environ_base["HTTP_X_FORWARDED_FOR"] = "203.0.113.9, 198.51.100.7"
    visitor.sign_in(add(desk))
    with desk.database.reading() as session:
        assert session.scalars(select(LoginSession.address)).one() == address
