"""What every source of scores has in common: it is fitted once and asked with a history."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Protocol, Self

import numpy as np

from recommender.interactions import Floats, Interactions, Ints
from recommender.weights import decay

Arrays = Mapping[str, np.ndarray[Any, Any]]
HALF_A_DAY = 0.5


@dataclass(frozen=True)
class History:
    """The purchases of a query that the model knows; one place per purchase, latest last."""

    codes: Ints
    ages: Floats
    """Days, never negative; 0 for what is in the basket."""
    quantities: Floats | None = None
    """None: 1 of each."""

    def __len__(self) -> int:
        return len(self.codes)

    @property
    def amounts(self) -> Floats:
        return np.ones(len(self)) if self.quantities is None else self.quantities

    def take(self, places: Ints) -> "History":
        return History(self.codes[places], self.ages[places], self.amounts[places])

    def last_order(self) -> "History":
        """What was bought within half a day of the last purchase."""
        return self.take(np.flatnonzero(self.ages <= self.ages.min(initial=np.inf) + HALF_A_DAY))

    @cached_property
    def distinct(self) -> tuple[Ints, Ints]:
        """The products, sorted, and per purchase the place of its product among them."""
        codes, place = np.unique(self.codes, return_inverse=True)
        return codes, place

    def counts(self, half_life: float | None) -> tuple[Ints, Floats]:
        """Distinct products, sorted, each with its decayed number of purchases."""
        codes, place = self.distinct
        return codes, np.bincount(place, decay(self.ages, half_life), len(codes))


class Answer(Protocol):
    """One history's scores."""

    def scores(self, pool: Ints | None) -> Floats:
        """Of the products in `pool`, or of all; never negative, 0 where there is no opinion."""
        ...

    def parts(self, codes: Ints) -> Floats:
        """How much of each product's score (row) each distinct product of the history (column,
        sorted) caused; never negative."""
        ...

    def narrow(self, pool: Ints) -> "Answer":
        """The same over these products alone, sorted, each numbered by its place among them."""
        ...


@dataclass(frozen=True, slots=True)
class Narrowed:
    """An answer over a pool alone, which is asked as it is needed."""

    answer: Answer
    pool: Ints

    def scores(self, pool: Ints | None) -> Floats:
        return self.answer.scores(self.pool if pool is None else self.pool[pool])

    def parts(self, codes: Ints) -> Floats:
        return self.answer.parts(self.pool[codes])

    def narrow(self, pool: Ints) -> "Narrowed":
        return Narrowed(self.answer, self.pool[pool])


class Source(ABC):
    name: ClassVar[str]
    chosen: Any
    """Its settings."""

    def __init__(self, chosen: Any = None) -> None:
        self.chosen = chosen

    @abstractmethod
    def fit(self, data: Interactions) -> Self: ...

    @abstractmethod
    def ask(self, history: History) -> Answer: ...

    def ask_part(self, part: History, whole: History, answer: Answer, pool: Ints | None) -> Answer:  # noqa: ARG002 - for sources that need not ask again
        """Of some purchases of a history, where the answer of the whole is known; narrowed to the pool, if any,
        as that answer is."""
        found = self.ask(part)
        return found if pool is None else found.narrow(pool)

    @abstractmethod
    def asked_with(self, half_life: float | None) -> Self:
        """The same fit, asked with histories that fade by `half_life` days."""

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """What was chosen, as JSON can hold it; the arguments that make the same source again."""

    @abstractmethod
    def arrays(self) -> Arrays: ...

    @classmethod
    @abstractmethod
    def restore(cls, settings: Mapping[str, Any], arrays: Arrays) -> Self: ...
