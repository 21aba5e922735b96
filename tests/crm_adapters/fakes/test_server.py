"""The framework of the fakes: each trouble does on the wire what its name says."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from urllib.parse import quote

import pytest
from werkzeug.http import http_date

from crm_adapters.errors import AuthExpired, BadSettings, NotFound, OutcomeUnknown, Unavailable, VendorChanged
from crm_adapters.fakes import available, load
from crm_adapters.fakes.seed import Seed
from crm_adapters.fakes.server import LIMIT_SECONDS, Exchange
from crm_adapters.fakes.troubles import BEFORE, Storm, Trouble
from tests.crm_adapters.fakes.ledger import Visit, visit

ALL_RIGHT = {"page": 1, "of": 0}


@pytest.fixture
def visited() -> Iterator[Visit]:
    with visit() as found:
        yield found


@pytest.mark.parametrize(
    "trouble", [Trouble.BROKEN, Trouble.AWAY, Trouble.LOST, Trouble.TRUNCATED, Trouble.HUNG_AFTER]
)
def test_a_read_is_struck_once(visited: Visit, trouble: Trouble) -> None:
    visited.strike(trouble)
    assert visited.read() == ALL_RIGHT
    assert [exchange.trouble for exchange in visited.fake.log] == [trouble, None]
    visited.strike(trouble, times=2)
    with pytest.raises(Unavailable):
        visited.read()


@pytest.mark.parametrize(("trouble", "written"), [(one, one not in BEFORE) for one in Trouble])
def test_a_write_happens_before_or_not_at_all(visited: Visit, trouble: Trouble, *, written: bool) -> None:
    visited.strike(trouble, times=None, writes=True)
    told = visited.write("first")
    assert visited.fake.written == (["first"] if written else [])
    assert written or told != "201"


def test_the_date_is_the_fakes_own(visited: Visit) -> None:
    assert visited.client.read("pages/1").headers["Date"] == http_date(visited.watch.now)


@pytest.mark.parametrize("trouble", [Trouble.LIMITED, Trouble.LIMITED_UNTIL])
def test_a_limit_says_for_how_long(visited: Visit, trouble: Trouble) -> None:
    visited.strike(trouble)
    assert visited.read() == ALL_RIGHT
    assert sum(visited.watch.slept) == LIMIT_SECONDS


def test_half_an_answer_that_says_it_is_whole(visited: Visit) -> None:
    visited.strike(Trouble.GARBLED)
    with pytest.raises(VendorChanged):
        visited.read()


def test_the_answer_to_the_call_before(visited: Visit) -> None:
    visited.strike(Trouble.REPEATED, nth=2)
    assert [visited.client.write("POST", "lines", json=text).json()["line"] for text in "ab"] == [1, 1]
    assert visited.fake.written == ["a", "b"]


def test_writes_and_reads_are_struck_apart(visited: Visit) -> None:
    visited.strike(Trouble.BROKEN, writes=True, nth=2)
    assert visited.read() == ALL_RIGHT
    assert [visited.write(text) for text in "abc"] == ["201", "OutcomeUnknown", "201"]
    assert visited.fake.written == ["a", "c"]
    assert [exchange.writes for exchange in visited.fake.log] == [False, True, True, True]


def test_calls_of_every_sort_on_one_path_are_told_apart(visited: Visit) -> None:
    visited.strike(Trouble.BROKEN_AFTER, writes=True)
    assert visited.client.write("POST", "calls", json="count").json() == 0
    with pytest.raises(OutcomeUnknown):
        visited.client.write("POST", "calls", json="first")
    assert visited.fake.written == ["first"]


def test_a_post_that_only_reads_is_no_write(visited: Visit) -> None:
    visited.strike(Trouble.BROKEN_AFTER, writes=True)
    assert visited.client.write("POST", "count", json=None).json() == 0
    assert visited.fake.log == [Exchange("POST", "/count", "", False, 200, None)]


def test_a_stranger_and_an_unknown_path_are_refused() -> None:
    with visit(token="another") as visited:
        with pytest.raises(AuthExpired):
            visited.read()
        with pytest.raises(NotFound):
            visited.client.read("nothing")


@pytest.mark.parametrize("text", ["a/b", "a%2Fb", "a?b#c", "ñ +", "(x='y')"])
def test_what_a_path_holds_arrives_as_it_was(visited: Visit, text: str) -> None:
    assert visited.client.read(f"find/{quote(text, safe='')}/here").json() == text


def test_whoever_describes_the_vendor_may_complain(visited: Visit) -> None:
    def check(request: object) -> None:
        raise ValueError("not as described")

    visited.fake.checks.append(check)
    assert visited.read() == ALL_RIGHT
    assert visited.fake.complaints == ["GET /pages/1?: not as described"]


def test_a_storm_befalls_every_call_until_it_is_over(visited: Visit) -> None:
    ends = visited.watch.now + timedelta(minutes=5)
    visited.fake.brew(Storm({Trouble.BROKEN: 1}, until=ends))
    assert [visited.write(text) for text in "ab"] == ["OutcomeUnknown", "OutcomeUnknown"]
    with pytest.raises(Unavailable):
        visited.read()
    visited.watch.now = ends
    assert visited.write("c") == "201"
    assert visited.fake.written == ["c"]


def test_a_storm_spares_some_and_is_the_same_for_the_same_chance(visited: Visit) -> None:
    def weather() -> list[str]:
        visited.fake.brew(Storm({Trouble.BROKEN_AFTER: 1, None: 1}, writes=True, chance=Random(3)))
        return [visited.write(str(number)) for number in range(12)]

    first = weather()
    assert {*first} == {"201", "OutcomeUnknown"}
    assert weather() == first
    assert len(visited.fake.written) == 24
    assert visited.read()["of"] == 24, "reads are spared"


def test_of_a_token_nothing_is_done_that_could_be_lost() -> None:
    storm = Storm({Trouble.LOST_AFTER: 1})
    now = datetime(2026, 1, 5, tzinfo=UTC)
    assert storm.draw(writes=False, free=True, now=now) is None
    assert storm.draw(writes=False, free=False, now=now) is Trouble.LOST_AFTER


def test_calm_ends_a_storm(visited: Visit) -> None:
    visited.fake.brew(Storm({Trouble.BROKEN: 1}))
    visited.fake.troubles.clear()
    assert visited.read() == ALL_RIGHT


def test_what_happens_while_an_answer_is_on_its_way_is_not_in_it(visited: Visit) -> None:
    visited.fake.watchers.append(lambda _: visited.fake.written.append("meanwhile"))
    assert visited.read() == ALL_RIGHT
    assert visited.read() == {"page": 1, "of": 1}


def test_the_seed_is_put_in_an_order_in_which_it_can_be(visited: Visit) -> None:
    refs = visited.fake.fill(Seed(), at=datetime(2025, 1, 1, tzinfo=UTC))
    assert len(set(refs.values())) == len(refs)
    assert visited.fake.written[0] == "Company"
    assert visited.fake.now().year == 2026


def test_there_is_no_fake_of_everybody() -> None:
    assert available() == sorted(available())
    with pytest.raises(BadSettings, match="no fake of acme"):
        load("acme")


def test_nothing_answers_once_it_is_closed() -> None:
    with visit() as visited:
        assert visited.read() == ALL_RIGHT
    with pytest.raises(Unavailable):
        visited.read()
