"""Puts a fake's GraphQL under a schema: questions that it does not allow are told, and an answer holds what was asked
for, of the right types, and nothing else. Where graphql-core is not installed everything passes as it is."""

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

Shape = Callable[[str, Mapping[str, Any], dict[str, Any]], dict[str, Any]]
"""Of a question, its variables and everything that is known; raises AssertionError."""


def shaper(path: Path) -> Shape:
    if find_spec("graphql") is None:
        return lambda _text, _variables, data: data
    graphql: Any = import_module("graphql")
    schema = graphql.build_schema(path.read_text(encoding="utf-8"))

    @cache
    def read(text: str) -> Any:
        document = graphql.parse(text)
        wrong = [error.message for error in graphql.validate(schema, document)]
        assert not wrong, wrong
        return document

    def shape(text: str, variables: Mapping[str, Any], data: dict[str, Any]) -> dict[str, Any]:
        given = dict(variables)
        result = graphql.execute(schema, read(text), data, variable_values=given, field_resolver=_by_alias)
        assert not result.errors, [f"{error.path}: {error.message}" for error in result.errors]
        shaped: dict[str, Any] = result.data
        return shaped

    return shape


def _by_alias(source: Mapping[str, Any], info: Any, **_arguments: Any) -> Any:
    """A fake answers with the names that were asked for."""
    return source[info.path.key]
