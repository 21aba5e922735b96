"""The OpenAPI document as a page to read: made here, so that it needs no script of anybody's."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, render_template

from assist.web.api.area import PREFIX
from assist.web.api.document import read_document

SCHEMAS = "#/components/schemas/"
RESPONSES = "#/components/responses/"
BOUNDS = {
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minimum": "at least {}",
    "maximum": "at most {}",
    "default": "else {}",
}

blueprint = Blueprint("api_page", __name__, url_prefix=PREFIX)


@dataclass(frozen=True, slots=True)
class Field:
    """Of a body, an answer or an address."""

    name: str
    type: str
    """In words; of a type that stands on the page by itself its name."""
    schema: str | None
    """That name."""
    required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Answer:
    status: str
    about: str
    schema: str | None


@dataclass(frozen=True, slots=True)
class Operation:
    method: str
    path: str
    summary: str
    about: str
    scope: str
    fields: tuple[Field, ...]
    """Of the address."""
    body: str | None
    answers: tuple[Answer, ...]


@blueprint.get("/")
def show_page() -> str:
    document = read_document(current_app)
    schemas = document["components"]["schemas"]
    return render_template(
        "console/api.html",
        about=document["info"]["description"],
        operations=list(_operations(document)),
        schemas={name: list(_fields(one)) for name, one in schemas.items()},
    )


def _operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        shared = methods.get("parameters", [])
        for method, one in methods.items():
            if method != "parameters":
                yield _operation(document, f"{method.upper()} {path}", one, shared)


def _operation(
    document: Mapping[str, Any], line: str, one: Mapping[str, Any], shared: list[Mapping[str, Any]]
) -> Operation:
    method, _, path = line.partition(" ")
    body = one.get("requestBody", {}).get("content", {}).get("application/json")
    return Operation(
        method=method,
        path=path,
        summary=one["summary"],
        about=one.get("description", ""),
        scope=one["security"][0]["bearer"][0],
        fields=tuple(_parameter(each) for each in (*shared, *one.get("parameters", []))),
        body=_name(body["schema"]) if body else None,
        answers=tuple(_answer(document, status, each) for status, each in sorted(one["responses"].items())),
    )


def _parameter(one: Mapping[str, Any]) -> Field:
    schema, about = one["schema"], one.get("description", "")
    return Field(one["name"], _say_type(schema), None, one["required"], _say_about(schema, about))


def _answer(document: Mapping[str, Any], status: str, one: Mapping[str, Any]) -> Answer:
    if "$ref" in one:
        one = document["components"]["responses"][one["$ref"].removeprefix(RESPONSES)]
    schemas = [each["schema"] for each in one.get("content", {}).values()]
    return Answer(status, one["description"], _name(schemas[0]) if schemas else None)


def _fields(schema: Mapping[str, Any]) -> Iterator[Field]:
    required = schema.get("required", [])
    for name, one in schema.get("properties", {}).items():
        about = _say_about(one, one.get("description", ""))
        yield Field(name, _say_type(one), _name(one), name in required, about)


def _say_type(schema: Mapping[str, Any]) -> str:
    if name := _name(schema):
        kind = name if schema.get("type") != "array" else f"list of {name}"
        return f"{kind} or null" if {"type": "null"} in schema.get("anyOf", []) else kind
    types = schema.get("type", "any")
    if types == "array":
        return f"list of {_say_type(schema['items'])}"
    text = " or ".join(types) if isinstance(types, list) else types
    return f"{text} ({schema['format']})" if "format" in schema else text


def _name(schema: Mapping[str, Any]) -> str | None:
    """Of the schema that it refers to, itself or in its parts."""
    parts = (schema, schema.get("items", {}), *schema.get("anyOf", []))
    found = (part["$ref"].removeprefix(SCHEMAS) for part in parts if "$ref" in part)
    return next(found, None)


def _say_about(schema: Mapping[str, Any], about: str) -> str:
    told = [text.format(schema[name]) for name, text in BOUNDS.items() if schema.get(name) not in (None, "")]
    if "enum" in schema:
        told.append("one of " + ", ".join(str(one) for one in schema["enum"] if one is not None))
    return ". ".join(filter(None, (about.rstrip("."), "; ".join(told))))
