"""All that decides what is said to whom, as one document that never changes, named by a hash of what it says.

A folder of YAML is its other form: what is written out and read in again has the same name.
"""

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Any, Self

import yaml

from personas.catalogue import FILES, PERSONAS, SHIPPED, Catalogue, build_catalogue, find_files
from personas.content import InvalidContent, read_file

Document = Mapping[str, Any]
"""What each file holds, by its path in the folder: `icp.yaml`, `personas/early_upgrader.yaml`."""
WIDTH = 110
UNSEEN = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""Unicode's control signs, halves of signs, and separators of lines and paragraphs."""


@dataclass(frozen=True, slots=True)
class Release:
    document: Document
    digest: str
    """SHA-256, hexadecimal."""
    catalogue: Catalogue

    @classmethod
    def of(cls, document: Document) -> Self:
        """Raises InvalidContent, naming the file, the place in it and the way out."""
        plain = {path: _plain(document[path], f"{path}:") for path in sorted(document)}
        return cls(plain, digest_of(plain), build_catalogue(plain))


def digest_of(document: Document) -> str:
    """The order of fields counts: reasons for a decline are shown in it."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def read_release(folder: Path) -> Release:
    """Raises InvalidContent."""
    return Release.of(read_document(folder))


@cache
def shipped() -> Release:
    """What comes with the product."""
    return read_release(SHIPPED)


def read_document(folder: Path) -> Document:
    """Not yet looked at but for being YAML."""
    return {path: read_file(folder / path, path) for path in find_files(folder)}


def write_release(release: Release, folder: Path) -> None:
    """The folder then holds this release: persona files of another one go."""
    (folder / PERSONAS).mkdir(parents=True, exist_ok=True)
    for path, value in release.document.items():
        (folder / path).write_text(write_file(value), encoding="utf-8")
    for path in [*FILES, *(f"{PERSONAS}/{file.name}" for file in (folder / PERSONAS).glob("*.yaml"))]:
        if path not in release.document:
            (folder / path).unlink(missing_ok=True)


def write_file(value: object) -> str:
    """As YAML."""
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=WIDTH)


def find_differences(before: Release, after: Release) -> Mapping[str, tuple[object, object]]:
    """By place, as `personas/early_upgrader.yaml: threshold`; None where one has nothing there."""
    left, right = _flatten(before.document), _flatten(after.document)
    places = [*left, *(place for place in right if place not in left)]
    return {
        place: (left.get(place), right.get(place)) for place in places if left.get(place) != right.get(place)
    }


def _flatten(value: object, place: str = "") -> dict[str, object]:
    if isinstance(value, dict) and value:
        pairs = ((_join(place, name), one) for name, one in value.items())
    elif isinstance(value, list) and value:
        pairs = ((f"{place}[{number}]", one) for number, one in enumerate(value))
    else:
        return {place: value}
    return {inner: one for name, part in pairs for inner, one in _flatten(part, name).items()}


def _join(place: str, name: str) -> str:
    if not place:
        return f"{name}:"
    return f"{place} {name}" if place.endswith(":") else f"{place}.{name}"


def _plain(value: object, path: str) -> Any:
    """As JSON and YAML both hold it, the same number always in the same form."""
    match value:
        case bool() | int() | None:
            return value
        case str():
            return _seen(value, path)
        case float() if isfinite(value):
            return int(value) if value.is_integer() else value
        case date():
            return value.isoformat()
        case list():
            return [_plain(one, f"{path}[{place}]") for place, one in enumerate(value)]
        case dict() if all(isinstance(name, str) for name in value):
            return {name: _plain(one, f"{path}.{name}") for name, one in value.items()}
    raise InvalidContent(path, "a text, number, date, list or mapping of names is wanted")


def _seen(text: str, path: str) -> str:
    """A sign that nobody sees would not survive an editor, and some not YAML: 2026-12, PyYAML writes U+0085 bare."""
    for sign in text:
        if unicodedata.category(sign) in UNSEEN and sign not in "\n\t":
            raise InvalidContent(path, f"it has a sign that is not seen, U+{ord(sign):04X}: take it out")
    return text
