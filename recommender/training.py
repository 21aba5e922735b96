"""From purchases to a model's parts: look back, then fit on everything."""

from dataclasses import dataclass, field
from typing import Any

from recommender.account import Account
from recommender.catalogue import Catalogue
from recommender.effort import Effort
from recommender.errors import TooLittleDataError
from recommender.evidence import count, pairs_of, trim
from recommender.fitted import Fitted
from recommender.interactions import Interactions
from recommender.learning import Learned
from recommender.lookback import Past, look_back
from recommender.parts import Parts
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
    past = look_back(windows, catalogue, seed=seed, effort=effort.within(0.0, LOOKED_BACK))
    effort.tell("fitting on everything", LOOKED_BACK)
    parts = _assemble(data, catalogue, past)
    effort.tell("done", 1.0)
    account = Account(data, len(thin), len(windows), past, effort.budget)
    return Trained(parts, tuple(account.notes(parts)), account.report())


def _assemble(data: Interactions, catalogue: Catalogue, past: Past) -> Parts:
    fitted = Fitted.fit(data, past.tuned.settings, catalogue)
    neighbours = tuple(trim(source.similarity, COUNTED_NEIGHBOURS) for source in fitted.neighbours)
    wanted = pairs_of(neighbours, len(data.products))
    return Parts(
        products=data.products,
        families=catalogue.families(data.products)[0],
        fitted=fitted,
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
