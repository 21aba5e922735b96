"""A vendor's server, small and stateful, as far as our adapter can tell it from the real one.

Built on werkzeug, which comes with Flask and is here for its routing and for a server whose connections can be
cut at will; no Flask, because nothing of an application is needed.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Event, RLock
from typing import Any, ClassVar

from werkzeug.exceptions import HTTPException
from werkzeug.http import http_date
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from crm_adapters.fakes.seed import LONG_AGO, Record, Seed, rename
from crm_adapters.fakes.store import NO_LAG
from crm_adapters.fakes.troubles import BEFORE, SHORT, Storm, Strike, Trouble, Troubles
from crm_adapters.fakes.wire import Refused, Route, cut, match, reply, shorten
from crm_adapters.model import Kind, ProductRelation, WebhookRequest

Start = Callable[..., Any]
LIMIT_SECONDS = 7
"""What a 429 or 503 asks to wait."""
LONGEST_HANG = 5.0
"""Seconds of real time; clients give up before."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what became of it."""

    method: str
    path: str
    query: str
    writes: bool
    status: int
    """0: no answer was sent."""
    trouble: Trouble | None


class Fake(ABC):
    """Override what the vendor does its own way. Whatever is public here is for tests and demos; the vendor's
    behaviour, silent acceptances and odd codes included, is in the routes, each naming the fact it follows."""

    name: ClassVar[str]
    lag: ClassVar[timedelta] = NO_LAG
    """Until a search knows what was written."""
    token: ClassVar[str] = "token-Qzx7-secret"  # noqa: S105 - of a fake
    _map: ClassVar[Map]

    def __init_subclass__(cls) -> None:
        found = [(name, one) for name in dir(cls) for one in getattr(getattr(cls, name, None), "routes", ())]
        cls._map = Map(
            [Rule(one.path, methods=[one.method], endpoint=(name, one)) for name, one in found],
            strict_slashes=False,
            merge_slashes=False,
        )

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.clock = clock
        self.troubles = Troubles()
        self.log: list[Exchange] = []
        self.checks: list[Callable[[Request], None]] = []
        """Each looks at every authorised request and raises where it is not what the vendor describes."""
        self.complaints: list[str] = []
        """What those raised."""
        self.watchers: list[Callable[[Exchange], object]] = []
        """Each is told of every exchange once the work is done, and the answer waits for it."""
        self.lock = RLock()
        self._moment: datetime | None = None
        self._closing = Event()
        self._last: dict[tuple[str, str], Response] = {}

    def now(self) -> datetime:
        return self._moment or self.clock()

    @contextmanager
    def at(self, moment: datetime) -> Iterator[None]:
        """What is put meanwhile was put then."""
        self._moment = moment
        try:
            yield
        finally:
            self._moment = None

    def strike(self, strike: Strike) -> None:
        self._last.clear()
        self.troubles.add(strike)

    def brew(self, storm: Storm) -> None:
        """What is planned still happens; `troubles.clear` ends both."""
        self._last.clear()
        self.troubles.storm = storm

    def close(self) -> None:
        """Lets go of requests that hang."""
        self._closing.set()

    def fill(self, seed: Seed, *, at: datetime = LONG_AGO) -> dict[str, str]:
        """Everything in one moment, so that equal stamps are at every page's edge. The seed's refs → ours."""
        refs: dict[str, str] = {}
        with self.at(at), self.lock:
            for record in seed.records():
                ref = self.put(rename(record, refs))
                if not isinstance(record, ProductRelation):
                    refs[record.ref] = ref
        return refs

    @abstractmethod
    def settings(self, url: str) -> dict[str, Any]:
        """Of a connection to this server, with its secrets."""

    @abstractmethod
    def put(self, record: Record) -> str:
        """As the vendor keeps it: changed where the ref is known, new elsewhere. Its ref; that of a relation is
        empty. What the vendor has no place for is left out."""

    @abstractmethod
    def delete(self, kind: Kind, ref: str) -> None: ...

    def merge(self, ref: str, *, into: str) -> None:
        """Two customers, by the vendor's own people."""
        raise NotImplementedError

    def close_deal(self, ref: str) -> None:
        raise NotImplementedError

    def notes(self) -> list[str]:
        """Everything that was written about customers, oldest first, each with all it holds."""
        return []

    def lines(self) -> list[str]:
        """The lines of all deals, quotes and orders, each with all it holds."""
        return []

    def webhook(self, kind: Kind, ref: str) -> WebhookRequest:
        """What the vendor sends when that record has changed, signed as it should be."""
        raise NotImplementedError

    def forge_webhooks(self, kind: Kind, ref: str) -> list[WebhookRequest]:
        """What somebody else may send; see `Stage.forge_webhooks`."""
        raise NotImplementedError

    def authorize(self, request: Request) -> None:
        """Raises Refused."""
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            raise Refused(self.unauthorized())

    def unauthorized(self) -> Response:
        """Whoever issues tokens also ends those in use here: the next call with one of them is refused too."""
        return reply({"message": "unauthorized"}, 401)

    def limited(self, wait: str | None) -> Response:
        return reply({"message": "too many requests"}, 429, {"Retry-After": wait} if wait else None)

    def refused(self, request: Request) -> Response:
        return reply({"message": f"cannot read {request.full_path} {request.get_data(as_text=True)}"}, 400)

    def broken(self, request: Request) -> Response:
        said = f"<pre>Traceback {request.full_path} {request.get_data(as_text=True)}</pre>"
        return Response(said, 500, content_type="text/html")

    def away(self, wait: str) -> Response:
        return Response("<h1>Maintenance</h1>", 503, {"Retry-After": wait}, content_type="text/html")

    def not_found(self) -> Response:
        return reply({"message": "no such resource"}, 404)

    def sort(self, request: Request, one: Route) -> Route:  # noqa: ARG002 - for a vendor that needs it
        """Where one path takes calls of every sort, as with JSON-RPC or GraphQL: whether this one reads, and
        whether it is free."""
        return one

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        request = Request(environ)
        request.get_data()
        try:
            (name, one), arguments = match(self._map, environ)
        except HTTPException:
            response = self.not_found()
            self._note(request, response, writes=False)
            return response(environ, start)
        one = self.sort(request, one)
        trouble = self.troubles.next(writes=not one.reads, free=one.free, now=self.now())
        answer = self._suffer(
            request, trouble, lambda: self._handle(request, one, name, arguments), free=one.free
        )
        self._note(request, answer, writes=not one.reads, trouble=trouble)
        if trouble is Trouble.HUNG_AFTER:
            self._closing.wait(LONGEST_HANG)
        if answer is None:
            cut(environ)
        return answer(environ, start)

    def _handle(self, request: Request, one: Route, name: str, arguments: Mapping[str, Any]) -> Response:
        try:
            if not one.free:
                self.authorize(request)
            self._check(request)
            with self.lock:
                response: Response = getattr(self, name)(request, **arguments)
        except Refused as refusal:
            response = refusal.response
        return response

    def _check(self, request: Request) -> None:
        for check in self.checks:
            try:
                check(request)
            except Exception as error:  # noqa: BLE001 - a test is told later, in a thread of its own
                self.complaints.append(f"{request.method} {request.full_path}: {error}")

    def _suffer(
        self, request: Request, trouble: Trouble | None, handle: Callable[[], Response], *, free: bool
    ) -> Response | None:
        """None: the line is cut."""
        if trouble is not None and trouble in BEFORE:
            return self._refusal(request, trouble, free=free)
        before = self._last.get((request.method, request.path))
        response = handle()
        self._last[request.method, request.path] = response
        if trouble in {Trouble.HUNG_AFTER, Trouble.LOST_AFTER}:
            return None
        if trouble is Trouble.BROKEN_AFTER:
            return self.broken(request)
        if trouble is Trouble.REPEATED:
            return before or response
        return shorten(response, honest=trouble is Trouble.TRUNCATED) if trouble in SHORT else response

    def _refusal(self, request: Request, trouble: Trouble, *, free: bool) -> Response | None:
        """How the vendor limits calls of its interface is not how it limits who asks for tokens: plainly, here."""
        until = http_date(self.now() + timedelta(seconds=LIMIT_SECONDS))
        limited = partial(Fake.limited, self) if free else self.limited
        refusals: dict[Trouble, Callable[[], Response]] = {
            Trouble.EXPIRED: self.unauthorized,
            Trouble.LIMITED: lambda: limited(str(LIMIT_SECONDS)),
            Trouble.LIMITED_UNTIL: lambda: limited(until),
            Trouble.LIMITED_MUTE: lambda: limited(None),
            Trouble.REFUSED: lambda: self.refused(request),
            Trouble.BROKEN: lambda: self.broken(request),
            Trouble.AWAY: lambda: self.away(str(LIMIT_SECONDS)),
        }
        return refusals[trouble]() if trouble in refusals else None

    def _note(
        self, request: Request, response: Response | None, *, writes: bool, trouble: Trouble | None = None
    ) -> None:
        status = response.status_code if response else 0
        query = request.query_string.decode()
        self.log.append(Exchange(request.method, request.path, query, writes, status, trouble))
        for watcher in self.watchers:
            watcher(self.log[-1])
