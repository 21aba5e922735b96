"""What the finished stages of a training came to, kept until it is done, so that one that was killed goes on."""

import fcntl
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

import numpy as np

from recommender import artifact
from recommender.catalogue import Catalogue
from recommender.errors import ArtifactError
from recommender.interactions import Interactions
from recommender.sources import Arrays

LOCK = "lock"
RESTS_ON = ("implicit", "lightgbm", "numpy", "scipy")


class Keepable(Protocol):
    def document(self) -> Mapping[str, Any]:
        """As JSON has it."""
        ...

    def arrays(self) -> Arrays: ...

    @classmethod
    def restore(cls, document: Mapping[str, Any], arrays: Arrays) -> Self: ...


K = TypeVar("K", bound=Keepable)


@dataclass(frozen=True, slots=True)
class Checkpoints:
    directory: Path | None = None
    """Holds an artifact per stage; None: nothing is kept."""

    def recall(self, kind: type[K], stage: object, make: Callable[[], K]) -> K:
        """What `make` gives, or gave when this stage was reached before. The stage's repr must tell all that the
        result depends on, but for what `fingerprint` was told."""
        found = self.find(kind, stage)
        return self.keep(stage, make()) if found is None else found

    def find(self, kind: type[K], stage: object) -> K | None:
        """None also where what was kept is damaged."""
        place = self._place(stage)
        try:
            return None if place is None else kind.restore(*artifact.read(place))
        except ArtifactError:
            return None

    def keep(self, stage: object, made: K) -> K:
        place = self._place(stage)
        if place is not None:
            artifact.publish(place, made.document(), made.arrays())
        return made

    def scoped(self, name: str) -> Self:
        """For stages of another piece of work."""
        return type(self)(self.directory and self.directory / name)

    def _place(self, stage: object) -> Path | None:
        return self.directory and self.directory / sha256(repr(stage).encode()).hexdigest()[:24]


NONE = Checkpoints()


@contextmanager
def open_checkpoints(folder: Path, key: str) -> Iterator[Checkpoints]:
    """Those that a training with the same `key` left when it was killed; removed when the block comes to its end,
    kept when it fails. What trainings with other keys left is removed, unless they still run."""
    directory = folder / key
    with _locked(directory) as held:
        for other in folder.iterdir():
            if other != directory:
                _remove_unused(other)
        # While another process is at the same training, this one keeps nothing.
        yield Checkpoints(directory if held else None)
        if held:
            shutil.rmtree(directory, ignore_errors=True)


def fingerprint(data: Interactions, catalogue: Catalogue, *settings: object) -> str:
    """Of all that a training's outcome depends on: lines, products, settings and the code itself."""
    found = sha256(repr((settings, _describe_code())).encode())
    for ids in (data.customers, data.products, data.left_out, *catalogue.items.values()):
        found.update(repr(ids).encode())
    for column in (data.customer, data.product, data.order, data.day, data.quantity, data.price):
        found.update(np.ascontiguousarray(column).data)
    return found.hexdigest()[:32]


def _describe_code() -> tuple[object, ...]:
    files = sorted(Path(__file__).parent.rglob("*.py"))
    return (*(sha256(path.read_bytes()).hexdigest() for path in files), *map(version, RESTS_ON))


@contextmanager
def _locked(directory: Path) -> Iterator[bool]:
    """Whether nobody else has it; the system lets go of a killed process's lock."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def _remove_unused(directory: Path) -> None:
    with _locked(directory) as held:
        if held:
            shutil.rmtree(directory, ignore_errors=True)
