"""The model that answers now: the latest promoted version that can be read."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog
from threadpoolctl import threadpool_limits

from assist.db import Database
from assist.store.training import find_serving_versions
from recommender.errors import ArtifactError
from recommender.model import SalesModel

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Serving:
    version: str
    model: SalesModel


class ModelShelf:
    """Loads the serving model once per process and looks for a newer one every few seconds.

    An artifact that fails its checksum is passed over: the version before it goes on serving.
    """

    def __init__(
        self,
        database: Database,
        directory: Path,
        *,
        seconds: float = 5.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database = database
        self._directory = directory
        self._seconds = seconds
        self._monotonic = monotonic
        self._looked_at: float | None = None
        self._serving: Serving | None = None
        self._unreadable: set[str] = set()
        self._lock = threading.Lock()

    def current(self) -> Serving | None:
        """None while no model was ever promoted, or none can be read."""
        with self._lock:
            now = self._monotonic()
            if self._looked_at is None or now - self._looked_at >= self._seconds:
                self._looked_at = now
                self._look()
            return self._serving

    def look_again(self) -> None:
        """At the next question, without waiting for the seconds to pass."""
        with self._lock:
            self._looked_at = None

    def _look(self) -> None:
        with self._database.reading() as session:
            versions = find_serving_versions(session)
        for version in versions:
            if self._serving and version == self._serving.version:
                return
            if version not in self._unreadable and self._load(version):
                return

    def _load(self, version: str) -> bool:
        try:
            self._serving = Serving(version, SalesModel.load(self._directory / version))
        except ArtifactError as error:
            self._unreadable.add(version)
            log.error("model_refused", version=version, cause=str(error))  # noqa: TRY400 - the cause is the whole story
            return False
        # Requests are answered side by side: BLAS threads of one would only wait for those of the others.
        threadpool_limits(1, "blas")
        return True
