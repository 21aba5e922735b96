"""Who takes part, with what their documentation sets and with a small grid that is searched for them."""

from dataclasses import dataclass
from itertools import product

from benchmarks.exchange import Settings


@dataclass(frozen=True, slots=True)
class Contender:
    library: str
    method: str
    always: Settings
    """What the method needs for purchases without ratings."""
    grid: tuple[Settings, ...]
    """Tried on the window before the one that is measured; the library's defaults are tried too."""

    @property
    def name(self) -> str:
        return f"{self.library} {self.method}"

    @property
    def defaults(self) -> Settings:
        """The library's own, by naming none."""
        return self.always

    @property
    def candidates(self) -> tuple[Settings, ...]:
        return (self.defaults, *({**self.always, **one} for one in self.grid))


def _grid(**choices: tuple[float, ...]) -> tuple[Settings, ...]:
    return tuple(dict(zip(choices, one, strict=True)) for one in product(*choices.values()))


CONTENDERS = (
    Contender(
        "implicit",
        "ALS",
        {},
        _grid(factors=(64, 192), regularization=(3.0, 30.0), alpha=(1.0, 10.0)),
    ),
    Contender("implicit", "BM25", {}, _grid(K=(20, 200), K1=(0.4, 1.2), B=(0.25, 0.75))),
    Contender(
        "lenskit",
        "ALS",
        {},
        _grid(embedding_size=(50, 128), regularization=(3.0, 30.0), weight=(5.0, 40.0)),
    ),
    Contender("lenskit", "item kNN", {"feedback": "implicit"}, _grid(max_nbrs=(50, 200, 1000))),
    Contender("lenskit", "EASE", {}, _grid(regularization=(100.0, 500.0, 2500.0))),
    Contender(
        "cornac",
        "BPR",
        {},
        _grid(k=(64,), learning_rate=(0.005, 0.02, 0.05), lambda_reg=(0.001, 0.01)),
    ),
    Contender("cornac", "EASE", {}, _grid(lamb=(100.0, 500.0, 2500.0), posB=(0,))),
)
