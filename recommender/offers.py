"""The kinds of suggestion, each picked from one history that was put to the sources."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from recommender.base import Offer, Task
from recommender.evidence import FEWEST_BUYERS
from recommender.explanation import attribute, is_akin
from recommender.features import describe
from recommender.fitted import Asked, added
from recommender.interactions import Floats, Ints, Mask
from recommender.parts import Parts
from recommender.ranker import order
from recommender.tables import best_first

ANCHORS = 8
"""Of a long history, so many products are looked at for a step up: the latest of each family."""
POPULAR = "popular"


class Pick(NamedTuple):
    kind: Offer
    code: int
    score: float
    task: str
    """Whose weights made the score."""
    likelihood: float | None = None
    anchor: int = -1
    """Of a step up, where it starts."""


@dataclass(frozen=True)
class Offers:
    parts: Parts
    asked: Asked
    struck: Mask
    """Per product, whether it is never to be returned."""
    limit: int

    @cached_property
    def owned_too(self) -> Mask:
        struck = self.struck.copy()
        struck[self.asked.owned] = True
        return struck

    def rank(self, task: Task) -> list[Pick]:
        """Cross-sell without the rule about families, or the next basket."""
        again = task is Task.NEXT_BASKET
        learned = task.value if len(self.asked.history) else POPULAR
        struck = self.struck if again else self.owned_too
        scores = self.parts.rerank(self.asked, learned, self.parts.rank(self.asked, learned, struck))
        places = best_first(scores, self.limit)
        codes = self.asked.codes(places)
        repeated = np.isin(codes, self.asked.owned).tolist()
        kinds = [Offer.REPLENISH if bought else Offer.CROSS_SELL for bought in repeated]
        return _pick(kinds, codes, scores[places], learned)

    def cross_sell(self) -> list[Pick]:
        """What was not bought before and goes with something of another family; more of a family is upsell's."""
        found = self._find_cross_sell(self.asked)
        if len(found) < self.limit and self.asked.pool is not None:
            found = self._find_cross_sell(self.asked.widened())
        return found

    def _find_cross_sell(self, asked: Asked) -> list[Pick]:
        task = Task.CROSS_SELL.value if len(asked.history) else POPULAR
        scores = self.parts.rerank(asked, task, self.parts.rank(asked, task, self.owned_too))
        # Struck last: trees were taught with alternatives among the candidates.
        allowed = np.where(self._are_alternatives(asked), -np.inf, scores)
        wide = 3 * self.limit
        while True:
            places = best_first(allowed, wide)
            codes = asked.codes(places)
            kept = self._find_companions(codes, task)
            if len(kept) >= self.limit or len(places) < wide:
                kept = self._vary(kept, codes, scores[places], task)
                picks = _pick([Offer.CROSS_SELL] * len(kept), codes[kept], scores[places[kept]], task)
                return self._weigh(picks, scores, task)
            wide *= 4

    def replenish(self) -> list[Pick]:
        """What the customer bought more than once, when its time comes again."""
        codes, times = np.unique(self.asked.history.codes, return_counts=True)
        if times.max(initial=0) < 2:
            return []
        owned, task = self.asked.over(codes), Task.NEXT_BASKET.value
        over = owned.over(codes[times > 1])
        scores = self.parts.rank(over, task, self.struck)
        places = best_first(scores, self.limit)
        picks = _pick([Offer.REPLENISH] * len(places), over.codes(places), scores[places], task)
        return self._weigh(picks, self.parts.rank(owned, task, self.struck), Offer.REPLENISH.value)

    def upsell(self) -> list[Pick]:
        """Steps up from the latest purchase of each family. From an anchor with buyers to count, only to where some
        of them moved, or a link of the catalogue leads."""
        return self.steps(self._anchors(), taken=True)

    def _are_taken(self, start: Ints, codes: Ints) -> Mask:
        ladder, moves = self.parts.ladder, self.parts.ladder.moves
        unknown = moves.buyers[start] < (FEWEST_BUYERS if len(moves.pairs) else np.inf)
        return np.asarray(unknown | (moves.look_up(start, codes) > 0) | ladder.leads(start, codes))

    def steps(self, anchors: Ints, *, taken: bool = False) -> list[Pick]:
        """From anchors of different families; each product once, from the first that leads to it. `taken`: only where
        somebody moved, or somebody says so."""
        ladder, task = self.parts.ladder, Task.UPSELL.value
        start, codes = self._climb(anchors)
        if not len(codes):
            return []
        weights = self.parts.weights[task]
        scores = self.parts.static[task][codes] + added(self.asked, codes, weights)
        moved = ladder.moved(start, codes)
        for name, values in moved.items():
            scores += weights.get(name, 0.0) * values
        scores = self._order_steps(start, codes, moved, scores)
        allowed = np.where(self._are_taken(start, codes), scores, -np.inf) if taken else scores
        places = best_first(allowed, self.limit)
        chosen = _pick([Offer.UPSELL] * len(places), codes[places], scores[places], task)
        likely = self._step_likelihoods(anchors, start, scores)
        return [
            pick._replace(anchor=int(start[place]), likelihood=likely[place])
            for pick, place in zip(chosen, places.tolist(), strict=True)
        ]

    def _climb(self, anchors: Ints) -> tuple[Ints, Ints]:
        """Where each step up starts and what it is, side by side."""
        ladder = self.parts.ladder
        found = [ladder.candidates(anchor) for anchor in anchors.tolist()]
        codes = np.concatenate([np.zeros(0, np.int64), *found])
        start = np.repeat(anchors, [len(some) for some in found])
        kept = ~self.owned_too[codes]
        if len(ladder.links):  # families alone lead to no product twice
            first = np.zeros(len(codes), np.bool_)
            first[np.unique(codes, return_index=True)[1]] = True
            kept &= first
        return start[kept], codes[kept]

    def _order_steps(self, start: Ints, codes: Ints, moved: dict[str, Floats], scores: Floats) -> Floats:
        """By the ranker's scores, where there is one; among the steps of each anchor."""
        ranker = self.parts.rankers.get(Task.UPSELL.value)
        if ranker is None or not len(self.asked.history):
            return scores
        ascending = np.argsort(codes, kind="stable")
        place = np.argsort(ascending)
        described = describe(self.asked, codes[ascending], again=False)
        columns = moved | {name: values[place] for name, values in described.items()}
        case = np.cumsum(np.diff(start, prepend=-1) != 0) - 1
        return order(ranker, columns, scores, case)

    def _step_likelihoods(self, anchors: Ints, start: Ints, scores: Floats) -> list[float | None]:
        """Of each step: how soon its anchor is moved up from, times its share among the anchor's steps."""
        if Task.UPSELL.value not in self.parts.volumes:
            return [None] * len(scores)
        likely = np.zeros(len(scores))
        for anchor in anchors.tolist():
            mine: Mask = start == anchor
            raised = np.exp(scores[mine] - scores[mine].max(initial=-np.inf))
            likely[mine] = self.parts.pace.of(self._age(anchor)) * raised / raised.sum()
        return list(likely.tolist())

    def _age(self, code: int) -> float:
        """Days since it was last bought; 0 for what is being bought, or was never."""
        history = self.asked.history
        ages = history.ages[history.codes == code]
        return float(ages.min()) if len(ages) else 0.0

    def _weigh(self, picks: Sequence[Pick], scores: Floats, volume: str) -> list[Pick]:
        """Each pick's share among all candidates, times how much of the kind is bought in a window."""
        bought = self.parts.volumes.get(volume)
        allowed = scores[scores > -np.inf]
        if bought is None or not len(allowed):
            return list(picks)
        top = allowed.max()
        total = np.exp(allowed - top).sum()
        likely = np.minimum(bought * np.exp([pick.score - top for pick in picks]) / total, 1.0).tolist()
        return [pick._replace(likelihood=one) for pick, one in zip(picks, likely, strict=True)]

    def _anchors(self) -> Ints:
        """The latest purchase of each family, the latest family first."""
        history = self.asked.history
        latest = history.codes[np.argsort(history.ages, kind="stable")]
        family = self.parts.ladder.group(latest)
        known = latest[family >= 0]
        _, first = np.unique(family[family >= 0], return_index=True)
        return np.asarray(known[np.sort(first)][:ANCHORS])

    def _vary(self, kept: Ints, codes: Ints, scores: Floats, task: str) -> Ints:
        """The rows to show, the first of them of several kinds where scores are a choice model's."""
        if task in self.parts.volumes:
            kept = kept[self.parts.kinds.vary(scores[kept], codes[kept])]
        return kept[: self.limit]

    def _are_alternatives(self, asked: Asked) -> Mask:
        """Over the pool, what would stand in for something owned."""
        kinds, owned = self.parts.kinds, asked.owned
        held = np.zeros(len(kinds.crowding), np.bool_)
        held[kinds.label[owned[kinds.alternative[owned]]]] = True
        found = held[kinds.label if asked.pool is None else kinds.label[asked.pool]]
        if len(self.parts.ladder.links):
            found[asked.places(np.unique(self.parts.ladder.linked(owned)))[0]] = True
        return np.asarray(found)

    def _find_companions(self, codes: Ints, task: str) -> Ints:
        """Rows that products of other families caused too, where any product of the history did."""
        own = is_akin(self.parts.ladder.family, codes, self.asked.owned)
        doubtful = np.flatnonzero(own.any(axis=1))
        kept = np.ones(len(codes), np.bool_)
        if len(doubtful):
            caused = attribute(self.asked, codes[doubtful], self.parts.voices(task)) > 0
            kept[doubtful] = (caused & ~own[doubtful]).any(axis=1) | ~caused.any(axis=1)
        return np.flatnonzero(kept)


def _pick(kinds: Iterable[Offer], codes: Ints, scores: Floats, task: str) -> list[Pick]:
    rows = zip(kinds, codes.tolist(), scores.tolist(), strict=True)
    return [Pick(kind, code, float(score), task) for kind, code, score in rows]
