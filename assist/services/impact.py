"""What a release would change, summed over replayed decisions: how many, by what stage, worth what, for whom."""

import re
from collections import Counter
from decimal import Decimal
from typing import Any

from assist.services.changes import Changes, worth
from assist.services.measures import FEWEST, Money, cents, share
from assist.services.replay import Replayed, Side
from personas.arbitration import Ranked
from personas.candidates import Stage
from personas.icp import value_of
from personas.persona import Persona

UNKNOWN = "unknown"
SIDES = ("before", "after")
_LANGUAGE = re.compile(r"([A-Za-z]{2,3})(?:[-_].*)?")


class Impact:
    """As large after a million decisions as after a hundred."""

    def __init__(self) -> None:
        self.cases = 0
        self.skipped = 0
        self.models: set[str] = set()
        self._changed = 0
        self._told_again = Counter[bool]()
        self._sides = {side: _SideSums() for side in SIDES}
        self._groups: dict[str, dict[str, _Group]] = {"country": {}, "language": {}, "value": {}}
        self._changes = Changes()

    def add(self, found: Replayed | None) -> None:
        """None is a case whose customer is gone."""
        if found is None:
            self.skipped += 1
            return
        self.cases += 1
        self.models |= {found.reading.offerings.model_version or ""} - {""}
        if found.logged is not None:
            self._told_again[found.before.skus == list(found.logged)] += 1
        for side, sums in zip((found.before, found.after), self._sides.values(), strict=True):
            sums.add(side)
        self._sort_in(found)
        if found.changed:
            self._changed += 1
            self._changes.add(found)

    def document(self) -> dict[str, Any]:
        again = self._told_again
        return {
            "cases": self.cases,
            "skipped": self.skipped,
            "models": sorted(self.models),
            "changed": share(self._changed, self.cases),
            "reproduced": share(again[True], again.total()) if again else None,
            **{name: sums.document() for name, sums in self._sides.items()},
            "changes": self._changes.document(),
            "fairness": {by: _ordered(groups) for by, groups in self._groups.items()},
        }

    def _sort_in(self, found: Replayed) -> None:
        customer, value = found.reading.dossier.customer, value_of(found.reading.facts)
        keys = {
            "country": customer.country or UNKNOWN,
            "language": _language(customer.language),
            "value": str(value) if value else UNKNOWN,
        }
        for by, key in keys.items():
            self._groups[by].setdefault(key, _Group(key)).add(found)


class _SideSums:
    """Of one release."""

    def __init__(self) -> None:
        self._candidates = 0
        self._removed = Counter[str]()
        self._chosen = 0
        self._silences = Counter[str]()
        self._value = Money()
        self._exposure = _Exposure()

    def add(self, side: Side) -> None:
        offerings = side.brief.reading.offerings
        self._candidates += len(offerings.items)
        first: dict[str, str] = {}
        for removal in side.verdict.removed:  # in the order of the stages
            first.setdefault(removal.product, removal.stage.value)
        self._removed.update(first.values())
        self._chosen += len(side.verdict.chosen)
        if side.silence:
            self._silences[side.silence] += 1
        self._value.add(worth(side), offerings.currency)
        for one in side.verdict.chosen:
            self._exposure.add(one, side.brief.persona, offerings.currency)

    def document(self) -> dict[str, Any]:
        removed = {stage.value: self._removed[stage.value] for stage in Stage}
        return {
            "funnel": {"candidates": self._candidates, "removed": removed, "chosen": self._chosen},
            "silence": dict(sorted(self._silences.items())),
            "value": self._value.document(),
            "concession_upper_bound": self._exposure.document(),
        }


class _Exposure:
    """What concessions could cost at most, if all that is shown were sold with as much as its persona lets be given."""

    def __init__(self) -> None:
        self._most: dict[str, Decimal] = {}
        self._counted = 0
        self._uncounted = 0

    def add(self, one: Ranked, persona: Persona | None, currency: str | None) -> None:
        price = one.candidate.price
        if persona is None or price is None or currency is None:
            self._uncounted += 1
            return
        self._counted += 1
        given = price * persona.selling.concession_ceiling / 100
        self._most[currency] = self._most.get(currency, Decimal(0)) + given

    def document(self) -> dict[str, Any]:
        most = {currency: cents(amount) for currency, amount in sorted(self._most.items())}
        return {"most": most, "counted": self._counted, "uncounted": self._uncounted}


class _Group:
    """Customers alike in one respect."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.count = 0
        self._offered = Counter[str]()
        self._value = {side: Money() for side in SIDES}

    def add(self, found: Replayed) -> None:
        self.count += 1
        for name, side in zip(SIDES, (found.before, found.after), strict=True):
            self._offered[name] += bool(side.verdict.chosen)
            self._value[name].add(worth(side), found.reading.offerings.currency)

    @property
    def place(self) -> tuple[bool, float, str]:
        """Those offered something least often first; after them those that are too few to be ranked."""
        ranked = self.count >= FEWEST
        return not ranked, self._offered["after"] / self.count if ranked else 0.0, self.name

    def document(self) -> dict[str, Any]:
        return {
            "group": self.name,
            "n": self.count,
            "ranked": self.count >= FEWEST,
            **{
                side: {"offered": share(self._offered[side], self.count), "value": value.document()}
                for side, value in self._value.items()
            },
        }


def _ordered(groups: dict[str, _Group]) -> list[dict[str, Any]]:
    return [group.document() for group in sorted(groups.values(), key=lambda group: group.place)]


def _language(tag: str | None) -> str:
    """What is no language tag may be anything, and is not told."""
    found = _LANGUAGE.fullmatch(tag or "")
    return found[1].lower() if found else UNKNOWN
