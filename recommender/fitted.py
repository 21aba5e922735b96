"""All sources fitted on one set of purchases, asked together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

import numpy as np

from recommender import curated
from recommender import repeats as repeats_module
from recommender import trend as trend_module
from recommender.catalogue import Catalogue
from recommender.curated import Curated
from recommender.facts import Facts
from recommender.interactions import Floats, Interactions, Ints, Mask
from recommender.itemitem import ItemItem, NeighbourAnswer
from recommender.neighbours import Neighbours
from recommender.repeats import Repeats
from recommender.settings import KINDS, LINKED, SOURCES, Settings
from recommender.sources import Answer, Arrays, History, Source
from recommender.tables import best_first
from recommender.trend import Trend

WHOLE = 5_000
"""Catalogues up to this size are scored whole; of larger ones only a pool of candidates."""
POPULAR = 200
"""Of what sells most, so many are in every pool."""
NEAR = 200
"""And of the neighbours of what was bought, those with the best scores by each source."""
DEEP = 50
"""Of each source and trend, so many of the best are candidates for a ranker."""
LONGEST = 500
"""Of a longer history only the latest purchases are asked with."""

SMALLEST = 0.01
STATIC = trend_module.FEATURES
OWN = repeats_module.FEATURES


FitSource = Callable[[Source, Interactions], Source]


def fit_at_once(source: Source, data: Interactions) -> Source:
    return source.fit(data)


class Fitted:
    def __init__(self, sources: tuple[Source, ...], trend: Trend, repeats: Repeats, facts: Facts) -> None:
        self.sources = sources
        self.facts = facts
        self.trend = trend
        self.repeats = repeats

    @classmethod
    def fit(
        cls,
        data: Interactions,
        settings: Settings,
        catalogue: Catalogue,
        *,
        fit_source: FitSource = fit_at_once,
    ) -> Self:
        sources = [fit_source(kind(getattr(settings, name)), data) for name, kind in KINDS.items()]
        links = [(kind, getattr(settings, name)) for name, kind in curated.KINDS.items()]
        sources += [kind(chosen, catalogue).fit(data) for kind, chosen in links if chosen]
        return cls(tuple(sources), Trend().fit(data), Repeats().fit(data), Facts.fit(data, catalogue))

    @property
    def size(self) -> int:
        return len(self.trend.values)

    def ask(self, history: History, *, struck: Mask | None = None, at_least: int = 0) -> "Asked":
        """Over a pool with at least so many products that are not struck, else over all."""
        if len(history) > LONGEST:
            latest = np.sort(np.argsort(history.ages, kind="stable")[:LONGEST])
            history = history.take(latest)
        answers = {source.name: source.ask(history) for source in self.sources} if len(history) else {}
        pool = self._pool(answers) if self.size > WHOLE else None
        if pool is not None and len(pool if struck is None else pool[~struck[pool]]) < at_least:
            pool = None
        return Asked(self, history, answers, pool)

    def _pool(self, answers: Mapping[str, Answer]) -> Ints:
        near = [answer.best(NEAR) for answer in answers.values() if isinstance(answer, NeighbourAnswer)]
        held = np.zeros(self.size, np.bool_)  # a tenth of what sorting the codes costs
        held[np.concatenate([self.popular, *near])] = True
        return np.flatnonzero(held)

    @cached_property
    def popular(self) -> Ints:
        total = self.trend.values.sum(axis=1)
        return np.asarray(np.argsort(-total, kind="stable")[:POPULAR])

    @cached_property
    def trending(self) -> Ints:
        """The products that sell best by any measure of it, sorted."""
        best = [best_first(column.astype(np.float64), DEEP) for column in self.trend.values.T]
        return np.unique(np.concatenate(best))

    @property
    def settings(self) -> Settings:
        return Settings(**{source.name: source.chosen for source in self.sources})

    @property
    def neighbours(self) -> tuple[Neighbours, ...]:
        """Of the sources that say of products what goes with what."""
        return tuple(source for source in self.sources if isinstance(source, ItemItem | Curated))

    @cached_property
    def linked(self) -> tuple[str, ...]:
        return tuple(source.name for source in self.sources if source.name in LINKED)

    def arrays(self) -> Arrays:
        named = {source.name: source.arrays() for source in self.sources}
        named |= {Trend.name: self.trend.arrays(), Repeats.name: self.repeats.arrays()}
        named |= {"facts": self.facts.arrays()}
        return {f"{part}_{name}": values for part, arrays in named.items() for name, values in arrays.items()}

    def document(self) -> dict[str, Any]:
        return {source.name: source.settings() for source in self.sources}

    @classmethod
    def restore(cls, document: Mapping[str, Any], arrays: Arrays) -> Self:
        kinds = {**KINDS, **{name: kind for name, kind in curated.KINDS.items() if name in document}}
        sources = tuple(kind.restore(document[name], select(arrays, name)) for name, kind in kinds.items())
        trend = Trend.restore({}, select(arrays, Trend.name))
        repeats = Repeats.restore({}, select(arrays, Repeats.name))
        return cls(sources, trend, repeats, Facts.restore(select(arrays, "facts")))


@dataclass
class Asked:
    """One history put to all sources, over one pool of products (None: all)."""

    fitted: Fitted
    history: History
    answers: Mapping[str, Answer]
    pool: Ints | None
    whole: "Asked | None" = None
    """Where only some products are looked at: what their scores are measured against."""
    looked_at: "list[Asked]" = field(default_factory=list)
    """Over which others of the products it was asked already."""

    @property
    def size(self) -> int:
        return self.fitted.size if self.pool is None else len(self.pool)

    def over(self, codes: Ints) -> "Asked":
        """The same answers over these products, sorted, alone."""
        found = Asked(self.fitted, self.history, self.answers, codes, self.whole or self)
        known, places = self.holding(codes)
        if known is None:
            self.looked_at.append(found)
        else:  # then they need not be asked again
            vars(found)["scores"] = {name: scores[places] for name, scores in known.scores.items()}
        return found

    def holding(self, codes: Ints) -> "tuple[Asked | None, Ints]":
        """What was asked over all of these products already, and their places in its pool."""
        for known in (self, *self.looked_at):
            places, held = known.places(codes)
            if held.all():
                return known, places
        return None, codes

    def widened(self) -> "Asked":
        """The same answers over all products."""
        return Asked(self.fitted, self.history, self.answers, None, self.whole or self)

    def codes(self, places: Ints) -> Ints:
        return places if self.pool is None else self.pool[places]

    def places(self, codes: Ints) -> tuple[Ints, Mask]:
        """Of those among the codes, sorted, that are in the pool; and which they are."""
        if self.pool is None:
            return codes, np.ones(len(codes), np.bool_)
        if not len(self.pool):
            return self.pool, np.zeros(len(codes), np.bool_)
        place = np.minimum(np.searchsorted(self.pool, codes), len(self.pool) - 1)
        held = np.asarray(self.pool[place] == codes)
        return place[held], held

    @property
    def owned(self) -> Ints:
        return self.history.distinct[0]

    @cached_property
    def near(self) -> Mapping[str, Answer]:
        """The answers over the pool, by places in it."""
        if self.pool is None:
            return self.answers
        return {name: answer.narrow(self.pool) for name, answer in self.answers.items()}

    @cached_property
    def scores(self) -> dict[str, Floats]:
        return {name: answer.scores(None) for name, answer in self.near.items()}

    @cached_property
    def tops(self) -> dict[str, float]:
        """The best score of each source: what its scores are measured against."""
        if self.whole is not None:
            return self.whole.tops
        return {name: max(float(scores.max(initial=0)), 1e-12) for name, scores in self.scores.items()}

    @cached_property
    def own(self) -> tuple[Ints, Floats]:
        """Places in the pool of what was bought before, and its features."""
        places, held = self.places(self.owned)
        return places, self.habits[held]

    @cached_property
    def habits(self) -> Floats:
        """Per product that was bought before, how it was."""
        return self.fitted.repeats.ask(self.history) if self.whole is None else self.whole.habits

    def columns(self, places: Ints) -> dict[str, Floats]:
        """Every feature of the products at these places of the pool, each from 0 to 1."""
        own = np.zeros((self.size, len(OWN)))
        if len(self.history):
            own[self.own[0]] = self.own[1]
        return self.common(places) | dict(zip(OWN, own[places].T, strict=True))

    def common(self, places: Ints) -> dict[str, Floats]:
        """The features that are not about having bought the product before."""
        shares = {
            name: self.scores[name][places] / self.tops[name] if self.scores else np.zeros(len(places))
            for name in (*SOURCES, *self.fitted.linked)
        }
        found = shares | {f"log {name}": flatten(share) for name, share in shares.items()}
        return found | dict(zip(STATIC, self.fitted.trend.values[self.codes(places)].T, strict=True))

    def combine(self, weights: Mapping[str, float], static: Floats) -> Floats:
        """The weighted sum over the pool; `static` is the part of the products' own features."""
        total = static.copy() if self.pool is None else static[self.pool]
        for name, scores in self.scores.items():
            total += gain(name, scores / self.tops[name], weights)
        own = np.array([weights.get(name, 0.0) for name in OWN])
        if len(self.history) and own.any():
            places, features = self.own
            total[places] += features @ own
        return total


def gather(asked: Asked, struck: Mask) -> Ints:
    """Places in the pool of what is worth a closer look: what was bought before, what trends, and what any
    source has among its best, but for what is struck."""
    held = np.zeros(asked.size, np.bool_)
    held[asked.places(asked.fitted.trending)[0]] = True
    held[asked.places(asked.owned)[0]] = True
    for scores in asked.scores.values():
        held[_deepest(np.where(struck, 0.0, scores))] = True
    return np.flatnonzero(held & ~struck)


def _deepest(scores: Floats) -> Ints:
    """Places of the DEEP best above 0, in no order."""
    best = np.argpartition(-scores, DEEP)[:DEEP] if len(scores) > DEEP else np.arange(len(scores))
    return np.asarray(best[scores[best] > 0])


def added(asked: Asked, codes: Ints, weights: Mapping[str, float]) -> Floats:
    """What all sources add to the scores of these products."""
    total, order = np.zeros(len(codes)), np.argsort(codes)
    for name, scores in asked.over(codes[order]).scores.items():
        total[order] += gain(name, scores / asked.tops[name], weights)
    return total


def gain(name: str, share: Floats, weights: Mapping[str, float]) -> Floats:
    """What a source adds to the score of products with this share of its best."""
    plain, log = weights.get(name, 0.0), weights.get(f"log {name}", 0.0)
    return plain * share + log * flatten(share) if log else plain * share


def flatten(share: Floats) -> Floats:
    """0 for nothing, 1 for the best, and evenly by orders of magnitude between."""
    return np.asarray(np.log1p(share / SMALLEST) / np.log1p(1 / SMALLEST))


def select(arrays: Arrays, name: str) -> Arrays:
    """Those whose name starts with `name_`, without it."""
    prefix = f"{name}_"
    return {key.removeprefix(prefix): values for key, values in arrays.items() if key.startswith(prefix)}
