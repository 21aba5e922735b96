"""A small model of a phone shop: who has a phone buys a case, a glass and a charger as well."""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from assist.models.training import ModelVersion
from assist.services.desk import Desk
from crm_adapters.model import Product
from recommender.catalogue import Catalogue, CatalogueItem
from recommender.interactions import Purchase, from_purchases
from recommender.model import SalesModel
from tests.assist.crms import product

START = datetime(2025, 10, 1, tzinfo=UTC)
SHELF: tuple[Product, ...] = (
    product("PHONE-1", price="300", family="phone", category="phones"),
    product("KETTLE", price="30", category="kettles"),
    product("CASE", price="20", category="cases"),
    product("CASE-2", price="60", category="cases"),
    product("GLASS", price="15", category="glass"),
    product("CHARGER", price="25", category="chargers"),
)


def train_small(directory: Path) -> Path:
    """Where the model is kept."""
    items = [
        CatalogueItem(one.sku, one.name, float(one.prices[0].amount), one.family, one.category, active=True)
        for one in SHELF
    ]
    SalesModel.train(from_purchases(_purchases()), Catalogue(items)).save(directory / "model")
    return directory / "model"


def _purchases() -> list[Purchase]:
    """Two thirds of the customers only ever buy a kettle: that cases go with phones can be counted."""
    bought = [_bought(f"k{number}", number, ["KETTLE"]) for number in range(120)]
    for number in range(60):
        extras = ("CASE", "GLASS", "CHARGER", "CASE-2")
        some = [sku for turn, sku in enumerate(extras) if (number + turn) % 2]
        bought.append(_bought(f"p{number}", number, ["PHONE-1", *some]))
    return [purchase for basket in bought for purchase in basket]


def _bought(customer: str, day: int, skus: list[str]) -> list[Purchase]:
    """One a day, from that day on."""
    return [
        Purchase(customer, f"{customer}-{sku}", START + timedelta(days=day + place), sku, 1.0, 20.0)
        for place, sku in enumerate(skus)
    ]


def add_version(desk: Desk, model: Path, version: str, *, promoted: bool = True) -> None:
    shutil.copytree(model, desk.config.models_dir / version)
    now = desk.clock.now()
    with desk.database.writing() as session:
        session.add(
            ModelVersion(
                version=version,
                trained_at=now,
                promoted_at=now if promoted else None,
                verdict="",
                figures={},
            )
        )
