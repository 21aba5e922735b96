"""What was searched for a choice, as a report tells it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Search:
    space: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    """Per setting, the values."""
    tried: int = 0
    of: int = 0
    """Combinations; a budget may have ended before all were tried."""

    def document(self) -> dict[str, Any]:
        return {name: list(values) for name, values in self.space.items()} | {
            "tried": self.tried,
            "of": self.of,
        }

    @classmethod
    def restore(cls, document: Mapping[str, Any]) -> Self:
        space = {name: values for name, values in document.items() if name not in ("tried", "of")}
        return cls(space, document["tried"], document["of"])
