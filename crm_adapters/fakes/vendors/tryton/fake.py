"""The server: one address for everything, and sessions; as seen of 8.2 and 7.0 in November 2026."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

from werkzeug.wrappers import Request, Response

from crm_adapters.fakes.seed import Record
from crm_adapters.fakes.server import Fake as Server
from crm_adapters.fakes.vendors.tryton import filling
from crm_adapters.fakes.vendors.tryton.methods import METHODS
from crm_adapters.fakes.vendors.tryton.office import Office
from crm_adapters.fakes.vendors.tryton.schema import SEVEN
from crm_adapters.fakes.vendors.tryton.wire import Failed, Question, page
from crm_adapters.fakes.wire import Refused, Route, route
from crm_adapters.model import Kind

DATABASE, USER, PASSWORD = "shop", "salesapi", "pass-Qzx7-word"
MOST_ATTEMPTS = 5
"""Wrong passwords in a row, before nothing is listened to for five minutes."""
TABLES = {Kind.CUSTOMERS: "party.party", Kind.PRODUCTS: "product.product", Kind.ORDERS: "sale.sale"}
LINES = ("sale.line", "sale.opportunity.line")


class Fake(Server):
    name = "tryton"

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__(clock)
        self.office = Office(self.now)
        self.series = "8.2"
        self._sessions: set[str] = set()
        self._attempts = 0
        self._numbers = count(1)

    def settings(self, url: str) -> dict[str, Any]:
        return {"url": url, "database": DATABASE, "user": USER, "password": PASSWORD}

    def become(self, series: str) -> None:
        """8.2 or 7.0: another series on the same data, as after an update."""
        self.series = series
        self.office.database.lacks = SEVEN if series == "7.0" else frozenset()

    @property
    def root(self) -> str:
        return "" if self.series == "7.0" else "rpc/"

    def put(self, record: Record) -> str:
        with self.lock:
            return filling.put(self.office.database, record)

    def delete(self, kind: Kind, ref: str) -> None:
        self.office.database.remove(TABLES[kind], int(ref))

    def merge(self, ref: str, *, into: str) -> None:
        filling.merge(self.office.database, int(ref), into=int(into))

    def close_deal(self, ref: str) -> None:
        self.office.database.change("sale.sale", int(ref), state="cancelled")

    def notes(self) -> list[str]:
        return [str(row) for row in self.office.database.all("ir.note")]

    def lines(self) -> list[str]:
        return [str(row) for model in LINES for row in self.office.database.all(model)]

    def sort(self, request: Request, one: Route) -> Route:
        question = Question(request)
        return replace(one, reads=not question.writes, free=question.method.startswith("common."))

    def authorize(self, request: Request) -> None:
        kind, _, value = request.headers.get("Authorization", "").partition(" ")
        if kind != "Session" or value not in self._sessions:
            raise Refused(Response("", 401))

    def unauthorized(self) -> Response:
        self._sessions.clear()
        return Response("", 401)

    def refused(self, request: Request) -> Response:
        return page(400, f"Unable to get RPC method {request.get_data(as_text=True)}")

    def not_found(self) -> Response:
        return page(404, "Not Found")

    @route("POST", "/")
    @route("POST", "/rpc/")
    def ask_root(self, request: Request) -> Response:
        """Each series knows one of the two, and takes the other for something else: a method that is not
        allowed, or a database of that name."""
        question = Question(request)
        if request.path != f"/{self.root}":
            return page(405, "Method Not Allowed") if self.root else Response("", 401)
        if question.method == "common.server.version":
            return question.answer(self.series)
        return page(400, "Bad Request")

    @route("POST", "/<name>/")
    @route("POST", "/<name>/rpc/")
    def ask_database(self, request: Request, name: str) -> Response:
        question = Question(request)
        if request.path != f"/{name}/{self.root}":
            return page(405, "Method Not Allowed")
        if name != DATABASE:
            return page(404, "Not Found")
        if set(question.body) != {"id", "method", "params"}:
            return page(400, "Bad Request")
        try:
            return question.answer(self._run(question))
        except Failed as failed:
            return question.refuse(*failed.error)
        except KeyError as unknown:
            return question.refuse(str(unknown), "")

    def _run(self, question: Question) -> Any:
        """An unknown model or field: no more than its name, in quotes."""
        if question.method == "common.db.login":
            return self._log_in(*question.params)
        kind, _, rest = question.method.partition(".")
        model, _, method = rest.rpartition(".")
        *params, context = question.params
        if kind != "model" or method not in METHODS:
            raise Refused(page(403, "Forbidden"))
        self.office.database.fields_of(model)
        return METHODS[method](self.office, model, context, *params)

    def _log_in(self, user: str, parameters: Mapping[str, str], _language: str | None) -> list[Any]:
        """Without a password, what is still needed is asked for; with too many wrong ones, nothing is listened
        to. Each is also answered a second or more later than the one before, which is left out here."""
        if "password" not in parameters:
            raise Failed("LoginException", ["password", f"Password for {user}", "password"])
        if self._attempts >= MOST_ATTEMPTS:
            raise Refused(page(429, "Too Many Requests"))
        if (user, parameters["password"]) != (USER, PASSWORD):
            self._attempts += 1
            raise Refused(page(401, "Unauthorized"))
        self._attempts = 0
        token = f"{next(self._numbers):064x}"
        self._sessions.add(b64encode(f"{user}:2:{token}".encode()).decode())
        return [2, token, None]
