"""Training the recommender on the mirror, and deciding whether the new model may serve."""

import secrets
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from assist.models.training import ModelVersion
from assist.services.desk import Desk
from assist.store.training import SoldProduct, list_products, stream_sold_lines
from recommender.catalogue import Catalogue, CatalogueItem
from recommender.evaluate import Verdict, challenge
from recommender.interactions import Interactions, Purchase, from_purchases
from recommender.model import SalesModel

Progress = Callable[[str, float], None]


LEAST_LINES = 0.5
"""A model trained on less than this part of what the serving one saw is kept, not promoted: more likely the
purchases are missing than gone."""


@dataclass(frozen=True, slots=True)
class Trained:
    version: str
    promoted: bool
    verdict: str
    """One sentence, with the figures it rests on."""
    figures: dict[str, Any]
    notes: tuple[str, ...]
    """What the model fell back to, and why."""


class UnknownVersion(LookupError):  # noqa: N818 - named for what it says
    """No model has this version; the message says how to list them."""


def train(desk: Desk, *, seed: int = 0, progress: Progress | None = None) -> Trained:
    """Fit on the whole mirror, keep the artifact, and promote it unless it is worse than the serving one."""
    with desk.database.reading() as session:
        data = read_interactions(session)
        catalogue = read_catalogue(session)
    model = SalesModel.train(data, catalogue, seed=seed, progress=progress)
    verdict = _judge(desk, model, data, catalogue)
    version = f"{desk.clock.now():%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    model.save(desk.config.models_dir / version)
    figures = {**model.report, "lines": len(data), "products": len(data.products), "notes": model.notes}
    if verdict.difference:
        figures["against_serving"] = asdict(verdict.difference)
    _keep(desk, version, verdict, figures)
    desk.models.look_again()
    return Trained(version, verdict.promoted, verdict.reason, figures, model.notes)


def promote(desk: Desk, version: str) -> None:
    """Let a version serve again, or one that the gate kept back. Raises UnknownVersion."""
    with desk.database.writing() as session:
        row = session.get(ModelVersion, version)
        if row is None:
            raise UnknownVersion(f"There is no model {version}; list them with: assist model list")
        row.promoted_at = desk.clock.now()
    desk.models.look_again()


def _judge(desk: Desk, fresh: SalesModel, data: Interactions, catalogue: Catalogue) -> Verdict:
    serving = desk.models.current()
    if serving is None:
        return Verdict(promoted=True, reason="The first model: it serves.")
    before = _lines_of(desk, serving.version)
    if before and len(data) < LEAST_LINES * before:
        return Verdict(
            promoted=False,
            reason=f"Kept, not promoted: {len(data):,} purchases, where the serving model saw {before:,}. "
            "Check the syncs; if it is right, run: assist model promote VERSION",
        )
    verdict = challenge(serving.model, fresh, data, catalogue)
    fate = "Promoted" if verdict.promoted else "Kept, not promoted"
    return replace(verdict, reason=f"{fate}: {verdict.reason}.")


def _lines_of(desk: Desk, version: str) -> int | None:
    with desk.database.reading() as session:
        row = session.get(ModelVersion, version)
    return row.figures.get("lines") if row else None


def _keep(desk: Desk, version: str, verdict: Verdict, figures: dict[str, Any]) -> None:
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


def read_interactions(session: Session) -> Interactions:
    """Every sold line of the mirror; products are named by SKU, returns are left out and counted."""
    return from_purchases(
        Purchase(line.customer, line.order, line.at, line.sku, float(line.quantity), _float(line.unit_price))
        for line in stream_sold_lines(session)
    )


def read_catalogue(session: Session) -> Catalogue:
    products = list_products(session)
    currency = _main_currency(products)
    return Catalogue(_item(product, currency) for product in products)


def _item(product: SoldProduct, currency: str | None) -> CatalogueItem:
    amount = product.prices.get(currency or "")
    return CatalogueItem(
        product_id=product.sku,
        name=product.name,
        price=float(amount) if amount else None,
        family=product.family,
        category=product.category,
        active=product.active,
    )


def _main_currency(products: Iterable[SoldProduct]) -> str | None:
    """The currency most products have a price in: prices are only compared within one."""
    counts = Counter(currency for product in products for currency in product.prices)
    return min(counts, key=lambda currency: (-counts[currency], currency)) if counts else None


def _float(amount: Any) -> float | None:
    return None if amount is None else float(amount)
