"""A sync cursor's inside: how far a run has come, and of which state of the files."""

import json
from dataclasses import asdict, dataclass

from crm_adapters.model import SyncCursor


@dataclass(frozen=True, slots=True)
class Position:
    files: str
    """The fingerprint of the files that the run lists."""
    item: int = 0
    rejected: int = 0
    done: bool = False
    again: bool = False
    """The files changed during the run: pages of two states were listed, so the next run lists everything."""

    def to_cursor(self) -> SyncCursor:
        return SyncCursor(json.dumps(asdict(self), separators=(",", ":")))

    @classmethod
    def parse(cls, cursor: SyncCursor | None) -> "Position | None":
        """None for a cursor that is not of this shape: the run starts from the beginning."""
        try:
            return cls(**json.loads(cursor.value)) if cursor else None
        except (ValueError, TypeError):
            return None


def starting_point(cursor: SyncCursor | None, files: str) -> Position:
    """Where the next page begins, given the files' present fingerprint."""
    last = Position.parse(cursor)
    if last is None:
        return Position(files)
    if last.done:
        return last if last.files == files and not last.again else Position(files)
    return last if last.files == files else Position(files, again=True)
