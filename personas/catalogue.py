"""What is said to whom, read from a folder of YAML; the folder beside this module ships with the product."""

from dataclasses import dataclass
from pathlib import Path

from personas.content import InvalidContent, read_file
from personas.icp import Icp, parse_icp
from personas.notes import Notes, parse_notes
from personas.persona import Persona, parse_persona
from personas.policies import Policies, parse_policies
from personas.talk_tracks import TalkTracks, parse_talk_tracks

SHIPPED = Path(__file__).with_name("catalogue")


@dataclass(frozen=True, slots=True)
class Catalogue:
    personas: tuple[Persona, ...]
    """In the order of their keys."""
    icp: Icp
    talk_tracks: TalkTracks
    policies: Policies
    notes: Notes


def load_catalogue(directory: Path | None = None) -> Catalogue:
    """Raises InvalidContent, naming the file, the place in it and the way out."""
    folder = directory or SHIPPED
    icp, tracks, policies, notes = "icp.yaml", "talk_tracks.yaml", "policies.yaml", "notes.yaml"
    return Catalogue(
        personas=_personas(folder),
        icp=parse_icp(read_file(folder / icp, icp), path=f"{icp}:"),
        talk_tracks=parse_talk_tracks(read_file(folder / tracks, tracks), path=f"{tracks}:"),
        policies=parse_policies(read_file(folder / policies, policies), path=f"{policies}:"),
        notes=parse_notes(read_file(folder / notes, notes), path=f"{notes}:"),
    )


def _personas(folder: Path) -> tuple[Persona, ...]:
    files = sorted((folder / "personas").glob("*.yaml"))
    if not files:
        raise InvalidContent(
            "personas/", "no persona there; each is a file of its own, as early_upgrader.yaml"
        )
    return tuple(_persona(file) for file in files)


def _persona(file: Path) -> Persona:
    path = f"personas/{file.name}"
    return parse_persona(read_file(file, path), key=file.stem, path=f"{path}:")
