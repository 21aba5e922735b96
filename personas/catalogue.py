"""What is said to whom, read from a folder of YAML; the folder beside this module ships with the product."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import partial
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any, TypeVar

from personas.calendar import CALENDAR, Calendar, parse_calendar
from personas.conditions import Condition, clauses
from personas.content import InvalidContent, read_file
from personas.icp import Icp, parse_icp
from personas.notes import Notes, parse_notes
from personas.persona import Persona, parse_persona
from personas.policies import Policies, parse_policies
from personas.questions import Questions, parse_questions
from personas.rulebook import parse_rules
from personas.rules import Rules
from personas.talk_tracks import TalkTracks, parse_talk_tracks

T = TypeVar("T")

SHIPPED = Path(__file__).with_name("catalogue")
PERSONAS = "personas"
"""The folder of theirs, inside the folder."""
ALIKE = 0.8
"""How far a file's name may be from one of ours and still be taken for a slip of the pen."""
FILES = (
    "icp.yaml",
    "talk_tracks.yaml",
    "policies.yaml",
    "notes.yaml",
    "rules.yaml",
    "calendar.yaml",
    "questions.yaml",
)
OPTIONAL = frozenset({"rules.yaml", "calendar.yaml", "questions.yaml"})
"""Releases from before there were any hold no such file."""

NO_DAYS: Calendar = MappingProxyType({})
NO_QUESTIONS: Questions = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Catalogue:
    personas: tuple[Persona, ...]
    """In the order of their keys."""
    icp: Icp
    talk_tracks: TalkTracks
    policies: Policies
    notes: Notes
    rules: Rules = ()
    calendar: Calendar = field(default_factory=dict)
    questions: Questions = field(default_factory=dict)
    counted: Calendar = field(default_factory=dict)
    """Those days of the calendar that a condition asks about: others need not be counted down to."""

    def conditions(self) -> Iterator[tuple[str, Condition]]:
        """Each behind its place, as `rules.yaml: phones_need_a_year.if`."""
        for rule in self.rules:
            if rule.condition:
                yield f"rules.yaml: {rule.key}.if", rule.condition
        for persona in self.personas:
            for number, criterion in enumerate(persona.criteria):
                yield f"{PERSONAS}/{persona.key}.yaml: criteria[{number}].if", criterion.condition
        for side in self.icp.dimensions:
            for number, points in enumerate(side.criteria):
                yield f"icp.yaml: {side.key}.criteria[{number}].if", points.condition
        for number, against in enumerate(self.icp.disqualifiers):
            yield f"icp.yaml: disqualifiers[{number}]", against


def load_catalogue(directory: Path | None = None) -> Catalogue:
    """Raises InvalidContent, naming the file, the place in it and the way out."""
    folder = directory or SHIPPED
    return build_catalogue({path: read_file(folder / path, path) for path in find_files(folder)})


def find_files(folder: Path) -> tuple[str, ...]:
    """The paths in it that are read. Raises InvalidContent for a name that is nearly one of them."""
    for file in folder.glob("*.y*ml"):
        near = get_close_matches(file.name, FILES, n=1, cutoff=ALIKE)
        if near and file.name not in FILES:
            raise InvalidContent(file.name, f"no file of this name is read. Did you mean {near[0]}?")
    personas = sorted(f"{PERSONAS}/{file.name}" for file in (folder / PERSONAS).glob("*.yaml"))
    _refuse_nobody(personas)
    files = [name for name in FILES if name not in OPTIONAL or (folder / name).exists()]
    return (*files, *personas)


def build_catalogue(document: Mapping[str, Any]) -> Catalogue:
    """Of what each file holds, by its path. Raises InvalidContent."""
    policies = _part(document, "policies.yaml", parse_policies)
    unlocked = frozenset(policies.unlocked)
    catalogue = Catalogue(
        personas=_personas(document, unlocked),
        icp=_part(document, "icp.yaml", partial(parse_icp, unlocked=unlocked)),
        talk_tracks=_part(document, "talk_tracks.yaml", parse_talk_tracks),
        policies=policies,
        notes=_part(document, "notes.yaml", parse_notes),
        rules=_part(document, "rules.yaml", partial(parse_rules, unlocked=unlocked), ()),
        calendar=_part(document, "calendar.yaml", parse_calendar, NO_DAYS),
        questions=_part(document, "questions.yaml", parse_questions, NO_QUESTIONS),
    )
    asked = {clause.fact for _, condition in catalogue.conditions() for clause in clauses(condition)}
    counted = {key: day for key, day in catalogue.calendar.items() if f"{CALENDAR}.{key}" in asked}
    return replace(catalogue, counted=counted)


def _part(document: Mapping[str, Any], name: str, parse: Callable[..., T], otherwise: T | None = None) -> T:
    if name not in document:
        if otherwise is not None:
            return otherwise
        raise InvalidContent(name, "the file is missing")
    return parse(document[name], path=f"{name}:")


def _personas(document: Mapping[str, Any], unlocked: Collection[str]) -> tuple[Persona, ...]:
    files = sorted(path for path in document if path.startswith(f"{PERSONAS}/"))
    _refuse_nobody(files)
    return tuple(
        parse_persona(document[path], key=PurePosixPath(path).stem, path=f"{path}:", unlocked=unlocked)
        for path in files
    )


def _refuse_nobody(files: Sequence[str]) -> None:
    if not files:
        raise InvalidContent(
            f"{PERSONAS}/", "no persona there; each is a file of its own, as early_upgrader.yaml"
        )
