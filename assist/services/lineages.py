"""How often offers ended in a yes or a purchase, counted in the background over all that agents did.

An offer's lineage is its product and kind. Neither hangs on a release: another talk track, rule or text of a persona
leaves the counts as they are.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from assist.clock import Clock
from assist.db import Database
from assist.models.training import ShopFigure
from assist.store.decisions import SaidRow
from assist.store.lineages import OutcomeRow, list_bought, stream_outcomes
from crm_adapters.model import Act
from personas.candidates import Candidate, Tally
from personas.policies import EffectKind, Policies

NAME = "lineages"
EVERY = timedelta(minutes=10)
SETTLED = timedelta(days=7)
"""After which what was offered and neither answered nor bought counts as not taken."""
UNEXPLAINED, HALF = "no_reason", 0.5
"""The reason that stands in for none, or for one that is not in force any more, and its weight without a policy."""
NOBODY = ""
"""In place of a persona where none led."""
UNCOUNTED = Tally()
Counts = Mapping[str, Mapping[str, Tally]]
"""By kind, then by SKU or persona."""


class Tallies(NamedTuple):
    """Empty until something was offered and counted."""

    offers: Counts
    strata: Counts
    overall: Tally
    counted_at: datetime | None = None

    def find(self, kind: str, sku: str, persona: str | None) -> tuple[Tally, Tally, Tally]:
        """Of the lineage, of its kind for the persona, and of everything."""
        offer = self.offers.get(kind, {}).get(sku, UNCOUNTED)
        return offer, self.strata.get(kind, {}).get(persona or NOBODY, UNCOUNTED), self.overall


NONE = Tallies({}, {}, UNCOUNTED)


def is_due(database: Database, now: datetime) -> bool:
    with database.reading() as session:
        counted = session.scalar(select(ShopFigure.computed_at).where(ShopFigure.name == NAME))
    return counted is None or counted <= now - EVERY


def compute(database: Database, clock: Clock, policies: Policies) -> None:
    """Only the writing of the result holds the database's write lock."""
    now, sums = clock.now(), _Sums()
    with database.reading() as session:
        rules = _Rules.of(policies, now, list_bought(session, SETTLED))
        for _, rows in groupby(stream_outcomes(session), key=lambda row: row.suggestion_id):
            sums.add(list(rows), rules)
    with database.writing() as session:
        session.merge(ShopFigure(name=NAME, value=sums.document(), computed_at=now))


def read_tallies(session: Session) -> Tallies:
    row = session.get(ShopFigure, NAME)
    if row is None:
        return NONE
    offers, strata = (
        {
            kind: {name: Tally(*counted) for name, counted in found.items()}
            for kind, found in row.value[part].items()
        }
        for part in ("offers", "strata")
    )
    return Tallies(offers, strata, Tally(*row.value["overall"]), row.computed_at)


def add_said(
    candidates: Sequence[Candidate], said: Sequence[SaidRow], policies: Policies, tallies: Tallies
) -> Sequence[Candidate]:
    """With what the person themself said since offers were counted: it counts at once, and once."""
    own: dict[str, Tally] = {}
    for one in said:
        if tallies.counted_at is None or one.at > tallies.counted_at:
            own[one.sku] = _plus(own.get(one.sku, UNCOUNTED), _tally_said(one, policies))
    if not own:
        return candidates
    return [each._replace(offer=_plus(each.offer, own.get(each.product, UNCOUNTED))) for each in candidates]


def _tally_said(one: SaidRow, policies: Policies) -> Tally:
    if one.act == Act.ACCEPTED:
        return Tally(1.0, 1.0)
    return Tally(0.0, float(policies.negative_of(one.reason))) if one.act == Act.DECLINED else UNCOUNTED


@dataclass(frozen=True, slots=True)
class _Rules:
    """How outcomes count."""

    weights: Mapping[str, float]
    """By the key of a decline's reason, how much it counts against the offer."""
    excluded: frozenset[str]
    """Reasons that say that our data were wrong, and nothing about the offer."""
    now: datetime
    bought: set[str]
    """Suggestions."""

    @classmethod
    def of(cls, policies: Policies, now: datetime, bought: set[str]) -> "_Rules":
        reasons = policies.decline_reasons
        excluding = EffectKind.EXCLUDE_FROM_LEARNING
        excluded = (one.key for one in reasons if any(effect.kind is excluding for effect in one.effects))
        return cls({one.key: float(one.negative) for one in reasons}, frozenset(excluded), now, bought)

    def tally(self, outcomes: Sequence[OutcomeRow]) -> Tally:
        """Of one suggestion, the oldest outcome first; empty where it says nothing about the offer, or not yet."""
        if any(row.act == Act.WRONG_DATA or row.reason in self.excluded for row in outcomes):
            return UNCOUNTED
        last = next((row for row in reversed(outcomes) if row.act != Act.OFFERED), None)
        if outcomes[0].suggestion_id in self.bought or (last and last.act == Act.ACCEPTED):
            return Tally(1.0, 1.0)
        if last:
            return Tally(0.0, self._weigh(last.reason or UNEXPLAINED))
        return Tally(0.0, 1.0) if outcomes[0].at + SETTLED <= self.now else UNCOUNTED

    def _weigh(self, reason: str) -> float:
        return self.weights.get(reason, self.weights.get(UNEXPLAINED, HALF))


@dataclass(slots=True)
class _Sums:
    offers: defaultdict[str, dict[str, Tally]] = field(default_factory=lambda: defaultdict(dict))
    strata: defaultdict[str, dict[str, Tally]] = field(default_factory=lambda: defaultdict(dict))
    overall: Tally = UNCOUNTED

    def add(self, outcomes: Sequence[OutcomeRow], rules: _Rules) -> None:
        tally, offer = rules.tally(outcomes), outcomes[0]
        if not tally.offered:
            return
        of_kind, persona = self.strata[offer.kind], offer.persona or NOBODY
        lineages = self.offers[offer.kind]
        lineages[offer.sku] = _plus(lineages.get(offer.sku, UNCOUNTED), tally)
        of_kind[persona] = _plus(of_kind.get(persona, UNCOUNTED), tally)
        self.overall = _plus(self.overall, tally)

    def document(self) -> dict[str, Any]:
        return {"offers": _plain(self.offers), "strata": _plain(self.strata), "overall": _pair(self.overall)}


def _plus(one: Tally, other: Tally) -> Tally:
    return Tally(one.yes + other.yes, one.offered + other.offered)


def _plain(counts: Counts) -> dict[str, dict[str, list[float]]]:
    return {kind: {name: _pair(tally) for name, tally in found.items()} for kind, found in counts.items()}


def _pair(tally: Tally) -> list[float]:
    return [tally.yes, tally.offered]
