"""What is said to whom, section by section: as it is in force, or as a draft has it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from assist.services.drafts import Opened
from assist.web.auth import get_caller
from assist.web.console.area import OPS, render
from assist.web.console.drafts import render_draft
from assist.web.console.editing import Part, open_draft
from assist.web.context import current_desk
from assist.web.forms.fields import MISSING, Field, Group, Raw
from assist.web.language import page_language
from personas.catalogue import Catalogue
from personas.review import Objection, review


@dataclass(frozen=True, slots=True)
class Source:
    catalogue: Catalogue
    draft: Opened | None = None
    """None: what is in force."""

    def render(self, template: str, section: str, **values: Any) -> str:
        shown = values | {"catalogue": self.catalogue, "language": page_language()}
        if self.draft:
            return render_draft(template, self.draft, **shown)
        may_edit = bool(get_caller().user.roles & set(OPS))
        return render(template, draft=None, section=section, may_edit=may_edit, **shown)


def open_source(draft: int | None = None) -> Source:
    """Raises NotFound."""
    if draft is None:
        return Source(current_desk().personas)
    opened = open_draft(draft)
    return Source(opened.release.catalogue, opened)


def today() -> date:
    return current_desk().clock.now().date()


def find_objections(catalogue: Catalogue, place: str) -> list[Objection]:
    """Those in one file, or one part of it: `rules.yaml: phones_need_a_year`."""
    ends = ("", ".", ":", "[")
    return [
        one
        for one in review(catalogue, today())
        if one.place == place or any(end and one.place.startswith(f"{place}{end}") for end in ends)
    ]


def part_in(file: str, *keys: str, top: Field) -> Part:
    """The part of a file that stands under these names, one inside the other."""

    def get(document: Mapping[str, Any]) -> Any:
        found: Any = document.get(file, MISSING)
        for key in keys:
            found = found.get(key, MISSING) if isinstance(found, Mapping) else MISSING
        return found

    def put(document: dict[str, Any], raw: Any) -> None:
        *way, last = (file, *keys)
        inner: Any = document
        for key in way:
            inner = inner.setdefault(key, {})
        if raw is MISSING:
            inner.pop(last, None)
        else:
            inner[last] = raw

    place = f"{file}: {'.'.join(keys)}" if keys else file
    return Part(place=place, top=top, get=get, put=put, prefix=".".join(keys))


def whole_file(file: str, *, label: object, hint: object = "") -> Part:
    """For what has no form of its own: its YAML in one field."""
    name = file.partition(".")[0]
    inner = part_in(file, top=Group(fields=(Raw(name=name, label=label, hint=hint, rows=24),)))
    return replace(
        inner,
        get=lambda document: {name: inner.get(document)},
        put=lambda document, raw: inner.put(document, raw[name]),
    )
