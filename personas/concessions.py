"""How much an agent may give away, and the smallest concession that is enough.

concessions:
  steps: [5, 10]                        # percent; an agent gives one of these
  margin_floor: 0.1                     # of the price that is left, after the concession
  roles:
    agent: {most: 5, budget: {EUR: 100}, days: 30}
    lead: {most: 10, budget: {EUR: 300}, days: 30}
  customer: {most: 10, budget: {EUR: 40}, days: 90}
  excluded: {categories: [repairs]}     # also products: [SKU]
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import NamedTuple

from personas.content import Fields, InvalidContent, read_number, read_word
from personas.facts import slug

CENT = Decimal("0.01")
MOST_STEPS = 5
MOST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Purse:
    """What may be given in so many days, all together."""

    most: Decimal
    """Percent of one price."""
    budget: Mapping[str, Decimal]
    """By currency, ISO 4217; in one that is not there nothing may be given."""
    days: int


@dataclass(frozen=True, slots=True)
class Concessions:
    steps: tuple[Decimal, ...]
    """Percent, rising."""
    margin_floor: Decimal
    roles: Mapping[str, Purse]
    """By the agent's role; whoever has several may do what the most generous allows."""
    customer: Purse
    """Over all agents."""
    excluded_products: frozenset[str]
    excluded_categories: frozenset[str]

    def purse_of(self, roles: Collection[str]) -> Purse | None:
        """None for whoever may give nothing."""
        return max(
            (purse for role, purse in self.roles.items() if role in roles),
            key=lambda purse: purse.most,
            default=None,
        )


class Wallet(NamedTuple):
    """What one agent may still give one customer."""

    most: Decimal
    """Percent of one price."""
    left: Decimal
    currency: str


def open_wallet(
    policy: Concessions,
    purse: Purse,
    *,
    currency: str,
    by_agent: Decimal,
    to_customer: Decimal,
    ceiling: Decimal | None = None,
) -> Wallet:
    """`by_agent` and `to_customer` were given within the days of each purse, in this currency; `ceiling` is the
    persona's, in percent."""
    limits = [purse.most, policy.customer.most, *([] if ceiling is None else [ceiling])]
    mine = purse.budget.get(currency, Decimal(0)) - by_agent
    theirs = policy.customer.budget.get(currency, Decimal(0)) - to_customer
    return Wallet(min(limits), max(min(mine, theirs), Decimal(0)), currency)


class Withheld(StrEnum):
    """Why nothing may be given on a product."""

    NO_PRICE = "no_price"
    EXCLUDED = "excluded"
    CEILING = "ceiling"
    """The smallest step is more than the agent may give this customer."""
    BUDGET = "budget"
    MARGIN = "margin"
    """Too little would be left of the margin."""
    NOT_ENOUGH = "not_enough"
    """No step that may be given brings the price below what the customer called too expensive."""


class Priced(NamedTuple):
    """A product as a concession sees it."""

    product: str
    category: str | None
    price: Decimal | None
    margin_rate: Decimal
    """Of the price, before the concession."""
    below: Decimal | None = None
    """What the customer called too expensive in its category: a price has to come below it to be worth naming."""


class Proposal(NamedTuple):
    percent: Decimal
    amount: Decimal
    price: Decimal
    """What is left to pay."""


def propose(policy: Concessions, wallet: Wallet, item: Priced) -> Proposal | Withheld:
    """The smallest step that is enough."""
    if item.price is None:
        return Withheld.NO_PRICE
    if item.product in policy.excluded_products or slug(item.category or "") in policy.excluded_categories:
        return Withheld.EXCLUDED
    withheld = None
    for proposal in (_step(item.price, percent) for percent in policy.steps):
        obstacle = _find_obstacle(policy, wallet, item, proposal)
        if obstacle is None:
            return proposal
        if obstacle is not Withheld.NOT_ENOUGH:  # a larger step meets it as well
            return withheld or obstacle
        withheld = obstacle
    return withheld or Withheld.CEILING


def _step(price: Decimal, percent: Decimal) -> Proposal:
    left = (price * (100 - percent) / 100).quantize(CENT, ROUND_HALF_UP)
    return Proposal(percent, price - left, left)


def _find_obstacle(policy: Concessions, wallet: Wallet, item: Priced, proposal: Proposal) -> Withheld | None:
    if proposal.percent > wallet.most:
        return Withheld.CEILING
    if proposal.amount > wallet.left:
        return Withheld.BUDGET
    if item.price is None or not _keeps_margin(policy, item.price, item.margin_rate, proposal):
        return Withheld.MARGIN
    if item.below is not None and proposal.price >= item.below:
        return Withheld.NOT_ENOUGH
    return None


def _keeps_margin(policy: Concessions, price: Decimal, rate: Decimal, proposal: Proposal) -> bool:
    return price * rate - proposal.amount >= proposal.price * policy.margin_floor


def parse_concessions(raw: object, path: str) -> Concessions:
    """Raises InvalidContent with the place of the mistake."""
    fields = Fields(raw, path)
    excluded = Fields(fields.raw("excluded") if "excluded" in fields else {}, fields.at("excluded"))
    policy = Concessions(
        steps=_steps(fields),
        margin_floor=Decimal(fields.number("margin_floor", 0, 1)),
        roles=fields.entries("roles", _purse),
        customer=_purse(fields.raw("customer"), fields.at("customer")),
        excluded_products=frozenset(excluded.items("products", read_word)),
        excluded_categories=frozenset(map(slug, excluded.items("categories", read_word))),
    )
    excluded.finish()
    fields.finish()
    return policy


def _steps(fields: Fields) -> tuple[Decimal, ...]:
    steps = fields.items("steps", _percent)
    if not 0 < len(steps) <= MOST_STEPS or list(steps) != sorted(set(steps)):
        raise InvalidContent(
            fields.at("steps"), f"1 to {MOST_STEPS} different percentages are wanted, rising"
        )
    return steps


def _percent(raw: object, path: str) -> Decimal:
    value = read_number(raw)
    if value is None or not 0 < value < 100:
        raise InvalidContent(path, "a percentage between 0 and 100 is wanted")
    return Decimal(value)


def _purse(raw: object, path: str) -> Purse:
    fields = Fields(raw, path)
    budget = Fields(fields.raw("budget"), fields.at("budget"))
    purse = Purse(
        most=Decimal(fields.number("most", 0, 100)),
        budget={code: Decimal(budget.number(code, 0, 10**9)) for code in budget},
        days=fields.whole("days", 1, MOST_DAYS),
    )
    fields.finish()
    return purse
