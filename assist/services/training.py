"""Training the recommender on the mirror, and deciding whether the new model may serve."""

import secrets
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from assist.models.training import ModelVersion
from assist.services import audit, families, pairs
from assist.services.cost import Meter
from assist.services.desk import Desk
from assist.services.serving import Serving
from assist.services.versions import TRAINING, compare_products, entry_of, find_pointer
from assist.store.pairs import list_approved
from assist.store.relations import Link, list_links
from assist.store.training import SoldProduct, list_products, stream_sold_lines
from recommender.catalogue import Catalogue, CatalogueItem, Related
from recommender.checkpoints import fingerprint, open_checkpoints
from recommender.curated import add_linked
from recommender.effort import Progress, keep_quiet, within
from recommender.evaluate import Verdict, challenge
from recommender.interactions import Interactions, Purchase, from_purchases
from recommender.model import SalesModel

LEAST_LINES = 0.5
"""A model trained on less than this part of what the serving one saw is kept, not promoted: more likely the
purchases are missing than gone."""
LEARNED = "cross_sell"
"""The kind of relation that an approved pair is."""
FITTED = 0.8
"""Of the way; the rest is comparing with the serving model."""


@dataclass(frozen=True, slots=True)
class Trained:
    version: str
    promoted: bool
    verdict: str
    """One sentence, with the figures it rests on."""
    figures: dict[str, Any]
    notes: tuple[str, ...]
    """What the model fell back to, and why."""


@dataclass(frozen=True, slots=True)
class Judged:
    verdict: Verdict
    serving: Serving | None
    """What it was held against."""


def train(
    desk: Desk, *, seed: int = 0, budget: float | None = None, progress: Progress = keep_quiet
) -> Trained:
    """Fit on the whole mirror, keep the artifact, and promote it unless it is worse than the serving one. What an
    earlier one, on the same mirror, had done when it was killed is not done again.
    `budget`: seconds that looking back may take; None: as long as it takes."""
    meter = Meter()
    with desk.database.reading() as session:
        data, catalogue = read_shop(session)
    families.propose(desk, catalogue, data)
    pairs.propose(desk, catalogue, data)
    key = fingerprint(data, catalogue, seed, budget)
    with open_checkpoints(desk.config.unfinished_dir, key) as checkpoints:
        told = within(progress, 0.0, FITTED)
        model = SalesModel.train(
            data, catalogue, seed=seed, budget=budget, progress=told, checkpoints=checkpoints
        )
        seen = {"customers": len(data.customers), "cost": asdict(meter.read())}
        model = replace(model, report={**model.report, **seen})

        def compare(serving: Serving) -> Verdict:
            told, met = within(progress, FITTED, 1.0), checkpoints.scoped(serving.version)
            return challenge(serving.model, model, data, catalogue, progress=told, checkpoints=met)

        return keep(desk, model, judge(desk, len(data), compare), lines=len(data))


def keep(desk: Desk, model: SalesModel, judged: Judged, *, lines: int) -> Trained:
    """The artifact and its record; where the verdict is good, the model serves."""
    verdict = judged.verdict
    version = f"{desk.clock.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    model.save(desk.config.models_dir / version)
    figures = {
        **model.report,
        "lines": lines,
        "products": len(model.parts.products),
        "notes": list(model.notes),
        "verdict": {
            "cause": verdict.cause,
            "against": judged.serving.version if judged.serving else None,
            "differences": {task: asdict(one) for task, one in verdict.differences.items()},
        },
        "changes": _changes(judged.serving.model, model) if judged.serving else None,
    }
    _record(desk, version, verdict, figures)
    desk.models.look_again()
    return Trained(version, verdict.promoted, verdict.reason, figures, model.notes)


def judge(desk: Desk, lines: int, compare: Callable[[Serving], Verdict]) -> Judged:
    """Of a model trained on so many lines; `compare` holds it against the serving one, where there is one."""
    serving = desk.models.current()
    if serving is None:
        return Judged(_unopposed(desk), None)
    before = _lines_of(desk, serving.version)
    if before and lines < LEAST_LINES * before:
        reason = (
            f"Kept, not promoted: {lines:,} purchases, where the serving model saw {before:,}. "
            "Check the syncs; if it is right, run: assist model promote VERSION"
        )
        return Judged(Verdict(promoted=False, reason=reason, cause="fewer_lines"), serving)
    verdict = compare(serving)
    fate = "Promoted" if verdict.promoted else "Kept, not promoted"
    return Judged(replace(verdict, reason=f"{fate}: {verdict.reason}."), serving)


def _unopposed(desk: Desk) -> Verdict:
    with desk.database.reading() as session:
        before = find_pointer(session)
    if before is None:
        return Verdict(promoted=True, reason="The first model: it serves.", cause="first")
    reason = f"Promoted without a comparison: {before}, which was to serve, cannot be read."
    return Verdict(promoted=True, reason=reason, cause="unreadable")


def _changes(before: SalesModel, after: SalesModel) -> dict[str, Any]:
    new, gone = compare_products(before, after)
    return {"new": asdict(new), "gone": asdict(gone)}


def _lines_of(desk: Desk, version: str) -> int | None:
    with desk.database.reading() as session:
        row = session.get(ModelVersion, version)
    return row.figures.get("lines") if row else None


def _record(desk: Desk, version: str, verdict: Verdict, figures: dict[str, Any]) -> None:
    now = desk.clock.now()
    row = ModelVersion(
        version=version,
        trained_at=now,
        promoted_at=now if verdict.promoted else None,
        verdict=verdict.reason,
        figures=figures,
    )
    with desk.database.writing() as session:
        session.add(row)
        if verdict.promoted:
            entry = entry_of(version, "model.promoted")
            audit.record(session, entry, at=now, by=TRAINING, why=verdict.reason)


def read_shop(session: Session) -> tuple[Interactions, Catalogue]:
    """Products that nobody has bought yet are among those of the purchases where relations lead from or to them."""
    catalogue = read_catalogue(session)
    return add_linked(read_interactions(session), catalogue), catalogue


def read_interactions(session: Session) -> Interactions:
    """Every sold line of the mirror; products are named by SKU, returns are left out and counted."""
    return from_purchases(
        Purchase(line.customer, line.order, line.at, line.sku, float(line.quantity), _float(line.unit_price))
        for line in stream_sold_lines(session)
    )


def read_catalogue(session: Session) -> Catalogue:
    products = list_products(session)
    currency = _main_currency(products)
    links = list_links(session)
    for anchor, sku in list_approved(session):
        links[anchor].append(Link(sku, LEARNED))
    return Catalogue(_item(product, currency, links.get(product.sku, ())) for product in products)


def _item(product: SoldProduct, currency: str | None, links: Iterable[Link]) -> CatalogueItem:
    amount = product.prices.get(currency or "")
    return CatalogueItem(
        product_id=product.sku,
        name=product.name,
        price=float(amount) if amount else None,
        family=product.family,
        category=product.category,
        active=product.active,
        related=tuple(Related(link.sku, link.kind) for link in links),
    )


def _main_currency(products: Iterable[SoldProduct]) -> str | None:
    """The currency most products have a price in: prices are only compared within one."""
    counts = Counter(currency for product in products for currency in product.prices)
    return min(counts, key=lambda currency: (-counts[currency], currency)) if counts else None


def _float(amount: Any) -> float | None:
    return None if amount is None else float(amount)
