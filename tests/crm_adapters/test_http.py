"""The client against a real server: what is sent, what is sent again, and what is said of what went wrong."""

import gzip
import logging
import re
import socket
from traceback import format_exception

import pytest

from crm_adapters.answers import Answer
from crm_adapters.errors import (
    AuthExpired,
    Conflict,
    CRMError,
    NotFound,
    OutcomeUnknown,
    Permanent,
    PermissionDenied,
    RateLimited,
    Unavailable,
    ValidationFailed,
    VendorChanged,
)
from crm_adapters.http import ApiClient, Call
from crm_adapters.ledger import MemoryLedger
from crm_adapters.limiter import Pace
from crm_adapters.quota import read_ratelimit
from crm_adapters.testing import Watch, local_transport
from crm_adapters.transport import Limits, Purpose
from tests.crm_adapters.client import Token, make_client
from tests.crm_adapters.loopback import SILENCE, answering, reply

CUT = b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"


@pytest.fixture
def watch() -> Watch:
    return Watch()


def test_a_read_sends_who_asks_and_why(watch: Watch) -> None:
    with answering(reply(200, b'{"a": 1}')) as server:
        answer = make_client(server.url, watch).read("/people", params={"q": "a b"})
    assert answer.json() == {"a": 1}
    (request,) = server.requests
    assert request.startswith(b"GET /api/people?q=a+b HTTP/1.1")
    assert b"\r\nAuthorization: Bearer old\r\n" in request
    assert b"\r\nX-Correlation-Id: click-1.1\r\n" in request


def test_a_write_sends_its_body(watch: Watch) -> None:
    with answering(reply(201, b'{"id": 7}')) as server:
        answer = make_client(server.url, watch).write("POST", "notes", json={"text": "é"})
    assert answer.status == 201
    assert server.requests[0].endswith(b'{"text": "\\u00e9"}')


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504, 408])
def test_a_read_is_repeated_with_growing_pauses(watch: Watch, status: int) -> None:
    with answering(reply(status), reply(status), reply(200)) as server:
        make_client(server.url, watch).read("people")
    assert watch.slept == [0.5, 1.0]


def test_a_lost_connection_is_tried_again(watch: Watch) -> None:
    with answering(CUT, SILENCE, reply(200, b"[]")) as server:
        assert make_client(server.url, watch).read("people").json() == []
    assert len(server.requests) == 3


def test_attempts_are_numbered(watch: Watch) -> None:
    with answering(*[reply(503)] * 3) as server, pytest.raises(Unavailable):
        make_client(server.url, watch).read("people")
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), ("0", 0.0), ("Mon, 05 Jan 2026 09:00:09 GMT", 9.0), ("nonsense", 0.5)]
)
@pytest.mark.parametrize("status", [429, 503])
def test_the_crm_says_how_long_to_wait(watch: Watch, header: str, seconds: float, status: int) -> None:
    with answering(reply(status, Retry_After=header), reply(200)) as server:
        make_client(server.url, watch).read("people")
    assert watch.slept == [seconds]


def test_a_long_wait_is_given_back(watch: Watch) -> None:
    with answering(reply(429, Retry_After="3600")) as server, pytest.raises(RateLimited) as limited:
        make_client(server.url, watch).read("people")
    assert limited.value.retry_after == 3600
    assert watch.slept == []


class TestWrites:
    def test_one_refused_for_haste_is_repeated(self, watch: Watch) -> None:
        with answering(reply(429), reply(201)) as server:
            make_client(server.url, watch).write("POST", "notes", json={})
        assert len(server.requests) == 2

    def test_one_that_was_never_sent_is_repeated(self, watch: Watch) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        with pytest.raises(Unavailable):
            make_client(f"http://127.0.0.1:{port}", watch).write("POST", "notes", json={})
        assert watch.slept == [0.5, 1.0]

    @pytest.mark.parametrize(
        "answer",
        [
            SILENCE,
            reply(500),
            reply(502),
            reply(504),
            b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{",
            b"junk",
        ],
    )
    def test_one_that_may_have_happened_is_not(self, watch: Watch, answer: bytes) -> None:
        with answering(answer, reply(201)) as server, pytest.raises(OutcomeUnknown):
            make_client(server.url, watch).write("POST", "notes", json={})
        assert len(server.requests) == 1
        assert watch.slept == []

    def test_one_not_taken_on_is_left_to_the_caller(self, watch: Watch) -> None:
        with answering(reply(503), reply(201)) as server, pytest.raises(Unavailable):
            make_client(server.url, watch).write("POST", "notes", json={})
        assert len(server.requests) == 1

    def test_one_that_changes_nothing_more_is_repeated(self, watch: Watch) -> None:
        with answering(reply(500), reply(200)) as server:
            make_client(server.url, watch).run(Call("PUT", "notes/1", json={}, repeatable=True))
        assert len(server.requests) == 2

    def test_one_that_is_redirected_is_not_sent_on(self, watch: Watch) -> None:
        with answering(reply(307, Location="/api/other"), reply(200)) as server, pytest.raises(VendorChanged):
            make_client(server.url, watch).write("POST", "notes", json={})
        assert len(server.requests) == 1


class TestTokens:
    def test_a_refused_token_is_refreshed_once(self, watch: Watch) -> None:
        with answering(reply(401), reply(200)) as server:
            make_client(server.url, watch, auth=Token(["old", "new"])).write("POST", "notes", json={})
        assert b"Bearer new" in server.requests[1]

    def test_a_second_refusal_is_final(self, watch: Watch) -> None:
        with answering(reply(401), reply(401)) as server, pytest.raises(AuthExpired):
            make_client(server.url, watch, auth=Token(["old", "new", "newer"])).read("people")
        assert len(server.requests) == 2

    def test_nothing_to_refresh_is_final(self, watch: Watch) -> None:
        with answering(reply(401)) as server, pytest.raises(AuthExpired):
            make_client(server.url, watch).read("people")

    def test_our_token_is_not_replaced_from_outside(
        self, watch: Watch, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home = tmp_path_factory.mktemp("home") / "netrc"
        home.write_text("machine 127.0.0.1 login other password wrong\n")
        monkeypatch.setenv("NETRC", str(home))
        with answering(reply(200)) as server:
            make_client(server.url, watch).read("people")
        assert b"Bearer old" in server.requests[0]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, ValidationFailed),
        (403, PermissionDenied),
        (404, NotFound),
        (409, Conflict),
        (410, NotFound),
        (412, Conflict),
        (418, Permanent),
        (422, ValidationFailed),
        (304, VendorChanged),
    ],
)
def test_a_refusal_has_its_kind_and_is_not_repeated(watch: Watch, status: int, kind: type[CRMError]) -> None:
    with answering(reply(status, b"")) as server, pytest.raises(kind, match=str(status)):
        make_client(server.url, watch).read("people")
    assert len(server.requests) == 1


def test_a_vendors_own_errors_go_first(watch: Watch) -> None:
    def translate(answer: Answer) -> CRMError | None:
        return RateLimited("throttled", retry_after=2) if b"THROTTLED" in answer.body else None

    with answering(reply(200, b'"THROTTLED"'), reply(200, b'"done"')) as server:
        answer = make_client(server.url, watch, translate=translate).write("POST", "graphql", json={})
    assert answer.json() == "done"
    assert watch.slept == [2]


class TestSuspiciousAnswers:
    def test_what_is_not_json_is_told(self, watch: Watch) -> None:
        with answering(reply(200, b"<html>sign in</html>")) as server:
            answer = make_client(server.url, watch).read("people")
        with pytest.raises(VendorChanged, match="not JSON"):
            answer.json()

    @pytest.mark.parametrize("packed", [False, True])
    def test_too_much_is_not_taken_in(self, watch: Watch, packed: bool) -> None:
        body = gzip.compress(b" " * 100_000) if packed else b" " * 1001
        headers = {"Content-Encoding": "gzip"} if packed else {}
        with answering(reply(200, body, **headers)) as server, pytest.raises(VendorChanged, match="too long"):
            make_client(server.url, watch).read("people")

    def test_an_answer_that_never_ends_is_left(self, watch: Watch) -> None:
        impatient = Limits(whole=-1)
        with answering(reply(200)) as server, pytest.raises(Unavailable, match="too long in coming"):
            make_client(server.url, watch, limits=impatient).read("people")
        with answering(reply(200)) as server, pytest.raises(OutcomeUnknown, match="too long in coming"):
            make_client(server.url, watch, limits=impatient).write("POST", "notes", json={})

    def test_a_redirect_on_the_same_host_is_followed(self, watch: Watch) -> None:
        with answering(reply(302, Location="/api/v2/people"), reply(200, b"[]")) as server:
            assert make_client(server.url, watch).read("people").json() == []
        assert server.requests[1].startswith(b"GET /api/v2/people ")

    @pytest.mark.parametrize(
        "place", ["http://127.0.0.2/x", "//169.254.169.254/latest", "https://127.0.0.1/x"]
    )
    def test_a_redirect_elsewhere_is_not(self, watch: Watch, place: str) -> None:
        with (
            answering(reply(302, Location=place)) as server,
            pytest.raises(VendorChanged, match="another host"),
        ):
            make_client(server.url, watch).read("people")

    def test_redirects_end(self, watch: Watch) -> None:
        with answering(*[reply(302, Location="/api/x")] * 4) as server, pytest.raises(VendorChanged):
            make_client(server.url, watch).read("people")

    def test_a_next_page_may_be_a_whole_url_of_the_same_host(self, watch: Watch) -> None:
        with answering(reply(200)) as server:
            client = make_client(server.url, watch)
            client.read(f"{server.url}/people?page=2")
            with pytest.raises(VendorChanged, match="another host"):
                client.read("https://elsewhere.example/people?page=2")
        assert server.requests[0].startswith(b"GET /api/people?page=2 ")


PRIVATE = "".join(("mar", "ker", "-9f"))
"""In parts, for tracebacks show source lines."""


@pytest.mark.parametrize(
    "answer",
    [
        reply(400, PRIVATE.encode()),
        reply(500, PRIVATE.encode()),
        reply(302, Location=f"//{PRIVATE}/"),
        SILENCE,
    ],
)
def test_neither_errors_nor_logs_hold_bodies_tokens_or_addresses(
    watch: Watch, caplog: pytest.LogCaptureFixture, answer: bytes
) -> None:
    caplog.set_level(logging.DEBUG)
    with answering(*[answer] * 3) as server:
        client = make_client(server.url, watch, auth=Token([PRIVATE]))
        with pytest.raises(CRMError) as failed:
            client.read(f"people/{PRIVATE}", params={"email": PRIVATE})
    assert failed.value.__context__ is None
    assert PRIVATE not in "".join(format_exception(failed.value))
    assert PRIVATE not in caplog.text


def test_a_log_line_says_what_was_asked_of_whom(watch: Watch, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with answering(reply(200)) as server:
        make_client(server.url, watch).read("people")
    assert caplog.messages == ["GET 127.0.0.1: 200 (click-1.1)"]


class TestBudget:
    """That the client keeps to it; how it is counted has tests of its own."""

    def test_a_crms_wish_for_silence_is_everybodys(self, watch: Watch) -> None:
        ledgers = {"api": MemoryLedger(), "search": MemoryLedger()}
        with answering(*[reply(429, Retry_After="3600")] * 2, reply(200)) as server:
            for name in ("api", "api", "search"):
                client = make_client(server.url, watch, pace=Pace(name), ledgers=ledgers.__getitem__)
                with pytest.raises(RateLimited) as limited:
                    client.read("people")
                assert limited.value.retry_after == 3600
        assert len(server.requests) == 2

    def test_what_an_answer_says_of_the_quota_counts(self, watch: Watch) -> None:
        told = reply(200, X_RateLimit_Limit="10", X_RateLimit_Remaining="4", X_RateLimit_Reset="2")
        with answering(told, reply(200)) as server:
            client = make_client(server.url, watch, pace=Pace(read_quotas=read_ratelimit))
            client.read("people")
            client.read("people")
        assert watch.slept == [2]

    def test_calls_wait_for_their_turn(self, watch: Watch) -> None:
        with answering(*[reply(200)] * 7) as server:
            client = make_client(server.url, watch, pace=Pace(calls=10, seconds=1))
            for _ in range(7):
                client.read("people")
        assert sum(watch.slept) == pytest.approx(1.1, abs=0.01)

    def test_costs_differ(self, watch: Watch) -> None:
        with answering(*[reply(200)] * 2) as server:
            client = make_client(server.url, watch, pace=Pace(calls=10, seconds=1))
            for cost in (5, 2):
                client.run(Call("GET", "people", repeatable=True, cost=cost))
        assert sum(watch.slept) == pytest.approx(1.1, abs=0.01)

    def test_an_agent_waits_a_second_at_most(self, watch: Watch) -> None:
        with answering(reply(429, Retry_After="2")) as server:
            transport = local_transport(watch, purpose=Purpose.INTERACTIVE)
            with pytest.raises(RateLimited):
                ApiClient(server.url, auth=Token(), transport=transport).read("people")
        assert watch.slept == []


def test_every_call_has_a_name_of_its_own(watch: Watch) -> None:
    with answering(reply(503), reply(200), reply(200)) as server:
        client = make_client(server.url, watch)
        client.read("people")
        client.read("people")
    names = [re.search(rb"X-Correlation-Id: (\S+)", request) for request in server.requests]
    assert [name and name[1] for name in names] == [b"click-1.1", b"click-1.2", b"click-1.3"]


def test_a_failure_is_logged_by_kind_and_name(watch: Watch, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with answering(reply(503), reply(200)) as server:
        make_client(server.url, watch).read("people")
    assert caplog.messages == ["GET 127.0.0.1: Unavailable (click-1.1)"]
