"""The serving model: all sources, their learned combination, the price ladder and the counts, in one artifact
that holds no customer and no history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any, Self

import numpy as np

from recommender import artifact
from recommender.base import Offer, Query, Recommendation, Task
from recommender.budget import Budget
from recommender.catalogue import Catalogue
from recommender.checkpoints import NONE, Checkpoints
from recommender.effort import Effort, Progress, keep_quiet
from recommender.errors import ArtifactError
from recommender.filters import Filter
from recommender.interactions import Floats, Interactions, Mask, day_of
from recommender.offers import Offers, Pick
from recommender.parts import Parts
from recommender.shortlist import Shortlist
from recommender.sources import Arrays, History
from recommender.training import refit, train


@dataclass(frozen=True, slots=True)
class SalesModel:
    parts: Parts
    end: float
    """The day of the last purchase trained on."""
    notes: tuple[str, ...] = ()
    """What was left out and what was fallen back to, in words for a person."""
    report: dict[str, Any] = field(default_factory=dict)
    """What was measured while training."""

    @classmethod
    def train(
        cls,
        interactions: Interactions,
        catalogue: Catalogue,
        *,
        seed: int = 0,
        progress: Progress = keep_quiet,
        budget: Budget | timedelta | float | None = None,
        checkpoints: Checkpoints = NONE,
    ) -> Self:
        """The same lines, catalogue and seed give the same model, byte by byte, on one machine; resumed from
        `checkpoints`, which belong to these lines, catalogue, seed and budget, it is the same too.

        `budget`: seconds for looking back; the final fit comes on top. What there is no time for is left out in
        this order: settings not tried yet, older past windows, trees. Then the outcome hangs on the clock; notes
        and report say what was left out.

        Raises TooLittleDataError where there is no purchase at all."""
        found = checkpoints.find(cls, "model")
        if found is None:
            limit = budget if isinstance(budget, Budget) else Budget.of(budget)
            effort = Effort(limit, checkpoints, progress)
            trained = train(interactions, catalogue, seed=seed, effort=effort)
            made = cls(trained.parts, interactions.end, trained.notes, trained.report)
            found = checkpoints.keep("model", made)
        return found

    def refit(self, interactions: Interactions, catalogue: Catalogue) -> Self:
        """The same settings and weights, fitted on other purchases: what comparing two models needs."""
        return replace(self, parts=refit(self.parts, interactions, catalogue), end=interactions.end)

    def recommend(self, query: Query, *, kind: Offer | None = None) -> list[Recommendation]:
        """Best first, at most `query.limit`. Without `kind` all kinds take turns, each product once;
        scores order suggestions of one kind, not across kinds."""
        return self.shortlist(query, kind=kind).explain()

    def shortlist(self, query: Query, *, kind: Offer | None = None) -> Shortlist:
        """What `recommend` answers, to be weighed first and explained as far as it is shown."""
        offers = self._offers(query)
        find = {
            Offer.CROSS_SELL: offers.cross_sell,
            Offer.UPSELL: offers.upsell,
            Offer.REPLENISH: offers.replenish,
        }
        kinds = tuple(find) if kind is None else (kind,)
        return self._list(offers, _take_turns([find[one]() for one in kinds], query.limit))

    def next_basket(self, query: Query) -> list[Recommendation]:
        """What will be bought next, whether bought before or not; best first."""
        offers = self._offers(query)
        return self._list(offers, offers.rank(Task.NEXT_BASKET)).explain()

    def upsell(self, anchor: str, query: Query) -> list[Recommendation]:
        """Steps up from one product, owned or not; [] where it, its family or its price is unknown."""
        code, offers = self.parts.code.get(anchor), self._offers(query)
        return [] if code is None else self._list(offers, offers.steps(np.array([code]))).explain()

    def _list(self, offers: Offers, picks: Sequence[Pick]) -> Shortlist:
        return Shortlist(self.parts, offers.asked, picks)

    def rank(self, query: Query, task: Task, *, anchor: str | None = None) -> list[tuple[str, float]]:
        """Products with their scores, best first, unexplained and without the rule about families:
        what is measured. Upsell needs `anchor`."""
        offers, code = self._offers(query), self.parts.code.get(anchor or "")
        steps = [] if code is None or task is not Task.UPSELL else offers.steps(np.array([code]))
        picks = steps if task is Task.UPSELL else offers.rank(task)
        return [(self.parts.products[pick.code], pick.score) for pick in picks]

    def raw_scores(self, query: Query) -> dict[str, Floats]:
        """Nothing but the sources' own products for this history over the whole catalogue, sparse and dense:
        what a plain recommender computes before it sorts, to measure answers against."""
        history = self._history(query)
        sources = self.parts.fitted.sources if len(history) else ()
        return {source.name: source.ask(history).scores(None) for source in sources}

    def save(self, directory: Path) -> None:
        artifact.publish(directory, self.document(), self.arrays())

    def document(self) -> dict[str, Any]:
        document = {"parts": self.parts.document(), "end": self.end}
        return document | {"notes": self.notes, "report": self.report}

    def arrays(self) -> Arrays:
        return self.parts.arrays()

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Raises ArtifactError where the model is incomplete, altered or of another format."""
        document, arrays = artifact.read(directory)
        try:
            return cls.restore(document, arrays)
        except (KeyError, TypeError, ValueError) as error:
            raise ArtifactError(f"{directory}: not a sales model ({error}); train again") from error

    @classmethod
    def restore(cls, document: Mapping[str, Any], arrays: Arrays) -> Self:
        parts = Parts.restore(document["parts"], arrays)
        return cls(parts, document["end"], tuple(document["notes"]), document["report"])

    def _offers(self, query: Query) -> Offers:
        history, struck = self._history(query), self._struck(query)
        asked = self.parts.fitted.ask(history, struck=struck, at_least=query.limit + len(history))
        return Offers(self.parts, asked, struck, max(query.limit, 0))

    def _history(self, query: Query) -> History:
        code = self.parts.code
        now = self.end if query.now is None else day_of(query.now)
        bought: dict[tuple[int, datetime | None], float] = {}
        for item in query.history:
            if item.product_id in code:
                key = code[item.product_id], item.at
                bought[key] = max(bought.get(key, 0.0), item.quantity)  # a line told twice counts once
        rows = sorted(
            (product, max(now - day_of(at), 0.0), amount) for (product, at), amount in bought.items()
        )
        rows += [(code[product], 0.0, 1.0) for product in sorted(set(query.basket)) if product in code]
        codes, ages, amounts = np.array(rows, np.float64).reshape(-1, 3).T
        known = ages[~np.isnan(ages)]
        return History(codes.astype(np.int64), np.where(np.isnan(ages), known.max(initial=0), ages), amounts)

    def _struck(self, query: Query) -> Mask:
        code, struck = self.parts.code, self.parts.shelf.strike(Filter.of(query))
        basket = [code[product] for product in query.basket if product in code]
        if basket:
            struck = struck.copy()
            struck[basket] = True
        return struck


def _take_turns(lists: Sequence[Sequence[Pick]], limit: int) -> list[Pick]:
    found: dict[int, Pick] = {}
    for turn in zip_longest(*lists):
        for pick in turn:
            if pick is not None:
                found.setdefault(pick.code, pick)
    return list(found.values())[:limit]
