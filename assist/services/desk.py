"""What every use case may need, put together once by `build_desk` and handed to each."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from assist.clock import Clock
from assist.config import Config
from assist.db import Database
from assist.services.figures import FiguresShelf
from assist.services.live import LiveCRM
from assist.services.serving import ModelShelf
from assist.services.shelf import ReleaseShelf
from assist.services.switchboard import SwitchBoard
from assist.vault import Vault
from crm_adapters.transport import PATIENCE, Limits, Purpose
from personas.catalogue import Catalogue


@dataclass(frozen=True, slots=True, repr=False)
class Desk:
    config: Config
    clock: Clock
    database: Database
    vault: Vault
    secret_key: str
    releases: ReleaseShelf
    models: ModelShelf
    figures: FiguresShelf
    live: LiveCRM
    switches: SwitchBoard
    patience: Mapping[Purpose, Limits] = field(default_factory=lambda: PATIENCE)
    """With CRMs."""

    @property
    def personas(self) -> Catalogue:
        """Of the release in force; ask once for what belongs together."""
        return self.releases.current().catalogue
