"""What must not be told: planted in a fake's records, settings and errors, and looked for in everything written."""

import json
import re
import tarfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from traceback import format_exception
from typing import Any

from werkzeug.wrappers import Request, Response

from crm_adapters.base import CRMAdapter
from crm_adapters.errors import BadSettings, CRMError
from crm_adapters.fakes.seed import ANA, MARKER, TWINS
from crm_adapters.fakes.server import Fake

NOTE = f"Her mother is ill {MARKER}"
PERSONAL = frozenset(
    {
        *(one.name for one in (ANA, *TWINS)),
        *(one.family_name for one in (ANA, *TWINS)),
        *(email.value for one in (ANA, *TWINS) for email in one.emails),
        *("991234567", "99123-4567", "32123456", "32 12 34 56"),
        *(NOTE, *ANA.declared_ids.values()),
    }
)
PLANTED = f"{ANA.name} <{ANA.emails[0].value}> {ANA.phones[0].e164} {NOTE}"
ERRORS = ("unauthorized", "limited", "refused", "broken", "away", "not_found")
TELLING = re.compile(r"auth|token|key|secret|cookie|session", re.IGNORECASE)
"""Headers; and of an address, where a token may also be the place in a list:"""
TELLING_IN_ADDRESS = re.compile(r"(api_?|access_?)?(token|key|secret)", re.IGNORECASE)


@dataclass
class Credentials:
    """What was ever shown to the fake by whoever asked, and the connection's secret settings."""

    shown: set[str] = field(default_factory=set)

    def look(self, request: Request) -> None:
        for name, value in request.headers:
            if TELLING.search(name):
                self.shown.add(value.rpartition(" ")[2])
        self.shown |= {value for name, value in request.args.items() if TELLING_IN_ADDRESS.fullmatch(name)}


def plant_errors(fake: Fake) -> None:
    """Whatever the vendor says of a failure holds what is personal, in the shape that it has there."""
    for name in ERRORS:
        setattr(fake, name, _planting(getattr(fake, name)))


def _planting(answer: Callable[..., Response]) -> Callable[..., Response]:
    def planted(*given: Any) -> Response:
        response = answer(*given)
        response.set_data(_plant(response.get_data(as_text=True)))
        response.headers["X-Debug"] = PLANTED.encode("ascii", "replace").decode()
        return response

    return planted


def _plant(body: str) -> str:
    try:
        return json.dumps(_extend(json.loads(body)), ensure_ascii=False)
    except ValueError:
        return f"{body} {PLANTED}"


def _extend(part: Any) -> Any:
    """Sentences are longer, and codes as they were."""
    match part:
        case dict():
            return {**{name: _extend(value) for name, value in part.items()}, "debug": PLANTED}
        case list():
            return [_extend(value) for value in part]
        case str() if " " in part:
            return f"{part} {PLANTED}"
    return part


def fill_secrets(adapter: type[CRMAdapter], settings: Mapping[str, str]) -> dict[str, str]:
    """A marker in each secret setting, in the form that it has where it is given."""
    return {name: f"{settings.get(name, name)}-{MARKER}" for name in adapter.secret_names()}


def attempt(work: Callable[[], object]) -> str:
    """What it prints, or how its failure would be; what it reads is for the mirror alone."""
    try:
        answer = work()
    except (CRMError, BadSettings) as error:
        return "".join(format_exception(error))
    return answer if isinstance(answer, str) else ""


def read_all(folder: Path) -> dict[str, str]:
    """The files, and those within archives, by name."""
    found: dict[str, bytes] = {}
    for path in (path for path in folder.rglob("*") if path.is_file()):
        found[path.name] = path.read_bytes()
        if path.name.endswith(".tar.gz"):
            with tarfile.open(path) as archive:
                for member in archive.getmembers():
                    stream = archive.extractfile(member)
                    found[f"{path.name}/{member.name}"] = stream.read() if stream else b""
    return {name: data.decode("utf-8", "replace") for name, data in found.items()}


def find(words: Iterable[str], texts: Mapping[str, str]) -> dict[str, list[str]]:
    """Which words stand in which texts, in any case."""
    lowered = {name: text.lower() for name, text in texts.items()}
    found = {name: [word for word in words if word.lower() in text] for name, text in lowered.items()}
    return {name: some for name, some in found.items() if some}
