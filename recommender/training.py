"""From purchases to a model's parts: look back, then fit on everything."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from recommender.account import Account
from recommender.catalogue import Catalogue
from recommender.curated import find_linked
from recommender.effort import Effort
from recommender.errors import TooLittleDataError
from recommender.evidence import count, pairs_of, trim
from recommender.fitted import FitSource, Fitted, fit_at_once
from recommender.interactions import Interactions
from recommender.kinds import Kinds
from recommender.learning import Learned
from recommender.lookback import Past, look_back
from recommender.parts import Parts
from recommender.settings import KINDS, SOURCES
from recommender.sources import Arrays, Source
from recommender.tuning import Tuned, thin_out
from recommender.upsell import Ladder
from recommender.windows import past_windows

GOES_WITH_DAYS = 30
COUNTED_NEIGHBOURS = 40
LOOKED_BACK = 0.8
"""Where the final fit begins for somebody who watches."""


@dataclass(frozen=True, slots=True)
class Trained:
    parts: Parts
    notes: tuple[str, ...]
    report: dict[str, Any] = field(default_factory=dict)


def train(data: Interactions, catalogue: Catalogue, *, seed: int = 0, effort: Effort) -> Trained:
    """Raises TooLittleDataError where there is no purchase at all."""
    if not len(data):
        raise TooLittleDataError("no purchases: import order lines first, then train")
    thin = thin_out(data, seed=seed)
    windows = past_windows(thin)
    linked = find_linked(data.products, catalogue)
    past = look_back(windows, catalogue, linked=linked, seed=seed, effort=effort.within(0.0, LOOKED_BACK))
    fit_source = _fit_in_stages(effort.within(LOOKED_BACK, 1.0))
    parts = _assemble(data, catalogue, past, fit_source)
    effort.tell("done", 1.0)
    account = Account(data, len(thin), len(windows), past, effort.budget)
    return Trained(parts, tuple(account.notes(parts)), account.report())


def _fit_in_stages(effort: Effort) -> FitSource:
    """Of large data each source takes minutes."""

    def fit_source(source: Source, data: Interactions) -> Source:
        done = SOURCES.index(source.name) / len(SOURCES)
        effort.tell(f"fitting {source.name} on everything", done)
        stage = "on everything", source.name, source.chosen
        return effort.checkpoints.recall(_Stage, stage, lambda: _Stage(source.fit(data))).source

    return fit_source


@dataclass(frozen=True, slots=True)
class _Stage:
    """A fitted source, to be kept."""

    source: Source

    def document(self) -> dict[str, Any]:
        return {"name": self.source.name, "settings": self.source.settings()}

    def arrays(self) -> Arrays:
        return self.source.arrays()

    @classmethod
    def restore(cls, document: Mapping[str, Any], arrays: Arrays) -> Self:
        return cls(KINDS[document["name"]].restore(document["settings"], arrays))


def _assemble(
    data: Interactions, catalogue: Catalogue, past: Past, fit_source: FitSource = fit_at_once
) -> Parts:
    fitted = Fitted.fit(data, past.tuned.settings, catalogue, fit_source=fit_source)
    neighbours = tuple(trim(source.similarity, COUNTED_NEIGHBOURS) for source in fitted.neighbours)
    wanted = pairs_of(neighbours, len(data.products))
    return Parts(
        products=data.products,
        families=catalogue.families(data.products)[0],
        fitted=fitted,
        kinds=Kinds.fit(data, catalogue),
        ladder=Ladder.fit(data, catalogue),
        goes_with=count(data, GOES_WITH_DAYS, wanted=wanted),
        inactive=catalogue.inactive(data.products),
        weights={task: one.weights for task, one in past.learned.items()},
        rankers={task: one.ranker for task, one in past.learned.items() if one.ranker is not None},
        volumes=past.volumes,
        pace=past.pace,
    )


def refit(parts: Parts, data: Interactions, catalogue: Catalogue) -> Parts:
    """The same settings and weights on other purchases, without looking back."""
    learned = {
        task: Learned(weights, "kept", 0, parts.rankers.get(task)) for task, weights in parts.weights.items()
    }
    past = Past(Tuned(parts.fitted.settings), learned, parts.volumes, parts.pace)
    return _assemble(data, catalogue, past)
