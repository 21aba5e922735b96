"""What a model measured of itself while it was trained, read with care: another engine or an older release may
have left things out, and what is not there is unknown, never zero."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import compress
from math import isfinite
from typing import Any

TASKS = ("cross_sell", "next_basket", "upsell", "popular")
"""As a report names them; `popular` is what newcomers are shown."""
MEASURES = ("ndcg@10", "recall@10", "hit@10", "hit@3", "hit@1")
NDCG = MEASURES[0]
NEW = "new"
SEGMENTS = (NEW, "1-2", "3-9", "10+")
"""Customers by the days they had bought on."""


MOST = 8
"""Methods that can be taken in."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One of MEASURES, or a difference of two."""

    mean: float
    low: float | None
    high: float | None
    """The 95 % interval; None where it was not measured."""


@dataclass(frozen=True, slots=True)
class Method:
    name: str
    figures: Mapping[str, Figure]
    """Those of MEASURES that are known."""
    lead: Mapping[str, Figure]
    """How much higher they are of what answers, case by case."""
    chosen: bool
    """Whether it is what answers; the others are what it is measured against."""

    @property
    def ndcg(self) -> Figure | None:
        return self.figures.get(NDCG)


@dataclass(frozen=True, slots=True)
class Segment:
    name: str
    cases: int | None
    ndcg: Figure | None
    """None also where the cases are too few."""


@dataclass(frozen=True, slots=True)
class PastWindow:
    start: date | None
    days: int | None
    cases: int | None


@dataclass(frozen=True, slots=True)
class TaskQuality:
    task: str
    cases: int | None
    customers: int | None
    coverage: float | None
    """Share of the products still sold that is in somebody's first ten."""
    products: int | None
    """Of which it is the share."""
    popularity: str | None
    """The method that the chosen one has to beat first."""
    windows: tuple[PastWindow, ...]
    methods: tuple[Method, ...]
    """The best first."""
    segments: tuple[Segment, ...]
    """Those that were measured, in the order of SEGMENTS."""

    @property
    def chosen(self) -> Method | None:
        return next((one for one in self.methods if one.chosen), None)

    @property
    def divided(self) -> bool:
        """Whether there are segments that say more than the whole: newcomers are all alike."""
        return any(one.name != NEW for one in self.segments)

    @property
    def rival(self) -> Method | None:
        """Popularity."""
        return next((one for one in self.methods if one.name == self.popularity), None)

    @property
    def main(self) -> tuple[Method, ...]:
        """The chosen one and those that it was held against measure by measure; were there none, the best."""
        least = 0 if any(one.lead for one in self.methods) else MOST
        told = (one.chosen or one.lead or place < least for place, one in enumerate(self.methods))
        return tuple(compress(self.methods, told))


def read_quality(figures: Mapping[str, Any]) -> tuple[TaskQuality, ...]:
    """Of the tasks that were measured."""
    found = _mapping(figures.get("quality"))
    return tuple(_task(task, _mapping(found[task])) for task in TASKS if task in found)


def read_differences(document: object) -> dict[str, tuple[Figure, int | None]]:
    """Per task the difference, and on how many cases."""
    found = _mapping(document)
    read = {task: (_figure(found.get(task)), _count(found.get(task))) for task in TASKS}
    return {task: (figure, cases) for task, (figure, cases) in read.items() if figure}


def _task(task: str, found: Mapping[str, Any]) -> TaskQuality:
    methods = _mapping(found.get("methods"))
    chosen = found.get("chosen")
    read = [_method(name, _mapping(one), chosen=name == chosen) for name, one in methods.items()]
    return TaskQuality(
        task=task,
        cases=_count(found),
        customers=as_count(found.get("customers")),
        coverage=as_number(found.get("coverage")),
        products=as_count(found.get("products")),
        popularity=found.get("popularity"),
        windows=tuple(_windows(found.get("windows"))),
        methods=tuple(sorted(read, key=lambda one: -(one.ndcg.mean if one.ndcg else -1.0))),
        segments=tuple(_segments(_mapping(found.get("segments")))),
    )


def _method(name: str, found: Mapping[str, Any], *, chosen: bool) -> Method:
    return Method(name, _figures(found), _figures(found.get("lead")), chosen)


def _figures(found: object) -> dict[str, Figure]:
    given = _mapping(found)
    read = {what: _figure(given.get(what)) for what in MEASURES}
    return {what: one for what, one in read.items() if one}


def _windows(found: object) -> Iterator[PastWindow]:
    for one in found if isinstance(found, list) else []:
        window = _mapping(one)
        yield PastWindow(_day(window.get("from")), as_count(window.get("days")), _count(window))


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def _segments(found: Mapping[str, Any]) -> Iterator[Segment]:
    for name in SEGMENTS:
        if name in found:
            yield Segment(name, _count(found[name]), _figure(_mapping(found[name]).get(NDCG)))


def _figure(found: object) -> Figure | None:
    given = _mapping(found)
    mean = as_number(given.get("mean"))
    return None if mean is None else Figure(mean, as_number(given.get("low")), as_number(given.get("high")))


def _count(found: object) -> int | None:
    return as_count(_mapping(found).get("cases"))


def as_count(value: object) -> int | None:
    number = as_number(value)
    return None if number is None else int(number)


def as_number(value: object) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    return float(value) if is_number else None  # type: ignore[arg-type]  # - is_number says it is one


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
