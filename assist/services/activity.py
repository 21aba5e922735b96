"""What agents and customers made of suggestions in a period, counted; of no single person."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from assist.services.desk import Desk
from assist.services.measures import FEWEST, share
from assist.store.activity import ActRow, ShownRow, stream_acts, stream_shown
from assist.store.lineages import list_bought

CHAT = timedelta(days=7)
"""Within which an order counts as bought after a chat."""
MOST_GROUPS = 12
OFFERED, ACCEPTED, DECLINED = "offered", "accepted", "declined"


@dataclass(slots=True)
class Tally:
    shown: int = 0
    offered: int = 0
    accepted: int = 0
    """Customers who said yes."""
    refused: int = 0
    """Customers who said no."""
    bought: int = 0

    @property
    def offer_rate(self) -> dict[str, Any]:
        """Of what was shown, what agents offered."""
        return share(self.offered, self.shown)

    @property
    def acceptance(self) -> dict[str, Any]:
        """Of what customers answered, their yes."""
        return share(self.accepted, self.accepted + self.refused)

    @property
    def conversion(self) -> dict[str, Any]:
        """Of what was offered, what was then bought."""
        return share(self.bought, self.offered)


@dataclass(frozen=True, slots=True)
class Activity:
    since: datetime
    total: Tally
    days: Sequence[tuple[date, Tally]]
    """Every day of the period, those without anything too."""
    personas: Mapping[str, Tally]
    """By key; "" for none."""
    kinds: Mapping[str, Tally]
    products: Mapping[str, Tally]
    """By name; those shown most."""
    channels: Mapping[str, int]
    """How it was offered."""
    heat: Mapping[tuple[int, int], int]
    """Offers by weekday, Monday is 0, and hour."""
    reasons: Sequence[tuple[str, int]]
    """Why something was declined, the most frequent first; "" where nobody said."""


@dataclass(slots=True)
class _Fate:
    offered: bool = False
    answer: str = ""


@dataclass(slots=True)
class _Count:
    zone: tzinfo
    fates: dict[str, _Fate] = field(default_factory=dict)
    channels: Counter[str] = field(default_factory=Counter)
    heat: Counter[tuple[int, int]] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, row: ActRow) -> None:
        fate = self.fates.setdefault(row.suggestion_id, _Fate())
        if row.act == OFFERED:
            fate.offered = True
            at = row.at.astimezone(self.zone)
            self.heat[at.weekday(), at.hour] += 1
            self.channels[row.channel or ""] += 1
        elif row.act == ACCEPTED:
            fate.answer = ACCEPTED
        elif row.act == DECLINED:
            fate.answer = DECLINED
            self.reasons[row.reason or ""] += 1


def count_activity(desk: Desk, *, days: int, zone: tzinfo) -> Activity:
    """Of the last so many days, today included, in the reader's time zone."""
    now = desk.clock.now().astimezone(zone)
    first = (now - timedelta(days=days - 1)).replace(hour=0, minute=0, second=0, microsecond=0)
    counted = _Count(zone)
    with desk.database.reading() as session:
        for act in stream_acts(session, first):
            counted.add(act)
        bought = list_bought(session, CHAT)
        shown = list(stream_shown(session, first))
    return _sum(first, days, counted, shown, bought)


def _sum(
    first: datetime, days: int, counted: _Count, shown: Sequence[ShownRow], bought: set[str]
) -> Activity:
    zone = counted.zone

    def by(key: Callable[[ShownRow], Any]) -> dict[Any, Tally]:
        found: defaultdict[Any, Tally] = defaultdict(Tally)
        for row in shown:
            _add(found[key(row)], counted.fates.get(row.suggestion_id), bought=row.suggestion_id in bought)
        return found

    daily = by(lambda row: row.at.astimezone(zone).date())
    calendar = [(first + timedelta(days=number)).date() for number in range(days)]
    products = by(lambda row: row.product)
    most = sorted(products, key=lambda name: (-products[name].shown, name))[:MOST_GROUPS]
    return Activity(
        since=first,
        total=by(lambda _row: None).get(None, Tally()),
        days=[(day, daily.get(day, Tally())) for day in calendar],
        personas=by(lambda row: row.persona or ""),
        kinds=by(lambda row: row.kind),
        products={name: products[name] for name in most},
        channels=counted.channels,
        heat=counted.heat,
        reasons=counted.reasons.most_common(),
    )


def _add(tally: Tally, fate: _Fate | None, *, bought: bool) -> None:
    tally.shown += 1
    if fate is None:
        return
    tally.offered += fate.offered
    tally.accepted += fate.answer == ACCEPTED
    tally.refused += fate.answer == DECLINED
    tally.bought += fate.offered and bought


def rank(groups: Mapping[str, Tally]) -> list[tuple[str, Tally, bool]]:
    """By offer rate those shown often enough to be compared, then the others by name: whether each is ranked."""
    ranked = [key for key, tally in groups.items() if tally.shown >= FEWEST]
    ranked.sort(key=lambda key: (-groups[key].offered / groups[key].shown, key))
    others = sorted(groups.keys() - set(ranked))
    return [(key, groups[key], key in ranked) for key in [*ranked, *others]]
