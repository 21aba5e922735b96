"""Why a product is not offered to this customer in this conversation: judged now, as a decision would, beside what
was logged when the list was made. Nothing is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from assist.models.decision import Decision
from assist.services.brief import Brief, Request, as_pool, judge_by, look_back, read, situation_of, weigh
from assist.services.candidates import ASKED, Offering, owned, probe
from assist.services.desk import Desk
from assist.services.facts import open_dossier
from assist.services.obstacles import ObstacleView, view_logged, view_obstacle
from assist.services.shelf import InForce
from assist.services.switchboard import Switch
from assist.services.views import Price
from assist.store.customers import find_customer
from assist.store.decisions import list_suggestions
from assist.store.shelf import ProductRow, search_products
from personas.arbitration import Worth
from personas.candidates import Candidate, Removal, Stage
from personas.policies import EffectKind
from personas.whynot import WhyNot, why_never, why_not
from recommender.model import SalesModel

MOST_CHOICES = 6
"""Products to pick from; who means another types more of its name."""


@dataclass(frozen=True, slots=True)
class ProductChoice:
    sku: str
    name: str


@dataclass(frozen=True, slots=True)
class LoggedView:
    """What the list on the page was made by."""

    at: datetime
    position: int | None
    """Where it was shown."""
    obstacles: tuple[ObstacleView, ...]


@dataclass(frozen=True, slots=True)
class WhyNotView:
    state: str
    """`offered` · `not_offered` · `several` · `unknown_product` · `no_customer` · `switched_off`."""
    product: ProductChoice | None = None
    choices: tuple[ProductChoice, ...] = ()
    obstacles: tuple[ObstacleView, ...] = ()
    """The first is where it fell, the others would have stopped it after that."""
    position: int | None = None
    """Where it is offered."""
    place: int | None = None
    """Among all that may be offered."""
    worth: Price | None = None
    """What offering it is expected to bring."""
    last: Price | None = None
    """Of the last that is offered."""
    logged: LoggedView | None = None
    """None where the decision asked for says nothing of it, or the same as would be decided now."""


def ask_why_not(
    desk: Desk,
    request: Request,
    text: str,
    *,
    decision_id: str | None = None,
    release: InForce | None = None,
) -> WhyNotView:
    """`text`: a SKU, or a part of a product's name. A decision that is not of this customer and agent says nothing.
    `release`: another one than what is in force."""
    if release is None and desk.switches.find(Switch.SUGGESTIONS):
        return WhyNotView("switched_off")
    with desk.database.reading() as session:
        customer = find_customer(session, request.customer_id)
        if customer is None:
            return WhyNotView("no_customer")
        found = search_products(session, text.strip(), limit=MOST_CHOICES)
        if len(found) != 1:
            state = "several" if found else "unknown_product"
            return WhyNotView(state, choices=tuple(ProductChoice(row.sku, row.name) for row in found))
        dossier = open_dossier(session, customer, desk.clock.now())
        past = look_back(session, request, dossier)
        reading = read(desk, session, request, dossier, past)
        brief = judge_by(desk, release or desk.releases.current(), reading)
        logged = _find_logged(session, brief, found[0], decision_id)
        return _view(brief, found[0], _judge(desk, brief, found[0]), logged)


def _judge(desk: Desk, brief: Brief, product: ProductRow) -> WhyNot:
    found = why_not(product.sku, weigh(brief), brief.ruling)
    return found or _judge_never(desk, brief, product)


def _judge_never(desk: Desk, brief: Brief, product: ProductRow) -> WhyNot:
    """Of what was no candidate: what would be in its way all the same, and why nothing led to it."""
    serving = desk.models.current()
    offering = probe(serving.model, brief.dossier, product, brief.offerings.currency) if serving else None
    candidate = _imagine(brief, product, offering)
    stopped = (
        candidate.owned or not candidate.active or (candidate.stock is not None and candidate.stock <= 0)
    )
    cause = None if stopped else _cause(serving.model if serving else None, product, offering)
    return why_never(candidate, cause, situation_of(brief), brief.ruling)


def _imagine(brief: Brief, product: ProductRow, offering: Offering | None) -> Candidate:
    if offering:
        candidate = as_pool([offering], brief)[0]
    else:
        candidate = Candidate(
            product.sku, "", 0.0, category=product.category, active=product.active, stock=product.stock
        )
    taken = {one.subject for one in brief.past.restraints if one.kind == EffectKind.OWNED}
    has = product.sku in taken or any(one.product_id == product.sku for one in owned(brief.dossier))
    return candidate._replace(owned=has)


def _cause(model: SalesModel | None, product: ProductRow, offering: Offering | None) -> Removal:
    if model is None:
        return _never("no_model", product)
    if offering:
        return Removal(
            Stage.CANDIDATES, "outranked", product.sku, f"after {ASKED}", f"place {ASKED} or better"
        )
    return _never("no_opinion" if product.sku in model.parts.code else "not_in_model", product)


def _never(code: str, product: ProductRow) -> Removal:
    return Removal(Stage.CANDIDATES, code, product.sku, "nothing", "a purchase that leads to it")


def _find_logged(
    session: Session, brief: Brief, product: ProductRow, decision_id: str | None
) -> LoggedView | None:
    decision = session.get(Decision, decision_id) if decision_id else None
    mine = decision and (decision.agent_id, decision.context) == (
        brief.request.agent_id,
        brief.request.context,
    )
    if decision is None or not mine or decision.customer_id not in brief.dossier.customer_ids:
        return None
    shown = list_suggestions(session, decision.id)
    position = next((row.position for row in shown if row.shown["sku"] == product.sku), None)
    removed = [one for one in decision.removed if one["product"] == product.sku]
    if position is None and not removed:
        return None
    return LoggedView(decision.decided_at, position, _view_removed(decision, brief, removed))


def _view_removed(
    decision: Decision, brief: Brief, removed: Sequence[Mapping[str, Any]]
) -> tuple[ObstacleView, ...]:
    same = decision.release == brief.release.digest
    rules = brief.release.catalogue.rules if same else ()
    return tuple(view_logged(one, rules, brief.request.language) for one in removed)


def _view(brief: Brief, product: ProductRow, found: WhyNot, logged: LoggedView | None) -> WhyNotView:
    currency = brief.offerings.currency
    obstacles = tuple(view_obstacle(each, brief.request.language) for each in found.obstacles)
    if logged and _cause_of(logged.obstacles) == _cause_of(obstacles):
        logged = None
    return WhyNotView(
        "not_offered" if found.obstacles else "offered",
        product=ProductChoice(product.sku, product.name),
        obstacles=obstacles,
        position=found.position,
        place=found.place,
        worth=_price(found.worth, currency),
        last=_price(found.last, currency),
        logged=logged,
    )


def _cause_of(obstacles: Sequence[ObstacleView]) -> tuple[str, ...]:
    return next(((one.code, one.rule, one.clause, one.actual) for one in obstacles), ())


def _price(worth: Worth | None, currency: str | None) -> Price | None:
    return Price(Decimal(f"{worth.expected:.2f}"), currency) if worth and currency else None
