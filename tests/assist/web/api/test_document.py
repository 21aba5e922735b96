"""The OpenAPI document: what it promises is what happens, whatever is sent; and it can be read without a script."""

import re
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from assist.models.account import Role
from assist.services.desk import Desk
from assist.services.rates import Rates
from assist.web.api.area import EXTENSION, Bounds
from tests.assist.crms import World
from tests.assist.scenes import find_id, suggest
from tests.assist.web.api.conftest import Arrive, Script
from tests.assist.web.visitors import Visitor

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


@pytest.fixture
def script(world: World, app: Flask, arrive: Arrive) -> Script:
    app.extensions[EXTENSION] = Bounds(Rates(10**9), Rates(10**9))
    return arrive(*Role)


@pytest.fixture
def real(desk: Desk, script: Script) -> dict[str, Any]:
    """What there is, for places where something else would only be found not to be there."""
    return {
        "customer": find_id(desk, "A"),
        "suggestion": suggest(desk, "A", "CASE", agent_id=script.user_id),
        "name": "shipped",
    }


def test_it_is_one(stranger: Visitor) -> None:
    OpenAPIV31SpecValidator(stranger.get("/api/v1/openapi.json").json or {}).validate()


def test_every_operation_says_what_it_does_and_how_it_fails(stranger: Visitor) -> None:
    document: Any = stranger.get("/api/v1/openapi.json").json
    for path, methods in document["paths"].items():
        for method, one in methods.items():
            if method != "parameters":
                assert one["summary"], path
                assert {"401", "403", "429", "500"} <= one["responses"].keys(), path
                assert len(one["security"]) == 1, path


def test_the_page_shows_all_of_it_without_a_script(stranger: Visitor) -> None:
    document: Any = stranger.get("/api/v1/openapi.json").json
    page = stranger.get("/api/v1/")
    assert page.status_code == 200
    assert "<script" not in page.text
    assert "style=" not in page.text
    assert "unsafe-inline" not in page.headers["Content-Security-Policy"]
    for path, methods in document["paths"].items():
        for method in methods.keys() - {"parameters"}:
            assert f"<code>{method.upper()} {path}</code>" in page.text
    anchors = set(re.findall(r'id="(schema-\w+)"', page.text))
    assert anchors == {f"schema-{name}" for name in document["components"]["schemas"]}
    assert set(re.findall(r'href="#(schema-\w+)"', page.text)) <= anchors


def test_whatever_is_sent_is_answered_as_promised(app: Flask, script: Script, real: dict[str, Any]) -> None:
    send_to_all(app, script, real, examples=6)


@pytest.mark.long
def test_whatever_is_sent_at_length_is_answered_as_promised(
    app: Flask, script: Script, real: dict[str, Any]
) -> None:
    send_to_all(app, script, real, examples=300)


def send_to_all(app: Flask, script: Script, real: dict[str, Any], *, examples: int) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            send(found.ok(), mode, script=script, real=real, examples=examples)


def send(
    operation: APIOperation[Any, Any, Any, Any],
    mode: GenerationMode,
    *,
    script: Script,
    real: dict[str, Any],
    examples: int,
) -> None:
    headers = {"Authorization": f"Bearer {script.token}"}
    # In an address everything is text: what was made as a wrong type may arrive as the right one.
    checks = [*CHECKS, negative_data_rejection] if operation.body else CHECKS

    @settings(
        max_examples=examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode), known=st.booleans())
    def check(case: Case[Any], known: bool) -> None:
        if known and mode is GenerationMode.POSITIVE:
            _put(case, real)
        case.validate_response(case.call(headers=headers), checks=checks)

    check()


def _put(case: Case[Any], real: dict[str, Any]) -> None:
    for part in (case.path_parameters, case.body):
        if isinstance(part, dict):
            part.update({name: value for name, value in real.items() if name in part})
