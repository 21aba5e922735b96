"""A vendor small enough to see through: lines of text, listed, counted and added to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from werkzeug.wrappers import Request, Response

from crm_adapters.auth import bearer
from crm_adapters.errors import CRMError
from crm_adapters.fakes.loopback import serving
from crm_adapters.fakes.seed import Record
from crm_adapters.fakes.server import Fake
from crm_adapters.fakes.troubles import Strike, Trouble
from crm_adapters.fakes.wire import Route, reply, route
from crm_adapters.http import ApiClient
from crm_adapters.model import Kind
from crm_adapters.testing import Watch, local_transport
from crm_adapters.transport import Limits, Purpose


class Ledger(Fake):
    name = "ledger"

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        self.written: list[str] = []

    def settings(self, url: str) -> dict[str, Any]:
        return {"url": url}

    def put(self, record: Record) -> str:
        self.written.append(type(record).__name__)
        return str(len(self.written))

    def delete(self, kind: Kind, ref: str) -> None:
        """Nothing is ever struck out of a ledger."""

    @route("GET", "/pages/<int:number>")
    def page(self, _request: Request, number: int) -> Response:
        return reply({"page": number, "of": len(self.written)})

    @route("GET", "/find/<text>/here")
    def find(self, _request: Request, text: str) -> Response:
        return reply(text)

    @route("POST", "/count", reads=True)
    def count(self, _request: Request) -> Response:
        return reply(len(self.written))

    @route("POST", "/calls")
    def call(self, request: Request) -> Response:
        return self.count(request) if request.get_json() == "count" else self.add(request)

    def sort(self, request: Request, one: Route) -> Route:
        return replace(one, reads=request.get_json() == "count") if one.path == "/calls" else one

    @route("POST", "/lines")
    def add(self, request: Request) -> Response:
        self.written.append(request.get_json())
        return reply({"line": len(self.written)}, 201)


@dataclass(frozen=True, slots=True)
class Visit:
    fake: Ledger
    client: ApiClient
    watch: Watch

    def strike(self, trouble: Trouble, **when: Any) -> None:
        self.fake.strike(Strike(trouble, **when))

    def read(self, number: int = 1) -> Any:
        return self.client.read(f"pages/{number}").json()

    def write(self, text: str) -> str:
        """The status, or the name of the error."""
        try:
            return str(self.client.write("POST", "lines", json=text).status)
        except CRMError as error:
            return type(error).__name__


@contextmanager
def visit(*, token: str = Ledger.token) -> Iterator[Visit]:
    watch = Watch()
    fake = Ledger(watch.clock)
    limits = Limits(read=0.2, attempts=2)
    transport = local_transport(watch, patience=dict.fromkeys(Purpose, limits))
    with serving(fake) as url:
        yield Visit(fake, ApiClient(url, auth=bearer(token), transport=transport), watch)
