"""From purchases to a model's parts: tune on past windows, learn the combinations, then fit on everything."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from recommender.base import Offer
from recommender.blend import Weights
from recommender.candidates import sample, tabulate, tabulate_newcomers, tabulate_steps
from recommender.catalogue import Catalogue
from recommender.errors import TooLittleDataError
from recommender.evidence import count, pairs_of, trim
from recommender.fitted import Fitted, Progress, Settings
from recommender.interactions import Interactions
from recommender.learning import Learned, learn
from recommender.pace import Pace, measure_pace
from recommender.parts import Parts
from recommender.quality import Span
from recommender.ranker import CANDIDATES
from recommender.tables import Table
from recommender.tuning import choose, thin_out
from recommender.upsell import Ladder
from recommender.volume import average, measure
from recommender.windows import (
    Case,
    Window,
    cross_sell_cases,
    newcomer_cases,
    next_basket_cases,
    past_windows,
    upsell_cases,
)

GOES_WITH_DAYS = 30
COUNTED_NEIGHBOURS = 40
TUNED_ON = 2
"""Windows that settings are chosen on; combinations are learned on all."""
FEWEST_CASES = 30

DEFAULT: Mapping[str, Weights] = {
    "cross_sell": {"itemitem": 1.0, "together": 1.0, "als": 1.0, "sold in 21 days": 1.0},
    "popular": {"sold in 21 days": 1.0, "sold ever": 0.01},
    "next_basket": {"itemitem": 1.0, "als": 1.0, "bought lately": 1.0, "bought often": 1.0, "due": 0.5},
    "upsell": {"moved up most": 1.0, "sold in 21 days": 1.0, "itemitem": 0.5, "step": -0.5},
}


@dataclass(frozen=True, slots=True)
class _Past:
    """What looking back taught."""

    settings: Settings
    learned: dict[str, Learned]
    volumes: dict[str, float]
    pace: Pace


@dataclass(frozen=True, slots=True)
class Trained:
    parts: Parts
    notes: tuple[str, ...]
    report: dict[str, Any] = field(default_factory=dict)


def train(
    data: Interactions, catalogue: Catalogue, *, seed: int = 0, progress: Progress | None = None
) -> Trained:
    """The same for the same lines and seed. Raises TooLittleDataError where there is no purchase at all."""
    if not len(data):
        raise TooLittleDataError("no purchases: import order lines first, then train")
    tell = progress or _keep_quiet
    tell("choosing settings", 0.0)
    windows = past_windows(thin_out(data, seed=seed))
    past = _look_back(windows, catalogue, seed=seed, tell=tell)
    tell("fitting on everything", 0.7)
    parts = _assemble(data, catalogue, past)
    tell("done", 1.0)
    report = {
        "settings": asdict(past.settings),
        "weights": {task: one.weights for task, one in past.learned.items()},
        "quality": {task: one.quality for task, one in past.learned.items()},
        "volumes": past.volumes,
    }
    return Trained(parts, _note(data, parts, windows, past.learned), report)


def _look_back(windows: tuple[Window, ...], catalogue: Catalogue, *, seed: int, tell: Progress) -> _Past:
    rng = np.random.default_rng(seed)
    ladders = [Ladder.fit(window.before, catalogue) for window in windows]
    cases = [_find_cases(window, ladder) for window, ladder in zip(windows, ladders, strict=True)]
    drawn = [{task: sample(found, rng) for task, found in one.items()} for one in cases]
    fresh = [one["cross_sell"] for one in drawn[:TUNED_ON]]
    settings = Settings()
    if sum(map(len, fresh)) >= FEWEST_CASES:
        settings = choose(windows[:TUNED_ON], fresh, seed=seed)
    fitted = [Fitted.fit(window.before, settings, catalogue) for window in windows]
    spans = [Span.of(window, catalogue) for window in windows]
    learned = {}
    for place, task in enumerate(DEFAULT):
        tell("learning from past windows", 0.2 + 0.5 * place / len(DEFAULT))
        looked = zip(fitted, ladders, drawn, strict=True)
        tables = [_tabulate(task, one, ladder, some[task]) for one, ladder, some in looked]
        most = None if task == "upsell" else CANDIDATES
        learned[task] = learn(list(zip(spans, tables, strict=True)), DEFAULT[task], most=most)
    volumes = average([measure(window, found) for window, found in zip(windows, cases, strict=True)])
    choices = {kind: one for kind, one in volumes.items() if _is_choice(kind, learned)}
    return _Past(settings, learned, choices, measure_pace(windows, ladders, [one["upsell"] for one in cases]))


def _find_cases(window: Window, ladder: Ladder) -> dict[str, list[Case]]:
    """Per task of DEFAULT."""
    return {
        "cross_sell": list(cross_sell_cases(window)),
        "popular": list(newcomer_cases(window)),
        "next_basket": list(next_basket_cases(window)),
        "upsell": list(upsell_cases(window, ladder)),
    }


def _tabulate(task: str, fitted: Fitted, ladder: Ladder, cases: Sequence[Case]) -> Table:
    if task == "popular":
        return tabulate_newcomers(fitted, cases)
    if task == "upsell":
        return tabulate_steps(fitted, ladder, cases)
    return tabulate(fitted, cases, again=task == "next_basket")


def _is_choice(kind: str, learned: Mapping[str, Learned]) -> bool:
    """Whether the kind's scores are those of a choice model, which shipped weights are not."""
    task = "next_basket" if kind == Offer.REPLENISH else kind
    return learned[task].what != "default"


def _assemble(data: Interactions, catalogue: Catalogue, past: _Past) -> Parts:
    fitted = Fitted.fit(data, past.settings, catalogue)
    neighbours = tuple(trim(source.similarity, COUNTED_NEIGHBOURS) for source in fitted.neighbours)
    wanted = pairs_of(neighbours, len(data.products))
    return Parts(
        products=data.products,
        fitted=fitted,
        ladder=Ladder.fit(data, catalogue),
        goes_with=count(data, GOES_WITH_DAYS, wanted=wanted),
        inactive=catalogue.inactive(data.products),
        weights={task: one.weights for task, one in past.learned.items()},
        rankers={task: one.ranker for task, one in past.learned.items() if one.ranker is not None},
        volumes=past.volumes,
        pace=past.pace,
    )


def _note(
    data: Interactions, parts: Parts, windows: tuple[Window, ...], learned: Mapping[str, Learned]
) -> tuple[str, ...]:
    notes = []
    if str(data.left_out):
        notes.append(f"Not counted as purchases: {data.left_out}.")
    if not (parts.ladder.family >= 0).any():
        notes.append("No product has a family: no upsell until the catalogue names families.")
    if not windows:
        notes.append("The purchases span too few days to look back: nothing could be tuned.")
    notes += [_fallback(task, one) for task, one in learned.items() if one.what not in ("ranker", "blend")]
    return tuple(notes)


def _fallback(task: str, one: Learned) -> str:
    if one.what == "default":
        return f"{task}: {one.cases} past cases are too few to learn from; shipped weights are used."
    return f"{task}: on {one.cases} past cases no combination was better than {one.what!r} alone."


def refit(parts: Parts, data: Interactions, catalogue: Catalogue) -> Parts:
    """The same settings and weights on other purchases, without looking back."""
    learned = {
        task: Learned(weights, "kept", 0, parts.rankers.get(task)) for task, weights in parts.weights.items()
    }
    past = _Past(parts.fitted.settings, learned, dict(parts.volumes), parts.pace)
    return _assemble(data, catalogue, past)


def _keep_quiet(_what: str, _done: float) -> None:
    pass
