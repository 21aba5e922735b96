"""What might be offered to one customer: the recommender's answers, with everything a decision weighs."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy.orm import Session

from assist.services.desk import Desk
from assist.services.facts import Dossier
from assist.services.lineages import NONE, Tallies
from assist.store.decisions import RestraintRow
from assist.store.shelf import ProductRow, find_products
from crm_adapters.model import OrderStatus
from personas.candidates import Candidate
from personas.facts import slug
from personas.persona import Persona
from personas.policies import EffectKind
from recommender.base import Offer, Owned, Proposal, Query, Recommendation
from recommender.model import SalesModel
from recommender.shortlist import Shortlist

ASKED = 40
"""Candidates asked of the recommender: three are shown, the others give way to rules and to categories."""
UNCOUNTED = 0.5
LATELY = 20
"""Order lines, the newest."""
BOUGHT = frozenset({OrderStatus.WON, OrderStatus.OPEN, OrderStatus.UNKNOWN})
CURRENCIES = {"BR": "BRL", "MX": "MXN", "US": "USD", "GB": "GBP", "ES": "EUR", "DE": "EUR", "FR": "EUR"}


class Offering(NamedTuple):
    """What the recommender proposes, with its product."""

    place: int
    """Of the proposal in the shortlist."""
    proposal: Proposal
    product: ProductRow
    price: Decimal | None
    currency: str | None

    @property
    def kind(self) -> str:
        return "popular" if self.proposal.popular else self.proposal.kind.value


@dataclass(frozen=True, slots=True)
class Explained:
    """An offering with its reasons."""

    offering: Offering
    recommendation: Recommendation
    anchor: ProductRow | None
    names: Mapping[str, str]
    """SKU → name, of everything that the reasons speak of and the catalogue knows."""


@dataclass(frozen=True, slots=True)
class Offerings:
    items: tuple[Offering, ...] = ()
    currency: str | None = None
    shortlist: Shortlist | None = None
    """None without a model."""
    known: Mapping[str, ProductRow] = field(default_factory=dict)
    """By SKU, what was read already: the candidates, and what was bought lately."""
    model_version: str | None = None
    """Of the model that proposed them."""
    tallies: Tallies = NONE
    """What became of such offers before."""


def gather(
    desk: Desk,
    session: Session,
    dossier: Dossier,
    *,
    basket: Sequence[str] = (),
    exclude: Collection[str] = (),
) -> Offerings:
    """Empty without a model."""
    serving = desk.models.current()
    if serving is None:
        return Offerings()
    figures = desk.figures.current()
    unavailable = figures.unavailable
    query = Query(
        history=owned(dossier),
        basket=basket,
        exclude=unavailable | set(exclude) if exclude else unavailable,
        limit=ASKED,
        now=dossier.now,
    )
    shortlist = serving.model.shortlist(query)
    proposed = [one.product_id for one in shortlist.proposals]
    # Reasons mostly speak of what was bought lately: one question for both.
    rows = find_products(session, {*proposed, *(one.product_id for one in query.history[:LATELY])})
    currency = find_currency(dossier, [rows[sku] for sku in proposed if sku in rows])
    items = [
        Offering(place, one, row, row.price_in(currency), currency)
        for place, one in enumerate(shortlist.proposals)
        if (row := rows.get(one.product_id))
    ]
    return Offerings(tuple(items), currency, shortlist, rows, serving.version, figures.tallies)


def probe(model: SalesModel, dossier: Dossier, product: ProductRow, currency: str | None) -> Offering | None:
    """What the model would propose if there were nothing else to propose; None where it has no opinion."""
    query = Query(history=owned(dossier), only=frozenset({product.sku}), limit=1, now=dossier.now)
    found = model.shortlist(query).proposals
    return Offering(0, found[0], product, product.price_in(currency), currency) if found else None


def explain(session: Session, offerings: Offerings, chosen: Sequence[Offering]) -> list[Explained]:
    """Only what is shown: its reasons cost as much as finding it."""
    if offerings.shortlist is None or not chosen:
        return []
    found = offerings.shortlist.explain([offering.place for offering in chosen])
    missing = {sku for one in found for sku in _mentioned(one)} - offerings.known.keys()
    rows = {**offerings.known, **(find_products(session, missing) if missing else {})}
    names = {sku: row.name for sku, row in rows.items()}
    return [
        Explained(offering, one, rows.get(one.anchor or ""), names)
        for offering, one in zip(chosen, found, strict=True)
    ]


def owned(dossier: Dossier) -> list[Owned]:
    """What was bought and kept: a product whose pieces all came back is not owned."""
    kept: defaultdict[str, Decimal] = defaultdict(Decimal)
    for row in dossier.purchases:
        if row.sku and row.status in BOUGHT:
            kept[row.sku] += row.quantity
    return [
        Owned(row.sku, row.placed_at, float(row.quantity))
        for row in dossier.purchases
        if row.sku and row.status in BOUGHT and row.quantity > 0 and kept[row.sku] > 0
    ]


def find_currency(dossier: Dossier, products: Iterable[ProductRow]) -> str | None:
    """The customer's last one, else their country's where the shop has such prices, else the shop's main one."""
    paid = next((row.currency for row in dossier.purchases if row.currency), None)
    priced = [product.prices for product in products if product.prices]
    if not priced or any(paid in prices for prices in priced):
        return paid
    local = CURRENCIES.get(dossier.customer.country or "")
    return local if any(local in prices for prices in priced) else next(iter(priced[0]))


def as_candidate(
    offering: Offering,
    restraints: Sequence[RestraintRow],
    dossier: Dossier,
    *,
    persona: Persona | None = None,
    tallies: Tallies = NONE,
) -> Candidate:
    """Money in the decision's currency; what earlier outcomes left is worked in."""
    sku, kind = offering.product.sku, offering.kind
    offer, stratum, overall = tallies.find(kind, sku, persona.key if persona else None)
    candidate = Candidate(
        product=sku,
        kind=kind,
        score=max(offering.proposal.score, 0.0),
        likelihood=offering.proposal.likelihood,
        support=offering.proposal.support,
        category=offering.product.category,
        price=offering.price,
        offer=offer,
        stratum=stratum,
        overall=overall,
        context=_context(offering, persona),
        active=offering.product.active,
        stock=offering.product.stock,
    )
    for restraint in restraints:
        candidate = _restrain(candidate, restraint, dossier.now)
    return candidate


def _context(offering: Offering, persona: Persona | None) -> float:
    """What the persona takes to; a suggestion that neither a count nor a person speaks for weighs half."""
    category = offering.product.category
    affinity = persona.selling.affinities.get(slug(category)) if persona and category else None
    one = offering.proposal
    spoken_for = one.support is not None or one.linked or one.popular or one.kind is Offer.REPLENISH
    return float(affinity or 1) * (1.0 if spoken_for else UNCOUNTED)


def _restrain(candidate: Candidate, restraint: RestraintRow, now: datetime) -> Candidate:
    mine = restraint.subject == candidate.product
    my_category = mine or (restraint.subject is not None and restraint.subject == candidate.category)
    until = restraint.until or datetime.max.replace(tzinfo=now.tzinfo)
    match restraint.kind:
        case EffectKind.OWNED if mine:
            return candidate._replace(owned=True)
        case EffectKind.SUPPRESS | EffectKind.SNOOZE if mine:
            return candidate._replace(suppressed_until=until)
        case EffectKind.DOUBLE_COST if my_category:
            return candidate._replace(doubled_cost=True)
        case EffectKind.LOWER_PRICE_BAND if my_category and _too_dear(candidate, restraint):
            return candidate._replace(suppressed_until=until)
    return candidate


def _too_dear(candidate: Candidate, restraint: RestraintRow) -> bool:
    """At or above what was called too expensive; an unknown price is not known to be lower."""
    if restraint.amount is None:
        return False
    return candidate.price is None or candidate.price >= restraint.amount


def _mentioned(one: Recommendation) -> set[str]:
    """Every SKU that the reasons name."""
    causes = {because.product_id for because in one.because} | {count.anchor for count in one.evidence}
    return causes | ({one.anchor} if one.anchor else set())
