"""The decisions that a release changes most, each with what was shown before and after, and why."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from itertools import chain, zip_longest
from typing import Any, NamedTuple

from assist.services.measures import NO_CURRENCY, cents
from assist.services.replay import Replayed, Side
from personas.arbitration import Ranked
from personas.candidates import Removal, Stage
from personas.rulings import PREFIX, code_of

SHOWN = 20
REWEIGHED = "weighed_otherwise"
"""The code of a change that no rule names: by persona, policy, or by which others a candidate is compared with."""


class _Entry(NamedTuple):
    weight: Decimal
    """How much more or less the decision is expected to bring."""
    name: str
    document: Mapping[str, Any]


class Changes:
    """Holds the largest of each currency and no more, however many come."""

    def __init__(self, most: int = SHOWN) -> None:
        self._most = most
        self._largest: dict[str, list[_Entry]] = {}

    def add(self, found: Replayed) -> None:
        case, currency = found.case, found.reading.offerings.currency or NO_CURRENCY
        entry = _Entry(
            abs(worth(found.after) - worth(found.before)),
            f"{case.decision_id or ''}:{case.customer_id:012}",
            _document(found, currency),
        )
        kept = [*self._largest.get(currency, ()), entry]
        self._largest[currency] = sorted(kept, key=lambda one: (-one.weight, one.name))[: self._most]

    def document(self) -> list[Mapping[str, Any]]:
        """The largest change first. Amounts in different currencies cannot be compared, so these take turns."""
        in_turn = zip_longest(*(self._largest[currency] for currency in sorted(self._largest)))
        return [one.document for one in chain(*in_turn) if one is not None][: self._most]


def worth(side: Side) -> Decimal:
    """What is expected of all that is shown."""
    return sum((_value(one) for one in side.verdict.chosen), Decimal(0))


def _value(ranked: Ranked) -> Decimal:
    return Decimal(str(ranked.worth.expected))


def _document(found: Replayed, currency: str) -> dict[str, Any]:
    return {
        "customer": found.case.customer_id,
        "decision": found.case.decision_id,
        "at": found.case.at.isoformat(),
        "currency": currency,
        "difference": cents(worth(found.after) - worth(found.before)),
        "before": _shown(found.before),
        "after": _shown(found.after),
        "why": list(_reasons(found)) or list(_reweighed(found)),
    }


def _shown(side: Side) -> dict[str, Any]:
    return {
        "persona": side.brief.persona.key if side.brief.persona else None,
        "silence": side.silence,
        "shown": [
            {"sku": one.candidate.product, "kind": one.candidate.kind, "value": cents(_value(one))}
            for one in side.verdict.chosen
        ],
    }


def _reasons(found: Replayed) -> Iterator[dict[str, str]]:
    """What took out what is shown no more, what held back what is shown now, and the boosts and pins that are not
    the same."""
    before, after = found.before, found.after
    for sku in before.skus:
        if sku not in after.skus:
            yield from _removal("after", after, sku)
    for sku in after.skus:
        if sku not in before.skus:
            yield from _removal("before", before, sku)
    lifts = {"before": set(_lifts(before)), "after": set(_lifts(after))}
    for side, other in (("before", "after"), ("after", "before")):
        for sku, stage, rule, clause in sorted(lifts[side] - lifts[other]):
            yield {"side": side, "product": sku, "stage": stage, "rule": rule, "clause": clause}


def _reweighed(found: Replayed) -> Iterator[dict[str, str]]:
    """Nothing was taken out, lifted or pinned otherwise: the same products were worth more or less."""
    before = {one.candidate.product: cents(_value(one)) for one in found.before.verdict.chosen}
    for one in found.after.verdict.chosen:
        sku, value = one.candidate.product, cents(_value(one))
        if before.get(sku, value) != value:
            told = {"rule": REWEIGHED, "actual": value, "wanted": before[sku]}
            yield {"side": "after", "product": sku, "stage": Stage.WORTH.value, **told}


def _removal(name: str, side: Side, sku: str) -> Iterator[dict[str, str]]:
    """The first that it fell by. What a rule found is left out: it may be anything that a CRM holds of somebody."""
    removal = next((one for one in side.verdict.removed if one.product == sku), None)
    if removal:
        yield {"side": name, "product": sku, "stage": removal.stage.value, **_cause(removal)}


def _cause(removal: Removal) -> dict[str, str]:
    if removal.rule.startswith(PREFIX):
        return {"rule": removal.rule, "clause": removal.clause}
    return {"rule": removal.rule, "actual": removal.actual, "wanted": removal.wanted}


def _lifts(side: Side) -> Iterator[tuple[str, str, str, str]]:
    """Of each product shown, the boosts and pins that are about it: SKU, stage, rule, what it does."""
    ruling = side.brief.ruling
    rules = [
        *(("boost", rule, f"× {boost.factor}") for rule, boost in ruling.boosts),
        *(("pin", rule, str(rule.effect)) for rule in ruling.pins),
    ]
    for one in side.verdict.chosen:
        for stage, rule, does in rules:
            if rule.scope.covers(one.candidate):
                yield one.candidate.product, stage, code_of(rule), does
