"""A fake's token endpoint: tokens end, and rotated refresh tokens are good once."""

from datetime import timedelta

import pytest

from crm_adapters.fakes.oauth import TokenEndpoint
from crm_adapters.testing import Watch

APP = {"client_id": "app-Qzx7", "client_secret": "app-secret-Qzx7"}
REFRESH = APP | {"grant_type": "refresh_token", "refresh_token": "refresh-Qzx7-0"}


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def endpoint(watch: Watch) -> TokenEndpoint:
    return TokenEndpoint(watch.clock, codes={"code-1": "challenge"})


def test_a_token_is_good_until_its_end(watch: Watch, endpoint: TokenEndpoint) -> None:
    status, body = endpoint.answer(REFRESH)
    token = str(body["access_token"])
    assert (status, endpoint.accepts(token), endpoint.accepts("another")) == (200, True, False)
    watch.now += timedelta(minutes=30)
    assert not endpoint.accepts(token)
    assert endpoint.answer(REFRESH)[0] == 200


def test_tokens_can_be_ended_at_once(endpoint: TokenEndpoint) -> None:
    _, body = endpoint.answer(APP | {"grant_type": "client_credentials"})
    endpoint.expire()
    assert not endpoint.accepts(str(body["access_token"]))


def test_a_rotated_refresh_token_is_good_once(endpoint: TokenEndpoint) -> None:
    endpoint.rotates = True
    _, body = endpoint.answer(REFRESH)
    assert endpoint.answer(REFRESH) == (400, {"error": "invalid_grant"})
    assert endpoint.answer(REFRESH | {"refresh_token": str(body["refresh_token"])})[0] == 200


def test_a_code_is_good_once(endpoint: TokenEndpoint) -> None:
    form = APP | {"grant_type": "authorization_code", "code": "code-1"}
    assert "refresh_token" in endpoint.answer(form)[1]
    assert endpoint.answer(form)[1] == {"error": "invalid_grant"}


def test_a_stranger_gets_nothing(endpoint: TokenEndpoint) -> None:
    assert endpoint.answer(REFRESH | {"client_secret": "guess"}) == (401, {"error": "invalid_client"})
    assert endpoint.answer(APP | {"grant_type": "password"})[1] == {"error": "unsupported_grant_type"}
