"""Why not: what is the least that would have to be otherwise for a condition to hold."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import chain
from typing import NamedTuple, TypeAlias

from personas.conditions import AllOf, AnyOf, Comparison, Condition, Not, Truth, compare
from personas.domains import IN, UNKNOWN, Box, Domain, Domains, State, meet
from personas.facts import FactSet, FactValue

MAX_STEPS = 300
"""Choices looked at. Facts that clauses share can make the choice as hard as a puzzle."""
_WHOLE = 1_000_000
_YEAR = 365


class Change(NamedTuple):
    """One clause that comes out wrong, and what would have set it right."""

    clause: Comparison
    holds: bool
    """Whether the clause has to hold; False where it stands under a `not`."""
    actual: FactValue | None
    """None: not known."""
    needed: FactValue | None
    """The nearest value that passes, the same in all changes about one fact; None: not to be known. An empty text
    stands for any other text."""


class Miss(NamedTuple):
    changes: tuple[Change, ...]
    """In the order of the condition."""

    def mend(self, facts: FactSet) -> FactSet:
        """The facts with the changes made; the condition holds on them."""
        return FactSet({**facts, **{change.clause.fact: change.needed for change in self.changes}})


def nearest_miss(condition: Condition, facts: FactSet) -> Miss | None:
    """The fewest clauses that, changed, make the condition YES; of equally few the nearest values: for numbers
    |needed − actual| / (|actual| + |needed|), the Canberra distance; for dates days / (days + 365); else 1. What is
    equal to a millionth is decided by the order of the condition.

    None where it holds already, where nothing can make it hold, or where MAX_STEPS do not suffice to tell."""
    goals = _Goals(condition, facts)
    root = goals.of(condition, holds=True)
    state = (_settle(root, goals) if goals.are_apart else _cheapest(root, goals)) if root else None
    if state is None or not state.unmet:
        return None
    return Miss(
        tuple(goals.change(leaf, state.box) for leaf in sorted(state.unmet, key=lambda leaf: leaf.place))
    )


class _Price(NamedTuple):
    clauses: int
    distance: int
    """In millionths."""


_FREE = _Price(0, 0)


class _Leaf(NamedTuple):
    """A clause that is to come out one way."""

    place: int
    """Among the condition's clauses."""
    clause: Comparison
    holds: bool
    met: bool
    ways: tuple[Box, ...]
    least: _Price
    """What it costs at least; of groups likewise."""


class _Every(NamedTuple):
    parts: tuple["_Goal", ...]
    least: _Price


class _Either(NamedTuple):
    parts: tuple["_Goal", ...]
    """Cheapest first."""
    least: _Price


_Goal: TypeAlias = _Leaf | _Every | _Either


class _State(NamedTuple):
    """What is still to be done, and what was chosen so far."""

    goals: tuple[_Goal, ...]
    least: _Price
    """Of the goals together."""
    box: Box
    unmet: tuple[_Leaf, ...]


class _Goals:
    """A condition's goals with these facts: groups turned inside out where a `not` stands before them."""

    def __init__(self, condition: Condition, facts: FactSet) -> None:
        self._domains = Domains(condition, facts)
        self.are_apart = self._domains.are_apart
        self._facts = facts
        self._leaves = 0
        self._distances: dict[tuple[str, int], int] = {}

    def of(self, condition: Condition, *, holds: bool) -> _Goal | None:
        """None where nothing can do it."""
        match condition:
            case Comparison():
                return self._leaf(condition, holds=holds)
            case Not(part):
                return self.of(part, holds=not holds)
            case AllOf(parts) | AnyOf(parts):
                goals = [self.of(part, holds=holds) for part in parts]
        possible = tuple(goal for goal in goals if goal)
        if isinstance(condition, AllOf) is not holds:
            cheapest = sorted(possible, key=lambda goal: goal.least)
            return _Either(tuple(cheapest), cheapest[0].least) if possible else None
        if len(possible) < len(goals):
            return None
        clauses_first = sorted(possible, key=lambda goal: not isinstance(goal, _Leaf))
        return _Every(tuple(clauses_first), _sum(goal.least for goal in possible))

    def price(self, state: _State) -> _Price:
        """What the state costs at least."""
        chosen = sum(self._distance(leaf.clause.fact, state.box) for leaf in state.unmet)
        return _Price(state.least.clauses + len(state.unmet), state.least.distance + chosen)

    def choose(self, leaf: _Leaf) -> Box:
        """The nearest way."""
        if len(leaf.ways) == 1:
            return leaf.ways[0]
        return min(leaf.ways, key=lambda way: self._distance(leaf.clause.fact, way))

    def change(self, leaf: _Leaf, box: Box) -> Change:
        fact = leaf.clause.fact
        return Change(leaf.clause, leaf.holds, self._facts.get(fact), self._needed(fact, box))

    def _leaf(self, clause: Comparison, *, holds: bool) -> _Leaf | None:
        self._leaves += 1
        truth = compare(clause, self._facts.get(clause.fact))
        met = truth is (Truth.YES if holds else Truth.NO)
        if met and self.are_apart:
            return _Leaf(self._leaves, clause, holds, met, (), _FREE)
        every = self._domains.ways(clause, holds=holds)
        ways = tuple(way for box in every if (way := self._named(clause.fact, box)))
        if not ways:
            return None
        least = _FREE if met else min(_Price(1, self._distance(clause.fact, way)) for way in ways)
        return _Leaf(self._leaves, clause, holds, met, ways, least)

    def _named(self, fact: str, box: Box) -> Box | None:
        """Without the texts that no state names: they cannot be proposed."""
        if not self._domains[fact].is_open:
            return box
        bits = box[fact, ""] & (1 << len(self._domains[fact].states)) - 1
        return {**box, (fact, ""): bits} if bits else None

    def _distance(self, fact: str, box: Box) -> int:
        key = (fact, box[fact, ""])
        if key not in self._distances:
            self._distances[key] = _distance(self._facts.get(fact), self._needed(fact, box))
        return self._distances[key]

    def _needed(self, fact: str, box: Box) -> State:
        """The nearest value that is left."""
        domain, bits, actual = self._domains[fact], box[fact, ""], self._facts.get(fact)
        if len(domain.states) > 1:
            return _nearest(domain, bits, actual) if domain.is_ordered else domain.states[_lowest(bits)]
        if bits == UNKNOWN:
            return None
        members = {name: each for (name_of, name), each in box.items() if name_of == fact and name}
        others = (actual if isinstance(actual, frozenset) else frozenset()).difference(members)
        return others.union(name for name, each in members.items() if each == IN)


def _nearest(domain: Domain, bits: int, actual: State) -> State:
    """Of numbers or dates, in which what is nearest on either side is the next that is left."""
    if actual is None:
        return next(
            (each for each in domain.named if bits >> domain.place(each) & 1), domain.states[_lowest(bits)]
        )
    place = domain.place(actual)
    above, below = bits >> place, bits & (1 << place) - 1
    near = [domain.states[place + _lowest(above)]] if above else []
    near += [domain.states[below.bit_length() - 1]] if below else []
    return min(near, key=lambda state: (_distance(actual, state), _apart(actual, state)))


def _lowest(bits: int) -> int:
    return (bits & -bits).bit_length() - 1


def _settle(root: _Goal, goals: _Goals) -> _State:
    """Where no clause stands in another's way: of each group the cheapest part."""
    unmet = tuple(_unmet(root))
    ways = [goals.choose(leaf) for leaf in unmet]
    return _State((), _FREE, {name: bits for way in ways for name, bits in way.items()}, unmet)


def _unmet(goal: _Goal) -> Iterator[_Leaf]:
    match goal:
        case _Every(parts):
            yield from chain.from_iterable(map(_unmet, parts))
        case _Either(parts):
            yield from _unmet(parts[0])
        case _Leaf(met=False):
            yield goal


def _cheapest(root: _Goal, goals: _Goals) -> _State | None:
    """Branch and bound, the cheapest branch first, so that it hardly ever turns back."""
    best: _State | None = None
    bound: _Price | None = None
    waiting = [_State((root,), root.least, {}, ())]
    for _ in range(MAX_STEPS):
        if not waiting:
            return best
        state = waiting.pop()
        price = goals.price(state)
        if bound is not None and price >= bound:
            continue
        if not state.goals:
            best, bound = state, price
        waiting += reversed(list(_next(state)))
    return None


def _next(state: _State) -> Iterator[_State]:
    if not state.goals:
        return
    goal, *rest = state.goals
    match goal:
        case _Every(parts):
            yield state._replace(goals=(*parts, *rest))
        case _Either(parts):
            for part in parts:
                yield state._replace(goals=(part, *rest), least=_more(state.least, goal.least, part.least))
        case _Leaf():
            unmet = state.unmet if goal.met else (*state.unmet, goal)
            least = _more(state.least, goal.least, _FREE)
            for way in goal.ways:
                box = meet((state.box, way))
                if box is not None:
                    yield _State(tuple(rest), least, box, unmet)


def _more(price: _Price, less: _Price, more: _Price) -> _Price:
    return _Price(price.clauses - less.clauses + more.clauses, price.distance - less.distance + more.distance)


def _sum(prices: Iterable[_Price]) -> _Price:
    several = list(prices)
    return _Price(sum(price.clauses for price in several), sum(price.distance for price in several))


def _distance(actual: State, needed: State) -> int:
    """In millionths; what is unknown, or no number or date, is as far as can be."""
    if actual == needed:
        return 0
    if isinstance(actual, int | Decimal) and isinstance(needed, int | Decimal):
        (one, under), (other, beneath) = actual.as_integer_ratio(), needed.as_integer_ratio()
        one, other = one * beneath, other * under
        return _rounded(_WHOLE * abs(one - other), abs(one) + abs(other))
    if isinstance(actual, date) and isinstance(needed, date):
        days = abs((needed - actual).days)
        return _rounded(_WHOLE * days, days + _YEAR)
    return _WHOLE


def _rounded(part: int, whole: int) -> int:
    """Exact, a half to the even side: what `round` makes of a Fraction, in a tenth of the time."""
    found, left = divmod(part, whole)
    return found + (2 * left > whole or (2 * left == whole and found % 2))


def _apart(actual: State, needed: State) -> Fraction:
    """Tells numbers apart that are all equally far: from 0, or across it."""
    if isinstance(actual, int | Decimal) and isinstance(needed, int | Decimal):
        return abs(Fraction(needed) - Fraction(actual))
    return Fraction(0)
