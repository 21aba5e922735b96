"""What to offer, in which order: each candidate's expected value against that of offering nothing."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from statistics import median
from typing import NamedTuple

from personas.candidates import Candidate, Removal, Situation, Stage, Tally
from personas.eligibility import screen
from personas.policies import Weighing
from personas.rulings import UNRULED, Ruling

SHRINKAGE = 40
"""m: as many offers of its own as it takes for an offer's rate to weigh as much as its parent's."""
LEAST_FACTOR, MOST_FACTOR = 0.5, 2.0
"""Bounds of context and lever."""
LEAST_RATIO, MOST_RATIO = 0.1, 5.0
"""Bounds of how far the recommender's score moves a candidate from its stratum's rate."""
HIGHEST = 0.95
"""No candidate is taken for certain before it was ever offered."""


_ORDER = {stage: place for place, stage in enumerate(Stage)}


class Worth(NamedTuple):
    """P · V · C · L − A; money in the currency of the prices."""

    probability: float
    value: float
    attention: float
    expected: float
    assumed: frozenset[str] = frozenset()
    """Which of `price` and `margin_rate` were not known and were taken from policy."""
    context: float = 1.0
    lever: float = 1.0
    """C and L, within their bounds."""


class Ranked(NamedTuple):
    candidate: Candidate
    worth: Worth


@dataclass(frozen=True, slots=True)
class Decision:
    chosen: tuple[Ranked, ...]
    """Best first; empty: nothing is worth offering."""
    removed: tuple[Removal, ...]
    ranked: tuple[Ranked, ...] = ()
    """All that may be offered, in the order in which they were given a place; what is worth nothing comes last."""


def order_of(removal: Removal) -> tuple[int, str, str]:
    """By stage, so that the first of a product's is where it fell."""
    return _ORDER[removal.stage], removal.product, removal.rule


def arbitrate(
    candidates: Sequence[Candidate],
    situation: Situation,
    *,
    weighing: Weighing,
    ruling: Ruling = UNRULED,
    limit: int = 3,
    per_category: int = 1,
) -> Decision:
    """The order of `candidates` makes no difference. At most `per_category` of one category; a category
    that is not known is no obstacle."""
    eligible, removed = screen(candidates, situation, ruling)
    ranked = rank(ruling.lift(eligible), situation, weighing=weighing)
    worthless = [
        each for each in ranked if each.worth.expected <= 0 and not ruling.is_mandatory(each.candidate)
    ]
    worthy = [each for each in ranked if each.worth.expected > 0 or ruling.is_mandatory(each.candidate)]
    ordered = sorted(worthy, key=lambda each: ruling.place(each.candidate)) if ruling.pins else worthy
    chosen, crowded = _fill_slots(ordered, ruling, limit=limit, per_category=per_category)
    everything = sorted((*removed, *map(_worthless, worthless), *crowded), key=order_of)
    return Decision(tuple(chosen), tuple(everything), (*ordered, *worthless))


def rank(candidates: Sequence[Candidate], situation: Situation, *, weighing: Weighing) -> list[Ranked]:
    """Best first; equal worth is decided by the score, then by the SKU."""
    scales = _scales(candidates, situation, weighing=weighing)
    found = [Ranked(each, scales.weigh(each)) for each in candidates]
    return sorted(
        found, key=lambda each: (-each.worth.expected, -each.candidate.score, each.candidate.product)
    )


def smoothed(tally: Tally, parent: float) -> float:
    """(k + m · parent) / (n + m): the parent's rate until there are offers of its own."""
    if not tally.offered:
        return parent
    return (tally.yes + SHRINKAGE * parent) / (tally.offered + SHRINKAGE)


@dataclass(frozen=True, slots=True)
class _Scales:
    """What the candidates of one decision are measured by."""

    weighing: Weighing
    attention: float
    means: Mapping[str, float]
    """By kind, the mean score: scores of different kinds cannot be compared."""
    likely: float
    """The mean likelihood of those that have one; comparable across kinds. 0 where none has."""
    typical: float
    """The value of what has no price."""

    def weigh(self, candidate: Candidate) -> Worth:
        probability = self._probability(candidate)
        value = _value(candidate, self.weighing)
        attention = self.attention * (2 if candidate.doubled_cost else 1)
        worth = self.typical if value is None else value
        context, lever = _clamped(candidate.context), _clamped(candidate.lever)
        # Rounded, so that the last bits of a product cannot decide between equals.
        expected = round(probability * worth * (context * lever) - attention, 9)
        return Worth(probability, worth, attention, expected, _assumed(candidate), context, lever)

    def _probability(self, candidate: Candidate) -> float:
        """The offer's own rate, drawn towards what is expected of it while it was rarely offered: the rate of
        its stratum, moved by how much likelier than the other candidates it is."""
        everywhere = smoothed(candidate.overall, float(self.weighing.prior))
        stratum = smoothed(candidate.stratum, everywhere)
        return smoothed(candidate.offer, min(stratum * self._ratio(candidate), HIGHEST))

    def _ratio(self, candidate: Candidate) -> float:
        if candidate.likelihood is not None and self.likely > 0:
            return min(candidate.likelihood / self.likely, MOST_RATIO)
        mean = self.means[candidate.kind]
        return min(max(candidate.score / mean, LEAST_RATIO), MOST_RATIO) if mean > 0 else 1.0


def _scales(candidates: Sequence[Candidate], situation: Situation, *, weighing: Weighing) -> _Scales:
    by_kind: dict[str, list[float]] = defaultdict(list)
    for each in candidates:
        by_kind[each.kind].append(max(each.score, 0.0))
    means = {kind: fsum(scores) / len(scores) for kind, scores in by_kind.items()}
    values = [value for each in candidates if (value := _value(each, weighing)) is not None]
    base = float(weighing.attention.get(situation.currency or "", weighing.attention_other))
    typical = median(values) if values else _break_even(base, weighing)
    known = [each.likelihood for each in candidates if each.likelihood is not None]
    likely = fsum(known) / len(known) if known else 0.0
    return _Scales(weighing, _attention(base, situation, weighing=weighing), means, likely, typical)


def _break_even(attention: float, weighing: Weighing) -> float:
    """Where nothing has a price: worth offering down to half the prior rate."""
    return 2 * attention / float(weighing.prior) if attention and weighing.prior else 1.0


def _attention(base: float, situation: Situation, *, weighing: Weighing) -> float:
    """Rises with what the customer was offered and turned down lately."""
    offers = situation.recent_offers * float(weighing.per_recent_offer)
    declines = situation.recent_declines * float(weighing.per_recent_decline)
    return base * (1 + offers + declines)


def _value(candidate: Candidate, weighing: Weighing) -> float | None:
    """The contribution margin."""
    if candidate.price is None:
        return None
    rate = weighing.margin_rate if candidate.margin_rate is None else candidate.margin_rate
    return float(candidate.price * rate)


def _assumed(candidate: Candidate) -> frozenset[str]:
    return _ASSUMED[candidate.price is None, candidate.margin_rate is None]


_ASSUMED = {
    (price, rate): frozenset(name for name, unknown in (("price", price), ("margin_rate", rate)) if unknown)
    for price in (True, False)
    for rate in (True, False)
}


def _clamped(factor: float) -> float:
    return min(max(factor, LEAST_FACTOR), MOST_FACTOR)


def _worthless(ranked: Ranked) -> Removal:
    actual = f"{ranked.worth.expected:.2f}"
    return Removal(Stage.WORTH, "worth_less_than_nothing", ranked.candidate.product, actual, "above 0")


def _fill_slots(
    worthy: Sequence[Ranked], ruling: Ruling, *, limit: int, per_category: int
) -> tuple[list[Ranked], list[Removal]]:
    chosen: list[Ranked] = []
    crowded: list[Removal] = []
    taken: Counter[str | None] = Counter()
    for place, each in enumerate(worthy, 1):
        product, category = each.candidate.product, each.candidate.category
        if category is not None and taken[category] >= per_category:
            crowded.append(Removal(Stage.SLOTS, "category_full", product, category, "another category"))
        elif len(chosen) >= limit:
            crowded.append(
                Removal(Stage.SLOTS, "slots_full", product, f"place {place}", f"place {limit} or better")
            )
        elif ruling.caps and (held := ruling.hold_back(each.candidate, [one.candidate for one in chosen])):
            crowded.append(held)
        else:
            chosen.append(each)
            taken[category] += 1
    return chosen, crowded
