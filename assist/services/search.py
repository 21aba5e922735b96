"""What a training searched and chose, read with care: another engine or an older release may have left things out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from assist.services.quality import as_count, as_number

COUNTED = ("tried", "of")


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    """As `als.regularisation`."""
    chosen: object
    among: tuple[object, ...] = ()
    """In the order in which they were tried; empty where it is not searched for."""
    used: bool = True
    """False where something better needs no such setting."""


@dataclass(frozen=True, slots=True)
class Tried:
    """Combinations of the settings of one source or task."""

    name: str
    tried: int | None
    of: int | None


@dataclass(frozen=True, slots=True)
class Search:
    """Whatever is None was not recorded."""

    settings: tuple[Setting, ...]
    """Those searched for first."""
    tried: tuple[Tried, ...]
    lines: int | None
    """Looked back on, of all there were."""
    of_lines: int | None
    windows: int | None
    of_windows: int | None
    budget: float | None
    """Seconds; None also where there was none."""


def read_search(figures: Mapping[str, Any]) -> Search:
    space, looked = _mapping(figures.get("search_space")), _mapping(figures.get("looked_back"))
    lines, of_lines, windows, of_windows = (
        as_count(looked.get(name)) for name in ("lines", "of_lines", "windows", "of_windows")
    )
    return Search(
        settings=tuple(_list_settings(flatten(_mapping(figures.get("settings"))), flatten(space))),
        tried=tuple(_list_tried(space)),
        lines=lines,
        of_lines=of_lines,
        windows=windows,
        of_windows=of_windows,
        budget=as_number(looked.get("budget")),
    )


def flatten(settings: Mapping[str, Any], prefix: str = "") -> dict[str, object]:
    """`{"als": {"factors": 64}}` → `{"als.factors": 64}`."""
    flat: dict[str, object] = {}
    for name, value in settings.items():
        flat |= (
            flatten(value, f"{prefix}{name}.") if isinstance(value, Mapping) else {f"{prefix}{name}": value}
        )
    return flat


def _list_settings(chosen: Mapping[str, object], space: Mapping[str, object]) -> Iterator[Setting]:
    searched = {name: tuple(values) for name, values in space.items() if isinstance(values, list)}
    for name, among in searched.items():
        yield Setting(name, chosen.get(name), among, used=name in chosen)
    for name, value in chosen.items():
        if name not in searched:
            yield Setting(name, value)


def _list_tried(space: Mapping[str, Any]) -> Iterator[Tried]:
    for name, found in space.items():
        tried, of = (as_count(_mapping(found).get(count)) for count in COUNTED)
        if tried is not None:
            yield Tried(name, tried, of)


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
