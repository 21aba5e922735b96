"""Shopify's GraphQL interface, as far as we use it: questions in, rows out, failures in our words."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crm_adapters.answers import Answer
from crm_adapters.auth import Auth
from crm_adapters.errors import OutcomeUnknown, VendorChanged
from crm_adapters.http import ApiClient, Call
from crm_adapters.limiter import Pace
from crm_adapters.quota import read_shopify
from crm_adapters.transport import Transport
from crm_adapters.vendors.shopify.failures import Fault, TooDear, refuse, translate
from crm_adapters.vendors.shopify.queries import VERSION, Operation

Row = Mapping[str, Any]
MOST_LISTED = 250
DEAREST = 950
"""Points that a question may cost; a little less than Shopify's 1,000, for ours are rounded."""
PACE = Pace("points", read_quotas=read_shopify)
"""How many there are depends on the shop's plan; every answer tells."""
GID = re.compile(r"gid://shopify/\w+/(\d{1,19})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Page:
    rows: tuple[Row, ...]
    limit: int
    """How many were asked for in the end."""


class Api:
    def __init__(self, url: str, auth: Auth, transport: Transport) -> None:
        self._client = ApiClient(
            f"{url.rstrip('/')}/admin/api/{VERSION}",
            auth=auth,
            transport=transport,
            pace=PACE,
            translate=translate,
        )

    def ask(self, operation: Operation, **variables: Any) -> Row:
        """The answer by its roots; a record that is not there is None. Raises VendorChanged for the answer to
        another question."""
        return self.ask_whole(operation, **variables)[0]

    def ask_whole(self, operation: Operation, **variables: Any) -> tuple[Row, Answer]:
        answer = self._client.run(_call(operation, variables, repeatable=True))
        return _roots(answer, operation), answer

    def list_some(self, operation: Operation, query: str, *, limit: int, **variables: Any) -> Page:
        """The first rows that the query finds; fewer where so many cannot be asked for at once."""
        (root,) = operation.roots
        asked = {"query": query, **variables}
        answer, fitting = self.ask_fitting(operation, limit=limit, **asked)
        return Page(tuple(to_nodes(answer[root])), fitting)

    def ask_fitting(self, operation: Operation, *, limit: int, **variables: Any) -> tuple[Row, int]:
        """The answer for as many rows, up to `limit`, as can be asked for at once; and how many those were."""
        limit = min(limit, max(1, int(DEAREST / operation.points)))
        while True:
            try:
                return self.ask(operation, first=limit, **variables), limit
            except TooDear:
                if limit == 1:
                    raise
            limit //= 2

    def list_all(self, operation: Operation, query: str, *, limit: int, **variables: Any) -> Iterator[Row]:
        """By id."""
        after = 0
        while True:
            page = self.list_some(operation, f"{query} id:>={after + 1}", limit=limit, **variables)
            if any(int(to_ref(row)) <= after for row in page.rows):
                raise VendorChanged("the answer is a page that was read before")
            yield from page.rows
            if len(page.rows) < page.limit:
                return
            after = int(to_ref(page.rows[-1]))

    def change(self, operation: Operation, **variables: Any) -> Row:
        """What the mutation gives back. Raises what its `userErrors` mean."""
        try:
            answer = self._client.run(_call(operation, variables, repeatable=False))
        except Fault:
            answer = None
        payload = _payload(answer, operation) if answer else None
        if payload is None:
            raise OutcomeUnknown("the answer to a write cannot be read")
        if payload.get("userErrors"):
            raise refuse(payload["userErrors"])
        return payload


def is_id(ref: str) -> bool:
    return bool(re.fullmatch(r"[1-9]\d{0,18}", ref, re.ASCII))


def to_gid(kind: str, ref: str) -> str:
    return f"gid://shopify/{kind}/{ref}"


def to_ref(row: Any) -> str:
    """Of a row with an id. Raises VendorChanged."""
    found = GID.fullmatch(str(row.get("id"))) if isinstance(row, dict) else None
    if not found:
        raise VendorChanged("a record has no id, or one that is none of Shopify's")
    return found[1]


def to_nodes(connection: Any) -> list[Row]:
    nodes = connection.get("nodes") if isinstance(connection, dict) else None
    if not isinstance(nodes, list) or not all(isinstance(node, dict) for node in nodes):
        raise VendorChanged("the answer holds no list")
    return nodes


def next_cursor(connection: Row) -> str | None:
    """None: this was the end."""
    page = connection.get("pageInfo")
    if not isinstance(page, dict):
        raise VendorChanged("a list does not tell whether it ends")
    return str(page["endCursor"]) if page.get("hasNextPage") else None


def _call(operation: Operation, variables: Mapping[str, Any], *, repeatable: bool) -> Call:
    body = {"query": operation.text, "operationName": operation.name, "variables": variables}
    rows = variables.get("first") or 1
    return Call("POST", "graphql.json", json=body, repeatable=repeatable, cost=operation.points * rows)


def _roots(answer: Answer, operation: Operation) -> Row:
    found = answer.json()
    data = found.get("data") if isinstance(found, dict) else None
    if not isinstance(data, dict) or set(data) != set(operation.roots):
        raise VendorChanged("this is no answer to the question")
    return data


def _payload(answer: Answer, operation: Operation) -> Row | None:
    try:
        found = _roots(answer, operation)[operation.roots[0]]
    except VendorChanged:
        return None
    return found if isinstance(found, dict) else None
