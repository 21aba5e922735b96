"""What a model measured of itself while it was trained, read with care: another engine or an older release may
have left things out, and what is not there is unknown, never zero."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Any

TASKS = ("cross_sell", "next_basket", "upsell", "popular")
"""As a report names them; `popular` is what newcomers are shown."""
SEGMENTS = ("new", "1-2", "3-9", "10+")
"""Customers by the orders they had."""
BASELINES = frozenset({"popular", "popular lately", "sold ever", "sold in 21 days"})
"""Methods that know nothing of the customer, which every model has to beat."""
MOST_METHODS = 8


@dataclass(frozen=True, slots=True)
class Figure:
    """NDCG@10, or a difference of two."""

    mean: float
    low: float | None
    high: float | None
    """The 95 % interval; None where it was not measured."""


@dataclass(frozen=True, slots=True)
class Method:
    name: str
    ndcg: Figure | None
    recall: float | None
    hit: float | None
    chosen: bool
    """Whether it is what answers; the others are what it is measured against."""


@dataclass(frozen=True, slots=True)
class Segment:
    name: str
    cases: int | None
    ndcg: Figure | None


@dataclass(frozen=True, slots=True)
class PastWindow:
    start: str
    days: int | None
    cases: int | None


@dataclass(frozen=True, slots=True)
class TaskQuality:
    task: str
    cases: int | None
    coverage: float | None
    """Share of the products that is in somebody's first ten."""
    windows: tuple[PastWindow, ...]
    methods: tuple[Method, ...]
    """The best first."""
    segments: tuple[Segment, ...]
    """Those that were measured, in the order of SEGMENTS."""

    @property
    def chosen(self) -> Method | None:
        return next((one for one in self.methods if one.chosen), None)

    @property
    def main(self) -> tuple[Method, ...]:
        """The chosen one, the baselines, and the best of the others, as many as can be taken in."""
        fixed = [one for one in self.methods if one.chosen or one.name in BASELINES]
        others = [one for one in self.methods if one not in fixed]
        kept = (*fixed, *others[: max(MOST_METHODS - len(fixed), 0)])
        return tuple(one for one in self.methods if one in kept)


def read_quality(figures: Mapping[str, Any]) -> tuple[TaskQuality, ...]:
    """Of the tasks that were measured."""
    found = _mapping(figures.get("quality"))
    return tuple(_task(task, _mapping(found[task])) for task in TASKS if task in found)


def read_differences(document: object) -> dict[str, tuple[Figure, int | None]]:
    """Per task the difference, and on how many cases."""
    found = _mapping(document)
    read = {task: (_figure(found.get(task), "mean"), _count(found.get(task))) for task in TASKS}
    return {task: (figure, cases) for task, (figure, cases) in read.items() if figure}


def _task(task: str, found: Mapping[str, Any]) -> TaskQuality:
    methods = _mapping(found.get("methods"))
    chosen = found.get("chosen")
    read = [_method(name, _mapping(one), chosen=name == chosen) for name, one in methods.items()]
    return TaskQuality(
        task=task,
        cases=_count(found),
        coverage=as_number(found.get("coverage")),
        windows=tuple(_windows(found.get("windows"))),
        methods=tuple(sorted(read, key=lambda one: -(one.ndcg.mean if one.ndcg else -1.0))),
        segments=tuple(_segments(_mapping(found.get("segments")))),
    )


def _method(name: str, found: Mapping[str, Any], *, chosen: bool) -> Method:
    recall, hit = (as_number(found.get(what)) for what in ("recall", "hit"))
    return Method(name, _figure(found, "ndcg"), recall, hit, chosen)


def _windows(found: object) -> Iterator[PastWindow]:
    for one in found if isinstance(found, list) else []:
        window = _mapping(one)
        yield PastWindow(str(window.get("from") or ""), as_count(window.get("days")), _count(window))


def _segments(found: Mapping[str, Any]) -> Iterator[Segment]:
    for name in SEGMENTS:
        if name in found:
            yield Segment(name, _count(found[name]), _figure(found[name], "ndcg"))


def _figure(found: object, name: str) -> Figure | None:
    given = _mapping(found)
    mean = as_number(given.get(name))
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
