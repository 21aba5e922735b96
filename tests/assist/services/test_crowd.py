"""The sample at hand: whom a persona matches, what overlaps, and how a condition comes out."""

from dataclasses import replace
from decimal import Decimal

from assist.services import crowd
from assist.services.crowd import Crowd, CrowdShelf, Member
from assist.services.desk import Desk
from personas.facts import FactSet
from personas.matcher import State
from personas.parse import parse_condition
from personas.persona import Criterion, Persona
from personas.release import shipped
from tests.assist.conftest import HandClock
from tests.assist.web.shops import open_shop

BASE = next(one for one in shipped().catalogue.personas if one.key == "small_company")


def persona(key: str, fact: str) -> Persona:
    criterion = Criterion(parse_condition({"fact": fact, "at_least": 3}), weight=1)
    return replace(
        BASE, key=key, criteria=(criterion,), threshold=Decimal(1), minimum_coverage=Decimal("0.5")
    )


OFTEN, LATELY = persona("often", "order.count"), persona("lately", "order.count_12m")


def of(*facts: dict[str, int]) -> Crowd:
    members = [Member(number, f"N{number}", FactSet(one)) for number, one in enumerate(facts, 1)]
    return Crowd(members, len(members), HandClock().now())


FOUR = of(
    {"order.count": 5, "order.count_12m": 1},
    {"order.count": 5, "order.count_12m": 4},
    {"order.count": 1, "order.count_12m": 1},
    {},
)


def test_a_persona_leads_alone_or_as_one_of_two() -> None:
    found = crowd.match_persona(FOUR, [OFTEN, LATELY], "often")
    assert [member.id for member in found.leading] == [1, 2]
    assert found.undecided == 1
    assert found.states == {State.STRONG: 1, State.TWO_POSSIBLE: 1, State.NONE: 1, State.NOT_ENOUGH_DATA: 1}


def test_overlap_counts_whoever_matches_whatever_leads() -> None:
    found = crowd.overlap(FOUR, [OFTEN, LATELY])
    assert found.counts == {"often": 2, "lately": 1}
    assert found.shared == {("often", "lately"): 1, ("lately", "often"): 1}
    assert found.unmatched == 2
    assert found.known == {"often": 0.75, "lately": 0.75}


def test_a_condition_comes_out_three_ways() -> None:
    assert crowd.judge(FOUR, parse_condition({"fact": "order.count", "at_least": 3})) == (2, 1, 1)


def test_who_comes_and_who_goes() -> None:
    one, two, three, _ = FOUR.members
    assert crowd.differ([one, two], [two, three]) == ([three], [one])


def test_nobody_is_no_trouble() -> None:
    nobody = of()
    assert crowd.match_persona(nobody, [OFTEN], "often").leading == []
    assert crowd.overlap(nobody, [OFTEN]) == ({}, {}, {}, 0)
    assert crowd.tiers(nobody, shipped().catalogue.icp) == {}


def test_the_mirror_is_looked_at_again_after_a_while(desk: Desk, clock: HandClock) -> None:
    shelf = CrowdShelf()
    assert shelf.current(desk).members == []
    open_shop(desk)
    assert shelf.current(desk).members == []
    clock.pass_time(minutes=11)
    assert {one.name for one in shelf.current(desk).members} == {"Ana <Ruiz>", "Bruno Díaz"}
    assert not shelf.current(desk).is_sample


def test_of_many_a_sample_is_taken_over_all_of_them(desk: Desk) -> None:
    open_shop(desk)
    small = crowd.take(desk, desk.clock.now(), most=1)
    assert (len(small.members), small.customers, small.is_sample) == (1, 2, True)
