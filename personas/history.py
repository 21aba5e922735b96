"""Facts from what a customer bought: pure functions over plain purchases."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from personas.cart import Cart, cart_facts
from personas.facts import FactSet, FactValue, slug
from personas.languages import REGISTERS
from personas.rfm import RfmBreaks, RfmValues, rfm_facts
from personas.seasons import today_facts

BOUGHT, OPEN, REFUNDED = "won", "open", "refunded"
"""The statuses that count; any other leaves no facts."""

LEAST_FOR_SHARES = 3
"""A category's share of fewer purchases says nothing about taste."""

LEAST_FOR_RHYTHM = 3
"""Orders, to say whether the next one is overdue."""
OVERDUE = 3
"""Times the usual gap."""

YEAR = timedelta(days=365)


class PurchaseFact(NamedTuple):
    """One order line."""

    sku: str | None
    order_ref: str
    at: datetime
    status: str
    """`won`, `open`, `cancelled`, `refunded` or `unknown`, of the whole order."""
    quantity: Decimal
    """Negative for a return."""
    amount: Decimal | None = None
    """Of the whole line, with the sign of the quantity."""
    currency: str | None = None
    category: str | None = None
    family: str | None = None
    tier: int | None = None
    promised_at: datetime | None = None
    """When an open order was to arrive."""
    delivered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    """What the customer's record and the conversation say; None is unknown."""

    country: str | None = None
    language: str | None = None
    register: str | None = None
    company: str | None = None
    open_complaint: bool | None = None
    open_cases: int | None = None
    offers: bool | None = None
    """The stated wish about offers."""
    channel: str | None = None
    agent_role: str | None = None
    cart: Cart | None = None
    crm: Mapping[str, str] = field(default_factory=dict)
    """Fields by the CRM's own names; an empty one is unknown."""


def compute_facts(
    purchases: Sequence[PurchaseFact],
    customer: CustomerFacts,
    now: datetime,
    *,
    breaks: RfmBreaks | None = None,
    categories: Collection[str] = (),
) -> FactSet:
    """`purchases` are all the customer's; `categories` all the shop's: one never bought is 0, not unknown."""
    return FactSet(
        {
            **_record(customer),
            **cart_facts(customer.cart),
            **today_facts(now, customer.country),
            **_orders(purchases, now),
            **_year(purchases, now),
            **_under_way(purchases, now),
            **_tastes(purchases, categories),
            **rfm_facts(rfm_values(purchases, now), breaks),
        }
    )


def rfm_values(purchases: Sequence[PurchaseFact], now: datetime) -> RfmValues | None:
    """Recency, frequency and money over all purchases; None for a customer who never bought."""
    days = _order_days(purchases)
    if not days:
        return None
    value, currency = _money([each for each in purchases if each.status == BOUGHT])
    return RfmValues(_days_since(days[-1], now), len(days), value, currency)


def _record(customer: CustomerFacts) -> dict[str, FactValue | None]:
    wishes = {True: "granted", False: "objected"}
    return {
        "customer.country": customer.country or None,
        "customer.language": customer.language or None,
        "customer.register": customer.register if customer.register in REGISTERS else None,
        "customer.company_known": bool(customer.company),
        "case.open_complaint": customer.open_complaint,
        "case.open_count": customer.open_cases,
        "consent.offers": None if customer.offers is None else wishes[customer.offers],
        "conversation.channel": customer.channel,
        "agent.role": customer.agent_role,
        **{f"crm.{slug(name)}": value for name, value in customer.crm.items() if slug(name) and value},
    }


def _orders(purchases: Sequence[PurchaseFact], now: datetime) -> dict[str, FactValue | None]:
    days = _order_days(purchases)
    if not days:
        return {"order.count": 0, "customer.lifecycle": "prospect"}
    since = _days_since(days[-1], now)
    gaps = [(after - before).days for before, after in pairwise(days)]
    gap = Decimal(str(median(gaps))) if gaps else None
    return {
        "order.count": len(days),
        "order.last_on": days[-1].date(),
        "order.days_since_last": since,
        "order.median_gap_days": gap,
        "customer.months_since_first": _months(days[0], now),
        "customer.lifecycle": _lifecycle(len(days), since, gap),
        "customer.churn_risk": _is_overdue(len(days), since, gap),
    }


def _order_days(purchases: Iterable[PurchaseFact]) -> list[datetime]:
    """When each order was placed, oldest first; a return alone is no order."""
    placed: dict[str, datetime] = {}
    for each in purchases:
        if each.status == BOUGHT and each.quantity > 0:
            placed[each.order_ref] = min(each.at, placed.get(each.order_ref, each.at))
    return sorted(placed.values())


def _days_since(then: datetime, now: datetime) -> int:
    return max((now - then).days, 0)


def _months(then: datetime, now: datetime) -> int:
    months = (now.year - then.year) * 12 + now.month - then.month
    return max(months - (now.day < then.day), 0)


def _lifecycle(orders: int, since: int, gap: Decimal | None) -> str:
    """`at_risk` is later than twice the usual gap, and half a year at least."""
    if since > YEAR.days:
        return "lapsed"
    if since > max(180, 2 * (gap or 0)):
        return "at_risk"
    return "new" if orders == 1 else "loyal" if orders >= 4 else "active"


def _is_overdue(orders: int, since: int, gap: Decimal | None) -> bool | None:
    """Of somebody who orders at random at a steady rate, the usual model of repeat buying (Ehrenberg 1959), the gaps
    are exponential: one in eight (2 to the power of -3) is longer than three times their median. Two gaps are
    the fewest that have something usual about them, and orders of one day have no rhythm."""
    if orders < LEAST_FOR_RHYTHM or not gap:
        return None
    return since > OVERDUE * gap


def _year(purchases: Sequence[PurchaseFact], now: datetime) -> dict[str, FactValue | None]:
    lately = [each for each in purchases if each.at > now - YEAR]
    bought = [each for each in lately if each.status == BOUGHT]
    value, currency = _money(bought)
    orders = len(_order_days(bought))
    return {
        "order.count_12m": orders,
        "order.currency": currency,
        "order.value_12m": value,
        "order.average_value": None if value is None or not orders else round(value / orders, 2),
        "order.return_share_12m": _return_share(lately),
    }


def _money(bought: Sequence[PurchaseFact]) -> tuple[Decimal | None, str | None]:
    """The sum and its currency; both unknown when a price is, or when currencies are mixed."""
    if not bought:
        return Decimal(0), None
    amounts = [each.amount for each in bought if each.amount is not None]
    currencies = {each.currency for each in bought}
    if len(amounts) < len(bought) or len(currencies) > 1:
        return None, None
    return sum(amounts, Decimal(0)), currencies.pop()


def _return_share(lately: Sequence[PurchaseFact]) -> Decimal | None:
    """Pieces returned, or of refunded orders, per piece bought; at most 1."""
    counted = [each for each in lately if each.status in {BOUGHT, REFUNDED}]
    bought = sum(each.quantity for each in counted if each.quantity > 0)
    back = sum(abs(each.quantity) for each in counted if each.quantity < 0 or each.status == REFUNDED)
    return min(round(Decimal(back) / bought, 4), Decimal(1)) if bought else None


def _under_way(purchases: Sequence[PurchaseFact], now: datetime) -> dict[str, FactValue | None]:
    under_way = [each for each in purchases if each.status == OPEN and not each.delivered_at]
    late = [_days_since(each.promised_at, now) for each in under_way if each.promised_at]
    unknown = bool(under_way) and not late
    return {"order.has_open": bool(under_way), "order.late_days": None if unknown else max(late, default=0)}


def _tastes(purchases: Sequence[PurchaseFact], categories: Collection[str]) -> dict[str, FactValue | None]:
    """Nothing bought here says nothing about what somebody owns, so all of it stays unknown then."""
    bought = [each for each in purchases if each.status == BOUGHT and each.quantity > 0]
    if not bought:
        return {}
    kept = _kept(purchases)
    counts = Counter(_short(each.category for each in bought))
    shelves = {*_short(categories), *counts}
    return {
        "category.owned": frozenset(_short(each.category for each in kept)),
        "family.owned": frozenset(_short(each.family for each in kept)),
        "product.owned_tier_max": max((each.tier for each in kept if each.tier is not None), default=None),
        **{f"category.count.{shelf}": counts[shelf] for shelf in shelves},
        **_shares(counts, shelves),
    }


def _short(names: Iterable[str | None]) -> list[str]:
    """Without those that are unknown, or hold no letter or digit."""
    return [short for name in names if name and (short := slug(name))]


def _kept(purchases: Sequence[PurchaseFact]) -> list[PurchaseFact]:
    """The purchases of which at least one piece was not brought back."""
    left: dict[str | None, Decimal] = defaultdict(Decimal)
    for each in purchases:
        if each.status == BOUGHT:
            left[each.sku] += each.quantity
    return [each for each in purchases if each.status == BOUGHT and each.quantity > 0 and left[each.sku] > 0]


def _shares(counts: Mapping[str, int], shelves: Collection[str]) -> dict[str, FactValue | None]:
    total = sum(counts.values())
    if total < LEAST_FOR_SHARES:
        return {}
    return {f"category.share.{shelf}": _share(counts.get(shelf, 0), total) for shelf in shelves}


@lru_cache(4096)
def _share(count: int, total: int) -> Decimal:
    return round(Decimal(count) / total, 4)
