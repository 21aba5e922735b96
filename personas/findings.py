"""What is wrong with a condition although it can be read: what can never be true, and what always is.

Only what the facts' declared ranges and words prove is found. A condition about one fact is judged exactly; of
several facts each is looked at by itself, so that some contradictions stay unfound, and none is reported that is not.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from functools import reduce
from typing import NamedTuple

from personas.conditions import AllOf, AnyOf, Comparison, Condition, Not
from personas.domains import Box, Dimension, Domains, meet
from personas.facts import find_fact


class Code(StrEnum):
    CLAUSE_NEVER = "clause_never"
    """No value that the fact may have passes. Values: fact; low, high, words: what it may have."""
    CLAUSE_ALWAYS = "clause_always"
    """Every value passes, once it is known. Values as above."""
    EXCLUDES = "excludes"
    """Parts that must all hold leave nothing. Values: facts, on which they disagree."""
    COVERS = "covers"
    """Parts of which one is enough leave nothing out. Values: facts, which they divide up."""
    NEVER = "never"
    """A part settles it. Values: part, the place of the first that settles it."""
    ALWAYS = "always"
    """In the same way; true once it is known. Values as above."""


class Finding(NamedTuple):
    code: Code
    path: str
    """As in the errors of `parse_condition`: `condition.all[0]`."""
    condition: Condition
    """What stands there."""
    values: Mapping[str, object]

    @property
    def is_warning(self) -> bool:
        """What is always true does no harm, but is hardly what was meant."""
        return self.code in {Code.CLAUSE_ALWAYS, Code.COVERS, Code.ALWAYS}


class _Scope(NamedTuple):
    """Where a condition may be true, and where false; None: nowhere."""

    true: Box | None
    false: Box | None

    @property
    def decided(self) -> bool:
        return self.true is None or self.false is None


def find_faults(condition: Condition, *, path: str = "condition") -> tuple[Finding, ...]:
    """Inner places before those around them."""
    found: list[Finding] = []
    _look(condition, path, Domains(condition), found)
    return tuple(found)


def _look(condition: Condition, path: str, domains: Domains, found: list[Finding]) -> _Scope:
    match condition:
        case Comparison():
            ways = (domains.ways(condition, holds=holds) for holds in (True, False))
            scope = _Scope(*map(_join, ways))
            parts: list[tuple[str, _Scope]] = []
        case Not(part):
            inner = _look(part, f"{path}.not", domains, found)
            scope, parts = _Scope(inner.false, inner.true), [(f"{path}.not", inner)]
        case AllOf(several) | AnyOf(several):
            word = "all" if isinstance(condition, AllOf) else "any"
            places = [f"{path}.{word}[{number}]" for number in range(len(several))]
            parts = [
                (place, _look(one, place, domains, found)) for place, one in zip(places, several, strict=True)
            ]
            scope = _combined(condition, [inner for _, inner in parts])
    if scope.decided:
        found.append(_finding(condition, path, scope, parts))
    return scope


def _combined(condition: AllOf | AnyOf, parts: Sequence[_Scope]) -> _Scope:
    if isinstance(condition, AllOf):
        return _Scope(_meet(part.true for part in parts), _join(part.false for part in parts))
    return _Scope(_join(part.true for part in parts), _meet(part.false for part in parts))


def _meet(boxes: Iterable[Box | None]) -> Box | None:
    several = list(boxes)
    possible = [box for box in several if box is not None]
    return meet(possible) if len(possible) == len(several) else None


def _join(boxes: Iterable[Box | None]) -> Box | None:
    """The smallest box around all of them."""
    possible = [box for box in boxes if box is not None]
    return reduce(_around, possible) if possible else None


def _around(one: Box, other: Box) -> Box:
    return {dimension: one[dimension] | other[dimension] for dimension in one.keys() & other.keys()}


def _finding(condition: Condition, path: str, scope: _Scope, parts: Sequence[tuple[str, _Scope]]) -> Finding:
    never = scope.true is None
    if isinstance(condition, Comparison):
        code = Code.CLAUSE_NEVER if never else Code.CLAUSE_ALWAYS
        return Finding(code, path, condition, _allowed(condition))
    turned = isinstance(condition, Not)
    boxes = [part.true if never is not turned else part.false for _, part in parts]
    if None in boxes:
        part = parts[boxes.index(None)][0]
        return Finding(Code.NEVER if never else Code.ALWAYS, path, condition, {"part": part})
    code = Code.EXCLUDES if never else Code.COVERS
    return Finding(code, path, condition, {"facts": _disputed([box for box in boxes if box is not None])})


def _allowed(clause: Comparison) -> Mapping[str, object]:
    fact = find_fact(clause.fact)
    low, high, words = (fact.low, fact.high, fact.values) if fact else (None, None, ())
    return {"fact": clause.fact, "low": low, "high": high, "words": words}


def _disputed(boxes: Sequence[Box]) -> tuple[str, ...]:
    """The facts on which the boxes have nothing in common."""
    met: dict[Dimension, int] = {}
    for box in boxes:
        for dimension, bits in box.items():
            met[dimension] = met.get(dimension, bits) & bits
    return tuple(dict.fromkeys(fact for (fact, _), bits in met.items() if not bits))
