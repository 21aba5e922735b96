"""Who is let in, what may be asked and written, and what the environment's own people do."""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from werkzeug.wrappers import Request, Response

from crm_adapters.fakes import server
from crm_adapters.fakes.oauth import TokenEndpoint
from crm_adapters.fakes.seed import Record
from crm_adapters.fakes.store import Row
from crm_adapters.fakes.vendors.dynamics365 import filling, writing
from crm_adapters.fakes.vendors.dynamics365.answers import fault, invalid, missing
from crm_adapters.fakes.vendors.dynamics365.environment import COLUMNS, NAMES, NUMBERS, Environment
from crm_adapters.fakes.vendors.dynamics365.odata import read_filter
from crm_adapters.fakes.wire import Refused, reply, route
from crm_adapters.model import Kind, WebhookRequest

ROOT = "/api/data/v9.2"
TABLES = {Kind.CUSTOMERS: "contacts", Kind.PRODUCTS: "products", Kind.ORDERS: "salesorders"}
USER = "00000001-aaaa-4000-8000-000000000001"
TRACKED = timedelta(days=7)
"""§4: how long an address that leads to changes is good for."""
MOST_ROWS = 5_000
PRIVILEGES = frozenset(
    {
        "prvReadContact", "prvReadAccount", "prvReadProduct", "prvReadSalesOrder", "prvReadOpportunity", "prvReadNote",
        "prvReadTransactionCurrency", "prvCreateNote", "prvAppendNote", "prvAppendToContact", "prvWriteContact",
        "prvWriteOpportunity", "prvReadRole",
    }
)  # fmt: skip
NEEDED = {
    "contacts": "Contact", "accounts": "Account", "products": "Product", "productpricelevels": "Product",
    "productsubstitutes": "Product", "salesorders": "SalesOrder", "salesorderdetails": "SalesOrder",
    "opportunities": "Opportunity", "opportunityproducts": "Opportunity", "annotations": "Note",
    "transactioncurrencies": "TransactionCurrency",
}  # fmt: skip


class Fake(server.Fake):
    name = "dynamics365"
    webhook_secret = "webhook-Qzx7-secret"  # noqa: S105 - of a fake

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__(clock)
        self.env = Environment(self.now)
        self.tokens = TokenEndpoint(self.now)
        self.privileges = set(PRIVILEGES)
        self.untracked: set[str] = set()
        """Tables without change tracking."""

    def settings(self, url: str) -> dict[str, Any]:
        app = {"client_id": self.tokens.client_id, "client_secret": self.tokens.client_secret}
        own = {"url": url, "authority": url, "tenant": "acme.example.com"}
        return {**own, **app, "webhook_secret": self.webhook_secret}

    def put(self, record: Record) -> str:
        return filling.put(self.env, record)

    def delete(self, kind: Kind, ref: str) -> None:
        self.env.remove(TABLES[kind], self.env.row(TABLES[kind], ref))

    def merge(self, ref: str, *, into: str) -> None:
        self.env.merge(ref, into)

    def close_deal(self, ref: str) -> None:
        deal = self.env.row("opportunities", ref)
        self.env.change("opportunities", deal, {"statecode": 2, "statuscode": 4})

    def notes(self) -> list[str]:
        return [json.dumps([row.id, row.values]) for row in self.env.table("annotations").live()]

    def lines(self) -> list[str]:
        return [json.dumps([row.id, row.values]) for row in self.env.table("opportunityproducts").live()]

    def webhook(self, kind: Kind, ref: str) -> WebhookRequest:
        """§9: the key is in the address."""
        row = self.env.row(TABLES[kind], ref)
        body = {
            "MessageName": "Update",
            "PrimaryEntityName": {"salesorders": "salesorder"}.get(TABLES[kind], NAMES.get(TABLES[kind])),
            "PrimaryEntityId": ref,
            "InputParameters": [{"key": "Target", "value": {"Id": ref, "Attributes": []}}],
            "OperationCreatedOn": f"/Date({int(self.now().timestamp() * 1000)})/",
            "CorrelationId": str(UUID(int=row.values["version"])),
        }
        address = f"https://assist.example.com/webhooks/1?code={self.webhook_secret}"
        headers = {
            "Content-Type": "application/json",
            "x-ms-dynamics-entity-name": str(body["PrimaryEntityName"]),
        }
        return WebhookRequest("POST", address, headers, json.dumps(body).encode(), self.now())

    def forge_webhooks(self, kind: Kind, ref: str) -> list[WebhookRequest]:
        genuine = self.webhook(kind, ref)
        return [
            replace(genuine, url="https://assist.example.com/webhooks/1"),
            replace(genuine, url="https://assist.example.com/webhooks/1?code=another"),
            replace(genuine, url="https://assist.example.com/webhooks/1?code="),
            replace(genuine, at=genuine.at + timedelta(minutes=61)),
            replace(genuine, body=b"{}"),
        ]

    def authorize(self, request: Request) -> None:
        """§0: versions must be named."""
        if not self.tokens.accepts(request.headers.get("Authorization", "").removeprefix("Bearer ")):
            raise Refused(self.unauthorized())
        if request.headers.get("OData-Version") != "4.0":
            raise invalid("The OData-Version must be 4.0")

    def unauthorized(self) -> Response:
        self.tokens.expire()
        return fault(401, "0x80048306", "The token is expired", {"WWW-Authenticate": "Bearer"})

    def limited(self, wait: str | None) -> Response:
        """§8."""
        told = "Number of requests exceeded the limit of 6000 over time window of 300 seconds."
        return fault(429, "0x80072322", told, {"Retry-After": wait} if wait else None)

    def refused(self, request: Request) -> Response:
        return fault(400, "0x80060888", f"Syntax error: {request.full_path} {request.get_data(as_text=True)}")

    def not_found(self) -> Response:
        return fault(404, "0x8006088a", "Resource not found for the segment")

    def require(self, privilege: str) -> None:
        """§8: 403 for whoever lacks it."""
        if privilege not in self.privileges:
            told = f"Principal user is missing {privilege} privilege"
            raise Refused(fault(403, "0x80040220", told))

    def tell(self, body: Any) -> Response:
        return reply(
            body, 200, {"x-ms-ratelimit-burst-remaining-xrm-requests": "5998", "OData-Version": "4.0"}
        )

    @route("POST", "/<tenant>/oauth2/v2.0/token", free=True)
    def give_token(self, request: Request, tenant: str) -> Response:  # noqa: ARG002 - any
        """§0: for one environment."""
        scope = request.form.get("scope", "")
        if request.form.get("grant_type") == "client_credentials" and not scope.endswith("/.default"):
            return reply({"error": "invalid_scope", "error_description": "AADSTS70011"}, 400)
        status, body = self.tokens.answer(request.form.to_dict())
        return reply(body if status == 200 else body | {"error_description": "AADSTS7000215"}, status)

    @route("GET", f"{ROOT}/WhoAmI")
    def tell_user(self, _request: Request) -> Response:
        return self.tell({"UserId": USER, "OrganizationId": USER, "BusinessUnitId": USER})

    @route("GET", f"{ROOT}/<target>/<tail>")
    def ask_of(self, _request: Request, target: str, tail: str) -> Response:
        """Of a user: privileges. Of a table's definition: its columns."""
        if tail.startswith("Microsoft.Dynamics.CRM.RetrieveUserPrivileges"):
            return self.tell({"RolePrivileges": [{"PrivilegeName": one} for one in sorted(self.privileges)]})
        match = re.fullmatch(r"EntityDefinitions\(LogicalName='(\w+)'\)", target)
        if match is None or tail != "Attributes":
            raise missing(target)
        names = {f"{name}s": name for name in ("contact", "product", "salesorder")}
        table = next(rows for rows, name in names.items() if name == match[1])
        return self.tell({"value": [_attribute(one, table) for one in self.env.columns(table)]})

    @route("GET", f"{ROOT}/<target>")
    def read(self, request: Request, target: str) -> Response:
        name, key = _parse(target)
        self.require(f"prvRead{NEEDED.get(name, '')}")
        columns = [one for one in request.args.get("$select", "").split(",") if one]
        if key is None:
            return self._list(request, name, columns)
        return self.tell(self.env.show(name, self.env.row(name, key), columns))

    def _list(self, request: Request, name: str, columns: list[str]) -> Response:
        prefer = request.headers.get("Prefer", "")
        size = int((re.search(r"odata\.maxpagesize=(\d+)", prefer) or ["", str(MOST_ROWS)])[1])
        if "odata.track-changes" in prefer or "$deltatoken" in request.args:
            return self._track(request, name, columns, size)
        fits = (
            read_filter(request.args["$filter"], self.env.columns(name))
            if "$filter" in request.args
            else None
        )
        rows = [row for row in self.env.table(name).live() if not fits or fits(self.env.values(name, row))]
        rows = self._sorted(name, rows, request.args.get("$orderby", ""))
        top = int(request.args.get("$top", len(rows)))
        skip = int(request.args.get("$skiptoken", "0"))
        body = self._body(name, columns, rows[:top][skip : skip + size])
        if skip + size < min(top, len(rows)):
            arguments = request.args.to_dict() | {"$skiptoken": str(skip + size)}
            body["@odata.nextLink"] = _link(request, arguments)
        return self.tell(body)

    def _body(self, name: str, columns: list[str], rows: list[Row]) -> dict[str, Any]:
        context = f"$metadata#{name}({','.join(columns)})" if columns else f"$metadata#{name}"
        return {"@odata.context": context, "value": [self.env.show(name, row, columns) for row in rows]}

    def _sorted(self, name: str, rows: list[Row], order: str) -> list[Row]:
        for part in reversed([one.split() for one in order.split(",") if one]):
            shown = {row.id: str(self.env.values(name, row)[part[0]]) for row in rows}
            rows = [
                self.env.row(name, ref)
                for ref in sorted(shown, key=shown.__getitem__, reverse=part[1:] == ["desc"])
            ]
        return rows

    def _track(self, request: Request, name: str, columns: list[str], size: int) -> Response:
        """§4: nothing but columns may be asked for; the token of the end is of the beginning."""
        if name in self.untracked or {"$filter", "$orderby", "$expand", "$top"} & request.args.keys():
            raise invalid("Change tracking is not enabled, or does not go with these options", "0x80044352")
        since, until, after, seen = self._token(request)
        table = self.env.table(name)
        rows = [row for row in table.live() if row.values["version"] > since and row.id > after]
        gone = [row for row in table.deleted() if since and row.values["version"] > since and row.id > after]
        both = sorted([*rows, *gone], key=lambda row: row.id)[: size + 1]
        body = self._body(name, columns, [row for row in both[:size] if row.deleted_at is None])
        body["value"] += [
            {"@odata.context": f"$metadata#{name}/$deletedEntity", "id": row.id, "reason": "deleted"}
            for row in both[:size]
            if row.deleted_at
        ]
        ends = len(both) <= size
        token = _pack(
            [until, 0, "", self.now().isoformat()] if ends else [since, until, both[size - 1].id, seen]
        )
        arguments = {"$select": ",".join(columns), "$deltatoken" if ends else "$skiptoken": token}
        body["@odata.deltaLink" if ends else "@odata.nextLink"] = _link(request, arguments)
        return self.tell(body)

    def _token(self, request: Request) -> tuple[int, int, str, str]:
        """From which version, up to which, after which row, and when it was given."""
        token = request.args.get("$deltatoken") or request.args.get("$skiptoken")
        if token is None:
            return 0, self.env.version, "", self.now().isoformat()
        since, until, after, given = json.loads(urlsafe_b64decode(token))
        if self.now() - datetime.fromisoformat(given) > TRACKED:
            raise invalid("Version stamp associated with the client has expired.", "0x80044352")
        return since, until or self.env.version, after, given

    @route("PATCH", f"{ROOT}/<target>")
    def upsert(self, request: Request, target: str) -> Response:
        """§7: whoever chooses the id makes the record, or changes it; the headers say which is wanted."""
        name, key = _parse(target)
        if name == "annotations":
            self.require("prvCreateNote")
        elif name == "contacts":
            self.require("prvWriteContact")
        row = writing.upsert(self.env, name, key or "", request.get_json(), dict(request.headers))
        entity = f"{request.host_url.rstrip('/')}{ROOT}/{name}({row.id})"
        return reply(None, 204, {"OData-EntityId": entity, "OData-Version": "4.0"})


def _parse(target: str) -> tuple[str, str | None]:
    name, bracket, rest = target.partition("(")
    key = rest.removesuffix(")")
    if name not in COLUMNS:
        raise Refused(fault(404, "0x8006088a", f"Resource not found for the segment '{name}'"))
    if bracket and not re.fullmatch(r"[0-9a-f-]{36}", key, re.IGNORECASE):
        raise invalid("The key property is not a guid")
    return name, key.lower() if bracket else None


def _link(request: Request, arguments: dict[str, str]) -> str:
    query = "&".join(f"{name}={value.replace(' ', '%20')}" for name, value in arguments.items() if value)
    return f"{request.host_url.rstrip('/')}{request.path}?{query}"


def _pack(parts: list[Any]) -> str:
    return urlsafe_b64encode(json.dumps(parts).encode()).decode().replace("=", "%3D")


def _attribute(name: str, table: str) -> dict[str, Any]:
    """§2: a lookup by its plain name."""
    lookup = name.startswith("_")
    plain = name.removeprefix("_").removesuffix("_value") if lookup else name
    kind = (
        "Lookup"
        if lookup
        else "Decimal"
        if name in NUMBERS
        else "DateTime"
        if name.endswith("on")
        else "String"
    )
    return {
        "LogicalName": plain,
        "AttributeType": kind,
        "DisplayName": {"UserLocalizedLabel": {"Label": plain.title()}},
        "IsValidForUpdate": name not in {COLUMNS[table][0], "fullname", "createdon", "modifiedon", "merged"},
        "IsValidForRead": True,
    }
