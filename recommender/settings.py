"""Which sources there are, and what was chosen for each."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from recommender import curated
from recommender.als import Als, AlsSettings
from recommender.ease import Ease, EaseSettings
from recommender.itemitem import ItemItem, ItemItemSettings, Together
from recommender.neighbours import NeighbourSettings
from recommender.rp3beta import Rp3beta, Rp3betaSettings
from recommender.sources import Source

KINDS: Mapping[str, type[Source]] = {
    "itemitem": ItemItem,
    "together": Together,
    "als": Als,
    "ease": Ease,
    "rp3beta": Rp3beta,
}
SOURCES = tuple(KINDS)
LINKED = tuple(curated.KINDS)
"""Sources that are only there where a catalogue has links."""


def list_shares(sources: Iterable[str]) -> tuple[str, ...]:
    """Each source's score as a share of its best, and the logarithm of that."""
    names = tuple(sources)
    return (*names, *(f"log {name}" for name in names))


PERSONAL = list_shares(SOURCES)
RISING = list_shares((*SOURCES, *LINKED))
"""More of it never speaks against a product."""


@dataclass(frozen=True, slots=True)
class Settings:
    itemitem: ItemItemSettings = field(default_factory=ItemItemSettings)
    together: ItemItemSettings = field(default_factory=ItemItemSettings)
    als: AlsSettings = field(default_factory=AlsSettings)
    ease: EaseSettings = field(default_factory=EaseSettings)
    rp3beta: Rp3betaSettings = field(default_factory=Rp3betaSettings)
    curated: NeighbourSettings | None = None
    upgrades: NeighbourSettings | None = None

    def document(self) -> dict[str, Any]:
        return {name: chosen for name, chosen in asdict(self).items() if chosen is not None}

    @property
    def unlinked(self) -> frozenset[str]:
        """Of LINKED, what is not there."""
        return frozenset(name for name in LINKED if getattr(self, name) is None)

    def with_links(self, names: Iterable[str]) -> Self:
        """Of LINKED; a history fades for them as it does for neighbours."""
        chosen = dict.fromkeys(names, NeighbourSettings(query_half_life=self.itemitem.query_half_life))
        return replace(self, curated=chosen.get("curated"), upgrades=chosen.get("upgrades"))
