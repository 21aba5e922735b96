"""Who is let in, what may be asked and written, and what the org's own people do."""

import json
import re
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import count
from typing import Any

from werkzeug.wrappers import Request, Response

from crm_adapters.fakes import server
from crm_adapters.fakes.oauth import TokenEndpoint
from crm_adapters.fakes.seed import Record
from crm_adapters.fakes.store import Row
from crm_adapters.fakes.vendors.salesforce import filling, writing
from crm_adapters.fakes.vendors.salesforce.answers import fault, invalid, missing
from crm_adapters.fakes.vendors.salesforce.org import FIXED, KEY, LOST, TYPES, Org, show
from crm_adapters.fakes.vendors.salesforce.soql import read_select, run
from crm_adapters.fakes.wire import Refused, reply, route
from crm_adapters.model import Kind

ROOT = "/services/data/v66.0"
OBJECTS = {Kind.CUSTOMERS: "Contact", Kind.PRODUCTS: "Product2", Kind.CASES: "Case"}
KEPT = timedelta(days=30)
LONGEST_ASSERTION = timedelta(minutes=3)
JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SOSL = re.compile(r"FIND \{([\d OR]+)\} IN PHONE FIELDS RETURNING Contact\(Id\)")
DAILY = 15_000
"""§8: of a developer's org."""


class Fake(server.Fake):
    name = "salesforce"
    lag = timedelta(minutes=2)
    """§1: of searches; seconds to minutes. Queries lag in nothing."""
    orders = False
    """Purchases are orders, not opportunities."""
    batch = 2_000
    """Rows of one answer; §3: what is asked for is a hint."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__(clock)
        self.org = Org(self.now, self.lag)
        self.tokens = TokenEndpoint(self.now)
        self.username = "user.qzx7@example.com"
        self.calls = 0
        self._rest: dict[str, tuple[str, list[dict[str, Any]]]] = {}
        self._locators = count(1)

    def settings(self, url: str) -> dict[str, Any]:
        return {"url": url, "client_id": self.tokens.client_id, "client_secret": self.tokens.client_secret}

    def put(self, record: Record) -> str:
        return filling.put(self.org, record, orders=self.orders) or f"none-{id(record)}"

    def delete(self, kind: Kind, ref: str) -> None:
        purchase = "Order" if self.orders else "Opportunity"
        self.org.remove(OBJECTS.get(kind, purchase), ref)

    def merge(self, ref: str, *, into: str) -> None:
        self.org.merge(ref, into)

    def close_deal(self, ref: str) -> None:
        self.org.tables["Opportunity"].change(self.org.row("Opportunity", ref), {"StageName": LOST})

    def notes(self) -> list[str]:
        """Those that are somebody's."""
        rows = self.org.tables["Task"].live()
        return [json.dumps([row.id, row.values]) for row in rows if row.values.get("WhoId")]

    def lines(self) -> list[str]:
        return [json.dumps([row.id, row.values]) for row in self.org.tables["OpportunityLineItem"].live()]

    def authorize(self, request: Request) -> None:
        if not self.tokens.accepts(request.headers.get("Authorization", "").removeprefix("Bearer ")):
            raise Refused(self.unauthorized())
        self.calls += 1

    def unauthorized(self) -> Response:
        self.tokens.expire()
        return fault(401, "INVALID_SESSION_ID", "Session expired or invalid")

    def limited(self, wait: str | None) -> Response:
        """§8: 403 and no header to say how long; one that is there, from whoever stands between, is obeyed."""
        told = "TotalRequests Limit exceeded."
        return fault(403, "REQUEST_LIMIT_EXCEEDED", told, headers={"Retry-After": wait} if wait else None)

    def refused(self, request: Request) -> Response:
        told = f"unexpected token: {request.full_path} {request.get_data(as_text=True)}"
        return fault(400, "MALFORMED_QUERY", told)

    def broken(self, request: Request) -> Response:
        return fault(500, "UNKNOWN_EXCEPTION", f"{request.full_path} {request.get_data(as_text=True)}")

    def away(self, wait: str) -> Response:
        return fault(503, "SERVER_UNAVAILABLE", "Server unavailable", headers={"Retry-After": wait})

    def not_found(self) -> Response:
        return fault(404, "NOT_FOUND", "The requested resource does not exist")

    def tell(self, body: Any, status: int = 200) -> Response:
        """§8: the longer form of the header."""
        usage = f"api-usage={self.calls}/{DAILY}; per-app-api-usage=17/250(appName=assist)"
        return reply(body, status, {"Sforce-Limit-Info": usage})

    @route("POST", "/services/oauth2/token", free=True)
    def give_token(self, request: Request) -> Response:
        """§0: who we are may stand in the header; the answer has no end of the token, and where its calls go."""
        form = self._identified(request)
        if form.get("grant_type") == JWT:
            form = self._asserted(form)
        status, body = self.tokens.answer(form)
        if status != 200:
            return reply({"error": body["error"], "error_description": "expired access/refresh token"}, 400)
        told = {name: value for name, value in body.items() if name != "expires_in"}
        facts = {"instance_url": request.host_url.rstrip("/"), "issued_at": "1777777777777", "scope": "api"}
        return reply(told | facts)

    def _identified(self, request: Request) -> dict[str, str]:
        form = request.form.to_dict()
        given = request.headers.get("Authorization", "")
        if given.startswith("Basic "):
            user, _, secret = b64decode(given.removeprefix("Basic ")).decode().partition(":")
            form |= {"client_id": user, "client_secret": secret}
        return form

    def _asserted(self, form: Mapping[str, str]) -> dict[str, str]:
        """§0: three minutes at most. Its signature is not looked at here."""
        claims = json.loads(urlsafe_b64decode(form["assertion"].split(".")[1] + "=="))
        ends = datetime.fromtimestamp(claims["exp"], UTC)
        right = claims["sub"] == self.username and claims["aud"] == "https://login.salesforce.com"
        if not right or not self.now() < ends <= self.now() + LONGEST_ASSERTION:
            raise Refused(reply({"error": "invalid_grant", "error_description": "invalid assertion"}, 400))
        secret = self.tokens.client_secret
        return {"grant_type": "client_credentials", "client_id": claims["iss"], "client_secret": secret}

    @route("GET", "/services/data")
    def tell_versions(self, _request: Request) -> Response:
        return self.tell(
            [
                {"label": one, "url": f"/services/data/v{one}", "version": one}
                for one in ("60.0", "66.0", "67.0")
            ]
        )

    @route("GET", f"{ROOT}/limits")
    def tell_limits(self, _request: Request) -> Response:
        return self.tell({"DailyApiRequests": {"Max": DAILY, "Remaining": DAILY - self.calls}})

    @route("GET", f"{ROOT}/query")
    def query(self, request: Request) -> Response:
        return self._answer(request.args["q"], deleted=False)

    @route("GET", f"{ROOT}/queryAll")
    def query_all(self, request: Request) -> Response:
        """§4: what lies in the bin, too."""
        return self._answer(request.args["q"], deleted=True)

    def _answer(self, soql: str, *, deleted: bool) -> Response:
        select = read_select(self.org, soql)
        rows = run(self.org, select, deleted=deleted)
        return self._batch([self._show(select.name, row, select.fields) for row in rows], len(rows))

    def _show(self, name: str, row: Row, fields: list[str]) -> dict[str, Any]:
        """§1: a related record is nested, and null where there is none."""
        url = f"{ROOT}/sobjects/{name}/{row.id}"
        found: dict[str, Any] = {"attributes": {"type": name, "url": url}}
        for path in fields:
            relation, dot, rest = path.partition(".")
            value = self.org.read(name, row, path)
            if not dot:
                found[path] = value
            elif self.org.values(name, row).get(f"{relation}Id"):
                found.setdefault(relation, {"attributes": {"type": relation}})[rest] = value
            else:
                found[relation] = None
        return found

    def _batch(self, rows: list[dict[str, Any]], total: int) -> Response:
        """§3: the rest is under an address that is good for two days."""
        first, rest = rows[: self.batch], rows[self.batch :]
        body: dict[str, Any] = {"totalSize": total, "done": not rest, "records": first}
        if rest:
            locator = f"01gQz{next(self._locators):010d}AAA-{self.batch}"
            self._rest[locator] = (str(total), rest)
            body["nextRecordsUrl"] = f"{ROOT}/query/{locator}"
        return self.tell(body)

    @route("GET", f"{ROOT}/query/<locator>")
    def query_more(self, _request: Request, locator: str) -> Response:
        if locator not in self._rest:
            raise invalid("INVALID_QUERY_LOCATOR", "invalid query locator")
        total, rest = self._rest[locator]
        return self._batch(rest, int(total))

    @route("GET", f"{ROOT}/search")
    def search(self, request: Request) -> Response:
        """§1: punctuation does not count, the country code does. The index lags."""
        match = SOSL.fullmatch(request.args["q"])
        if match is None:
            raise invalid("MALFORMED_SEARCH", "unexpected token")
        wanted = set(match[1].split(" OR "))
        found = self.org.tables["Contact"].search(lambda values: bool(wanted & _numbers(values)))
        return self.tell({"searchRecords": [self._show("Contact", row, ["Id"]) for row in found]})

    @route("GET", f"{ROOT}/sobjects/<name>/describe")
    def describe(self, _request: Request, name: str) -> Response:
        """§2: hidden fields are left out; a hidden object is not there."""
        if name not in self.org.tables or name in self.org.unseen:
            raise missing()
        rights = self.org.rights.get(name, set())
        flags = {one: one in rights for one in ("createable", "updateable", "deletable")}
        fields = [_field(one, edits=flags["updateable"]) for one in self.org.names(name)]
        return self.tell({"name": name, "queryable": True, **flags, "fields": fields})

    @route("GET", f"{ROOT}/sobjects/<name>/deleted")
    def tell_deleted(self, request: Request, name: str) -> Response:
        """§4: at most 30 days back, and a minute at least; seconds are ignored."""
        start, end = (datetime.fromisoformat(request.args[one]) for one in ("start", "end"))
        if end - start < timedelta(minutes=1) or start < self.now() - KEPT:
            raise invalid("INVALID_REPLICATION_DATE", "startDate out of range")
        since, until = start.replace(second=0), end.replace(second=0) + timedelta(minutes=1)
        gone = [
            {"id": row.id, "deletedDate": show(row.deleted_at)}
            for row in self.org.tables[name].deleted()
            if row.deleted_at and since <= row.deleted_at < until
        ]
        covered = {"earliestDateAvailable": show(self.now() - KEPT), "latestDateCovered": show(until)}
        return self.tell({"deletedRecords": gone, **covered})

    @route("POST", f"{ROOT}/sobjects/<name>")
    def create(self, request: Request, name: str) -> Response:
        row = writing.create(self.org, name, request.get_json())
        return self.tell({"id": row.id, "success": True, "errors": []}, 201)

    @route("PATCH", f"{ROOT}/sobjects/<name>/<key>/<value>")
    def upsert(self, request: Request, name: str, key: str, value: str) -> Response:
        """§7: 201 for a new one, 200 for one that was there."""
        row, created = writing.upsert(self.org, name, key, value, request.get_json())
        body = {"id": row.id, "success": True, "errors": [], "created": created}
        return self.tell(body, 201 if created else 200)

    @route("PATCH", f"{ROOT}/sobjects/<name>/<ref>")
    def change(self, request: Request, name: str, ref: str) -> Response:
        """§7: an empty 204; 412 where it was changed since."""
        row = self.org.row(name, ref)
        guard = request.headers.get("If-Unmodified-Since")
        if guard and row.modified_at.replace(microsecond=0) > parsedate_to_datetime(guard):
            return fault(412, "PRECONDITION_FAILED", "An If-Unmodified-Since condition was not met")
        writing.change(self.org, name, row, request.get_json())
        return reply(None, 204)


def _numbers(values: Mapping[str, Any]) -> set[str]:
    found = [values.get(name) for name in ("Phone", "MobilePhone", "HomePhone", "OtherPhone")]
    return {re.sub(r"\D", "", one) for one in found if one}


def _field(name: str, *, edits: bool) -> dict[str, Any]:
    kind = "phone" if name.endswith("Phone") else "boolean" if name.startswith(("Is", "Has")) else "string"
    return {
        "name": name,
        "label": name.removesuffix("__c"),
        "type": TYPES.get(name, kind),
        "updateable": edits and name not in FIXED,
        "createable": name not in FIXED,
        "externalId": name == KEY,
        "picklistValues": [{"value": "Complaint", "label": "Complaint"}] if name == "Type" else [],
    }
