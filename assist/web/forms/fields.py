"""What a form is made of: each field shows what a part of a release holds, and reads it back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from personas.content import InvalidContent, read_number, read_yaml
from personas.languages import LANGUAGES
from personas.parse import dump_condition, parse_condition
from personas.release import write_file
from personas.sentence import read_condition, write_condition

Values = Mapping[str, str]
"""What stands in the fields, by their names."""


class _Missing:
    """What is left out of a mapping."""

    def __bool__(self) -> bool:
        return False


MISSING: Final = _Missing()


def inside(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    kind: ClassVar[str]
    """The macro that draws it."""
    name: str = ""
    label: object = ""
    hint: object = ""
    optional: bool = False
    """Left empty, it is left out."""

    def show(self, raw: Any, path: str) -> dict[str, str]:
        """`raw` is MISSING where there is nothing yet."""
        return {path: "" if raw is MISSING or raw is None else str(raw)}

    def read(self, values: Values, path: str, was: Any) -> Any:
        """What was there stays as it was written where nobody changed it. Raises InvalidContent."""
        mine = {name: _clean(text) for name, text in values.items() if _is_at(name, path)}
        if was is not MISSING and mine == {key: _clean(text) for key, text in self.show(was, path).items()}:
            return was
        return self.parse(mine, path, was)

    def parse(self, mine: Values, path: str, was: Any) -> Any:  # noqa: ARG002 - for those that change a part of it
        text = mine.get(path, "")
        return MISSING if self.optional and not text else text


def _is_at(name: str, path: str) -> bool:
    return name == path or name.startswith((f"{path}.", f"{path}[")) or not path


def _clean(text: str) -> str:
    """As a browser sends it, whatever it was."""
    return text.replace("\r\n", "\n").strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(Field):
    kind = "line"
    rows: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure(Field):
    """A number, written with a point or a comma. What is none stays the text it is: reading names the place."""

    kind = "figure"

    def parse(self, mine: Values, path: str, was: Any) -> Any:  # noqa: ARG002 - as declared
        text = mine.get(path, "").replace(",", ".")
        if self.optional and not text:
            return MISSING
        try:
            number = float(text)
        except ValueError:
            return text
        return text if read_number(number) is None else int(number) if number.is_integer() else number


@dataclass(frozen=True, slots=True, kw_only=True)
class Day(Field):
    kind = "day"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice(Field):
    kind = "choice"
    options: Sequence[tuple[str, object]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Several(Field):
    """Words, one per line."""

    kind = "several"
    rows: int = 2

    def show(self, raw: Any, path: str) -> dict[str, str]:
        return {path: "\n".join(map(str, raw or ()))}

    def parse(self, mine: Values, path: str, was: Any) -> Any:  # noqa: ARG002 - as declared
        words = [line.strip() for line in mine.get(path, "").splitlines() if line.strip()]
        return MISSING if self.optional and not words else words


@dataclass(frozen=True, slots=True, kw_only=True)
class InLanguages(Field):
    """One text in all languages; all of them left empty, it is left out where it may be."""

    kind = "in_languages"
    rows: int = 1
    languages: ClassVar[Sequence[str]] = LANGUAGES

    def show(self, raw: Any, path: str) -> dict[str, str]:
        texts = raw if isinstance(raw, dict) else {}
        return {inside(path, language): str(texts.get(language) or "") for language in LANGUAGES}

    def parse(self, mine: Values, path: str, was: Any) -> Any:  # noqa: ARG002 - as declared
        texts = {language: mine.get(inside(path, language), "") for language in LANGUAGES}
        return MISSING if self.optional and not any(texts.values()) else texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence(Field):
    """A condition as text, with its facts and operators proposed while it is written."""

    kind = "sentence"
    unlocked: Collection[str] = frozenset()

    def show(self, raw: Any, path: str) -> dict[str, str]:
        if raw is MISSING or raw is None or raw == "":
            return {path: ""}
        return {path: write_condition(parse_condition(raw, path=path, unlocked=self.unlocked))}

    def parse(self, mine: Values, path: str, was: Any) -> Any:  # noqa: ARG002 - as declared
        text = mine.get(path, "")
        if not text:
            if self.optional:
                return MISSING
            raise InvalidContent(path, "a condition is wanted, as order.count_12m at least 3")
        return dump_condition(read_condition(text, path=path, unlocked=self.unlocked))


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw(Field):
    """Whatever has no form of its own, as YAML."""

    kind = "raw"
    rows: int = 4

    def show(self, raw: Any, path: str) -> dict[str, str]:
        return {path: "" if raw is MISSING else write_file(raw).removesuffix("...\n").rstrip()}

    def parse(self, mine: Values, path: str, was: Any) -> Any:  # noqa: ARG002 - as declared
        text = mine.get(path, "")
        return MISSING if self.optional and not text else read_yaml(text, path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Field):
    """A mapping; what is in it and has no field stays as it is."""

    kind = "group"
    fields: Sequence[Field] = ()

    def show(self, raw: Any, path: str) -> dict[str, str]:
        known = raw if isinstance(raw, dict) else {}
        shown: dict[str, str] = {}
        for field in self.fields:
            shown |= field.show(known.get(field.name, MISSING), inside(path, field.name))
        return shown

    def read(self, values: Values, path: str, was: Any) -> Any:
        known = dict(was) if isinstance(was, dict) else {}
        for field in self.fields:
            found = field.read(values, inside(path, field.name), known.get(field.name, MISSING))
            if found is MISSING:
                known.pop(field.name, None)
            else:
                known[field.name] = found
        return MISSING if self.optional and not known else known


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows(Field):
    """A list of what `item` is; each row is `name[0]`, `name[1]` …"""

    kind = "rows"
    item: Field
    add: object = ""
    """What the button says."""

    def show(self, raw: Any, path: str) -> dict[str, str]:
        shown: dict[str, str] = {}
        for number, one in enumerate(raw if isinstance(raw, list) else ()):
            shown |= self.item.show(one, f"{path}[{number}]")
        return shown

    def read(self, values: Values, path: str, was: Any) -> Any:
        old = was if isinstance(was, list) else []
        rows = [
            self.item.read(values, f"{path}[{number}]", old[number] if number < len(old) else MISSING)
            for number in range(count_rows(values, path))
        ]
        return MISSING if not rows and (self.optional or was is MISSING) else rows


def count_rows(values: Values, path: str) -> int:
    """One more than the highest number in use."""
    start = f"{path}["
    numbers = (name[len(start) :].partition("]")[0] for name in values if name.startswith(start))
    return max((int(number) + 1 for number in numbers if number.isdecimal() and len(number) < 4), default=0)
