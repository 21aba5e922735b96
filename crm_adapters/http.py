"""The one way in which adapters speak HTTP: bounded, timed, repeated where that is safe, silent about bodies.

A read is repeated after 429, 5xx and lost connections. A write is repeated after 429 and when nothing was
sent; when it was sent and no clear answer came, `OutcomeUnknown` says so.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from ssl import SSLCertVerificationError
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, SSLError

from crm_adapters.answers import Answer, Failure, judge
from crm_adapters.auth import Auth
from crm_adapters.errors import (
    AuthExpired,
    CRMError,
    HostRefused,
    OutcomeUnknown,
    RateLimited,
    Retryable,
    Unavailable,
    VendorChanged,
)
from crm_adapters.limiter import Limiter, Pace
from crm_adapters.transport import Transport

log = logging.getLogger(__name__)
# Its debug lines hold whole URLs, and those hold customers' addresses.
logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)

CORRELATION = "X-Correlation-Id"
REDIRECTS = frozenset({301, 302, 303, 307, 308})
NO_HEADERS: Mapping[str, str] = {}
UNPACED = Pace()


@dataclass(frozen=True, slots=True)
class Call:
    method: str
    path: str
    """Below the base URL, or a whole URL on the same host, as vendors give for the next page."""
    params: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    repeatable: bool = False
    """It changes nothing at the CRM, or nothing more the second time."""
    cost: float = 1.0
    """In the units of the pace."""


Translate = Callable[[Answer], CRMError | None]
"""A vendor's own way of failing, looked at before the status: an error in a 200, fields of a 400."""


class ApiClient:
    def __init__(
        self,
        base_url: str,
        *,
        auth: Auth,
        transport: Transport,
        pace: Pace = UNPACED,
        translate: Translate = lambda _: None,
        headers: Mapping[str, str] = NO_HEADERS,
    ) -> None:
        """`headers` go with every call. The session stays on the base URL's host, whatever that host says."""
        self._base = base_url.rstrip("/") + "/"
        self._auth = auth
        self._timing = transport.timing
        self._limits = transport.limits
        self._limiter = Limiter(transport, pace)
        self._read_quotas = pace.read_quotas
        self._translate = translate
        self._names = (f"{transport.correlation_id}.{number}" for number in count(1))
        self._before_write = transport.before_write
        self._session = transport.network.open_session()
        self._session.headers.update(headers)

    def close(self) -> None:
        self._session.close()

    def read(self, path: str, *, params: Mapping[str, str] = NO_HEADERS) -> Answer:
        return self.run(Call("GET", path, params=params, repeatable=True))

    def write(self, method: str, path: str, *, json: Any) -> Answer:
        return self.run(Call(method, path, json=json))

    def run(self, call: Call) -> Answer:
        """The answer of a call that succeeded; raises a CRMError otherwise."""
        refreshed = False
        attempt = 1
        while True:
            result = self._attempt(call)
            if isinstance(result, Answer):
                return result
            if isinstance(result.error, AuthExpired) and not refreshed and self._auth.refresh():
                refreshed = True
                continue
            pause = self._pause(result, attempt)
            if pause is None:
                raise result.error
            self._timing.sleep(pause)
            attempt += 1

    def _pause(self, failure: Failure, attempt: int) -> float | None:
        """Seconds to wait before the next attempt; None gives the failure to the caller."""
        if not failure.again or attempt >= self._limits.attempts:
            return None
        own = self._limits.pause * 2 ** (attempt - 1)
        wait = own if failure.wait is None else failure.wait
        return wait if wait <= self._limits.longest_pause else None

    def _attempt(self, call: Call) -> Answer | Failure:
        name = next(self._names)
        with self._limiter.turn(call.cost):
            if not call.repeatable:
                self._before_write()
            started = self._timing.clock()
            result = self._exchange(call, name, started)
        if isinstance(result, Answer):
            self._limiter.learn(self._read_quotas(result))
            result = self._judge(call, result, started)
        if isinstance(result, Failure) and result.wait:
            self._limiter.close(result.wait)
        self._log(call, name, result)
        return result

    def _judge(self, call: Call, answer: Answer, started: datetime) -> Answer | Failure:
        own = self._translate(answer)
        if own:
            return _translated(own, repeatable=call.repeatable)
        return judge(answer, repeatable=call.repeatable, now=started) or answer

    def _log(self, call: Call, name: str, result: Answer | Failure) -> None:
        """Neither paths nor messages: they hold customers' addresses, and may hold more."""
        host = urlsplit(self._base).hostname
        if isinstance(result, Answer):
            log.debug("%s %s: %s (%s)", call.method, host, result.status, name)
        else:
            log.info("%s %s: %s (%s)", call.method, host, type(result.error).__name__, name)

    def _exchange(self, call: Call, name: str, started: datetime) -> Answer | Failure:
        call = replace(call, headers={CORRELATION: name, **call.headers})
        url = self._url(self._base, call.path.lstrip("/"))
        for _ in range(self._limits.redirects + 1):
            answer = self._send(call, url, started)
            if isinstance(answer, Failure) or answer.status not in REDIRECTS or not call.repeatable:
                return answer
            url = self._url(url, answer.headers.get("Location", ""))
            call = replace(call, params={})
        return Failure(VendorChanged("the CRM redirects without end"))

    def _url(self, base: str, path: str) -> str:
        url = urljoin(base, path)
        if _origin(url) != _origin(self._base):
            raise VendorChanged("the CRM points to another host")
        return url

    def _send(self, call: Call, url: str, started: datetime) -> Answer | Failure:
        try:
            with self._session.request(
                call.method,
                url,
                params={**call.params, **self._auth.params()},
                json=call.json,
                data=call.form,
                headers={**self._auth.headers(), **call.headers},
                timeout=(self._limits.connect, self._limits.read),
                allow_redirects=False,
                stream=True,
            ) as response:
                body = self._read_body(response, started)
        except requests.RequestException as error:
            return _lost(error, repeatable=call.repeatable)
        if isinstance(body, CRMError):
            return Failure(body if call.repeatable else OutcomeUnknown(str(body)))
        return Answer(response.status_code, response.headers, body)

    def _read_body(self, response: requests.Response, started: datetime) -> bytes | CRMError:
        """Or why we stopped reading."""
        latest = started + timedelta(seconds=self._limits.whole)
        parts: list[bytes] = []
        size = 0
        for part in response.iter_content(1 << 16):
            size += len(part)
            parts.append(part)
            if size > self._limits.bytes:
                return VendorChanged("the answer is too long")
            if self._timing.clock() > latest:
                return Unavailable("the answer is too long in coming")
        return b"".join(parts)


def _translated(error: CRMError, *, repeatable: bool) -> Failure:
    if isinstance(error, RateLimited):
        return Failure(error, again=True, wait=error.retry_after)
    return Failure(error, again=repeatable and isinstance(error, Retryable))


def _lost(error: requests.RequestException, *, repeatable: bool) -> Failure:
    kind = type(error).__name__
    if isinstance(_reason(error), SSLCertVerificationError):
        return Failure(HostRefused("the CRM's certificate is not signed by anybody we trust"))
    if repeatable or _nothing_was_sent(error):
        return Failure(Unavailable(f"no answer ({kind})"), again=True)
    return Failure(OutcomeUnknown(f"no answer to a write ({kind})"))


def _nothing_was_sent(error: requests.RequestException) -> bool:
    if isinstance(error, requests.ConnectTimeout | requests.exceptions.ProxyError):
        return True
    return isinstance(_reason(error), NewConnectionError | ConnectTimeoutError)


def _reason(error: requests.RequestException) -> object:
    """What urllib3 says it was, and ssl where it was that."""
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return reason.args[0] if isinstance(reason, SSLError) and reason.args else reason


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port
