"""The check of a connection to a shop, step by step."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from crm_adapters.answers import Answer
from crm_adapters.fieldmap import DECLARED, custom_names
from crm_adapters.findings import judge_clock, try_step
from crm_adapters.model import Finding, Kind
from crm_adapters.scopes import compare_scopes
from crm_adapters.transport import Clock
from crm_adapters.vendors.shopify.api import Api, Row
from crm_adapters.vendors.shopify.feed import ALL_ORDERS
from crm_adapters.vendors.shopify.fields import list_definitions
from crm_adapters.vendors.shopify.outcomes import KEY, NAMESPACE
from crm_adapters.vendors.shopify.queries import (
    LIST_CUSTOMERS,
    LIST_DRAFTS,
    LIST_ORDERS,
    LIST_VARIANTS,
    READ_SHOP,
    VERSION,
    Operation,
)
from crm_adapters.vendors.shopify.records import METAFIELDS, Fields, ask_metafields

GRANTED_BY = (
    "whoever looks after the app, in its version's access scopes in the Dev Dashboard, and install it anew"
)
READ_SCOPES = frozenset(
    {"read_customers", "read_orders", "read_products", "read_inventory", "read_draft_orders"}
)
WRITE_SCOPES = frozenset({"write_customers", "write_draft_orders"})
READING: dict[str, Operation] = {
    "customers": LIST_CUSTOMERS,
    "orders": LIST_ORDERS,
    "products": LIST_VARIANTS,
    "draft orders": LIST_DRAFTS,
}
ASKS_METAFIELDS = (LIST_CUSTOMERS, LIST_VARIANTS)


@dataclass(frozen=True, slots=True)
class Checks:
    api: Api
    clock: Clock
    fields: Fields
    writes: bool

    def run(self) -> tuple[Finding, ...]:
        """Nothing more is tried where we are not let in."""
        answers: list[tuple[Row, Answer]] = []
        shop = try_step("shop", lambda: self._sign_in(answers), granted_by=GRANTED_BY)
        if not answers:
            return (shop,)
        found, answer = answers[0]
        clock = judge_clock(answer.headers, self.clock())
        version = _judge_version(found, answer)
        return (shop, clock, version, *self._reads(), *self._scopes(found), *self._metafields())

    def _sign_in(self, answers: list[tuple[Row, Answer]]) -> str:
        answers.append(self.api.ask_whole(READ_SHOP))
        return f"Let in; the catalogue is in {answers[0][0]['shop']['currencyCode']}."

    def _reads(self) -> Iterator[Finding]:
        """With names and addresses, for which an app needs leave of another kind than a scope."""
        for name, operation in READING.items():
            yield try_step(f"read {name}", partial(self._read, operation), granted_by=GRANTED_BY)

    def _read(self, operation: Operation) -> str:
        more = ask_metafields(()) if operation in ASKS_METAFIELDS else {}
        found = self.api.list_some(operation, "id:>=1", limit=1, **more)
        return "Can be read." if found.rows else "Can be read; there are none."

    def _scopes(self, found: Row) -> Iterator[Finding]:
        """Who may write may read. Old orders are no need, only a pity."""
        granted = {str(one["handle"]) for one in found["currentAppInstallation"]["accessScopes"]}
        implied = READ_SCOPES & {scope.replace("write_", "read_", 1) for scope in granted}
        needed = READ_SCOPES | (WRITE_SCOPES if self.writes else frozenset())
        yield from compare_scopes((granted | implied) - {ALL_ORDERS}, needed, granted_by=GRANTED_BY)
        everything = ALL_ORDERS in granted
        told = (
            "All orders can be read."
            if everything
            else f"Only orders of the last 60 days: {ALL_ORDERS} is missing."
        )
        yield Finding(
            "order history",
            ok=True,
            message=told,
            warning=not everything,
            missing=() if everything else (ALL_ORDERS,),
            granted_by="Shopify, on request in the app's API access, and then the app's scopes",
        )

    def _metafields(self) -> Iterator[Finding]:
        definitions: list[Row] = []
        step = try_step("metafields", lambda: self._define(definitions), granted_by=GRANTED_BY)
        yield step
        if step.ok and self.writes:
            yield _judge_outcomes(definitions)
        if step.ok:
            yield from self._judge_ids(definitions)

    def _define(self, definitions: list[Row]) -> str:
        definitions.extend(list_definitions(self.api, Kind.CUSTOMERS))
        return f"The shop defines {len(definitions)} metafields of customers."

    def _judge_ids(self, definitions: list[Row]) -> Iterator[Finding]:
        ids = {_path(one) for one in definitions if one["type"]["name"] == "id"}
        for system, theirs in custom_names(self.fields.customer, DECLARED).items():
            told = "Customers can be found by it." if theirs in ids else f"{theirs} is not defined as an id."
            yield Finding(f"customers by {system}", ok=theirs in ids, message=told)


def _path(definition: Row) -> str:
    return f"{METAFIELDS}{definition['namespace']}.{definition['key']}"


def _judge_outcomes(definitions: list[Row]) -> Finding:
    """Without a definition outcomes are written all the same, and nobody sees them."""
    own = f"{METAFIELDS}{NAMESPACE}.{KEY}"
    pinned = any(_path(one) == own and one.get("pinnedPosition") is not None for one in definitions)
    told = (
        "Outcomes stand on the customer's page."
        if pinned
        else f"Outcomes are kept, but not shown: define and pin {NAMESPACE}.{KEY}, text of several lines, under "
        "Settings › Custom data › Customers."
    )
    return Finding("outcomes", ok=True, message=told, warning=not pinned)


def _judge_version(found: Row, answer: Answer) -> Finding:
    """Shopify answers with its oldest version where ours has ended."""
    served = answer.headers.get("X-Shopify-API-Version", VERSION)
    supported = {str(one["handle"]) for one in found["publicApiVersions"] if one.get("supported")}
    good = served == VERSION and VERSION in supported
    told = f"Version {VERSION} of the API is served." if good else _tell_version(served)
    return Finding("version", ok=served == VERSION, message=told, warning=not good)


def _tell_version(served: str) -> str:
    return f"Version {VERSION} of the API has ended or ends soon ({served} is served): update this software."
