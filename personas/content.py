"""Reading what people write in YAML: every mistake is named with its place and the way out of it."""

from collections.abc import Callable, Collection, Hashable, Iterator
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from itertools import accumulate
from pathlib import Path
from typing import Any, TypeVar

import yaml

from personas.facts import is_number
from personas.languages import LANGUAGES, Translated

T = TypeVar("T")

MAX_BRACKETS = 100
"""PyYAML takes time with the square of how deep brackets are nested."""
LONGEST_WORD = 60
"""Letters up to which a word is looked up and repeated in full where it is not known."""
_STEPS = {"[": 1, "{": 1, "]": -1, "}": -1}


class InvalidContent(Exception):  # noqa: N818 - it says what is wrong with the text, to the person who wrote it
    """`path` is the place: `personas/early_upgrader.yaml: criteria[2].if.all[0]`."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(f"{path}: {problem}")
        self.path = path
        self.problem = problem


class _StrictLoader(yaml.SafeLoader):
    """Refuses a key written twice, of which YAML would silently keep the last, and keys taken over from
    elsewhere by `<<`, with which a line unfolds into billions."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        mapping = super().construct_mapping(node, deep=deep)
        if len(mapping) < len(node.value):
            raise yaml.constructor.ConstructorError(None, None, "a key is written twice", node.start_mark)
        return mapping

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        for key, _ in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                raise yaml.constructor.ConstructorError(None, None, "<< is not used here", key.start_mark)
        super().flatten_mapping(node)


def read_yaml(text: str, path: str) -> Any:
    if max(accumulate(_STEPS.get(char, 0) for char in text), default=0) > MAX_BRACKETS:
        raise InvalidContent(path, f"more than {MAX_BRACKETS} brackets are open at once")
    try:
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 - a SafeLoader underneath
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise InvalidContent(path, f"line {line} is not YAML: {error.problem}") from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InvalidContent(path, f"not readable as YAML ({type(error).__name__})") from None


def read_file(file: Path, path: str) -> Any:
    try:
        return read_yaml(file.read_text(encoding="utf-8"), path)
    except FileNotFoundError:
        raise InvalidContent(path, "the file is missing") from None
    except UnicodeDecodeError:
        raise InvalidContent(path, "the file is not UTF-8") from None


def clipped(word: str) -> str:
    """Short enough for a sentence."""
    return word if len(word) <= LONGEST_WORD else f"{word[: LONGEST_WORD - 1]}…"


def nearest(word: str, known: Collection[str]) -> str:
    """` Did you mean …?` with its leading space, or nothing."""
    near = get_close_matches(word, known, n=1) if len(word) <= LONGEST_WORD else []
    return f" Did you mean {near[0]}?" if near else ""


def read_date(raw: object) -> date | None:
    """A date as YAML or JSON holds it, None where it is none."""
    if isinstance(raw, str):
        try:
            return date.fromisoformat(raw)
        except ValueError:
            return None
    return raw if isinstance(raw, date) and not isinstance(raw, datetime) else None


def read_number(raw: object) -> int | Decimal | None:
    """YAML's floats become the decimals that were written, 1.0 the 1 that it equals; None for no finite number."""
    value: object = raw
    if isinstance(raw, float):
        value = int(raw) if raw.is_integer() else Decimal(repr(raw))
    return value if isinstance(value, int | Decimal) and is_number(value) else None


class Fields:
    """One mapping of a YAML file, read field by field; `finish` refuses what was not asked for."""

    def __init__(self, raw: object, path: str) -> None:
        if not isinstance(raw, dict) or not all(isinstance(key, str) for key in raw):
            raise InvalidContent(path, "a mapping of names to values is wanted")
        self._raw: dict[str, Any] = raw
        self._asked: set[str] = set()
        self.path = path

    def __contains__(self, name: str) -> bool:
        return name in self._raw

    def at(self, name: str) -> str:
        return f"{self.path}.{name}" if self.path[-1] != ":" else f"{self.path} {name}"

    def raw(self, name: str) -> Any:
        """Raises InvalidContent where the field is missing."""
        self._asked.add(name)
        if name not in self._raw:
            raise InvalidContent(self.path, f"{name} is missing")
        return self._raw[name]

    def text(self, name: str) -> str:
        value = self.raw(name)
        if not isinstance(value, str) or not value.strip():
            raise InvalidContent(self.at(name), "a text is wanted; put it in quotes")
        return value

    def choice(self, name: str, known: Collection[str]) -> str:
        value = self.text(name)
        if value not in known:
            options = ", ".join(sorted(known))
            raise InvalidContent(self.at(name), f"{value} is none of {options}.{nearest(value, known)}")
        return value

    def number(self, name: str, low: int, high: int) -> int | Decimal:
        value = read_number(self.raw(name))
        if value is None or not low <= value <= high:
            raise InvalidContent(self.at(name), f"a number from {low} to {high} is wanted")
        return value

    def whole(self, name: str, low: int, high: int) -> int:
        value = self.number(name, low, high)
        if not isinstance(value, int):
            raise InvalidContent(self.at(name), f"a whole number from {low} to {high} is wanted")
        return value

    def day(self, name: str) -> date:
        value = read_date(self.raw(name))
        if value is None:
            raise InvalidContent(self.at(name), "a date is wanted, as 2026-03-31")
        return value

    def items(self, name: str, read: Callable[[object, str], T]) -> tuple[T, ...]:
        """Each item of a list, read with its place; a field left out is an empty list."""
        value = self.raw(name) if name in self else []
        if not isinstance(value, list):
            raise InvalidContent(self.at(name), "a list is wanted")
        return tuple(read(item, f"{self.at(name)}[{number}]") for number, item in enumerate(value))

    def entries(self, name: str, read: Callable[[object, str], T]) -> dict[str, T]:
        """Each value of a mapping, read with its place."""
        inner = Fields(self.raw(name), self.at(name))
        return {key: read(inner.raw(key), inner.at(key)) for key in inner}

    def translated(self, name: str) -> Translated:
        return read_translated(self.raw(name), self.at(name))

    def __iter__(self) -> Iterator[str]:
        return iter(self._raw)

    def finish(self) -> None:
        for name in self._raw.keys() - self._asked:
            raise InvalidContent(self.path, f"there is no field {name}.{nearest(name, self._asked)}")


def read_word(raw: object, path: str) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise InvalidContent(path, "a text is wanted; put it in quotes")
    return raw


def read_translated(raw: object, path: str) -> Translated:
    """Raises InvalidContent unless the text stands there in all of LANGUAGES and no other."""
    fields = Fields(raw, path)
    texts = {language: fields.text(language) for language in LANGUAGES}
    fields.finish()
    return Translated(texts)
