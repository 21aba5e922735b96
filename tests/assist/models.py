"""A small model of a phone shop: who has a phone buys a case, a glass and a charger as well."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

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


def add_version(
    desk: Desk,
    model: Path,
    version: str,
    *,
    promoted: bool = True,
    verdict: str = "",
    figures: Mapping[str, Any] | None = None,
) -> None:
    shutil.copytree(model, desk.config.models_dir / version)
    now = desk.clock.now()
    with desk.database.writing() as session:
        session.add(
            ModelVersion(
                version=version,
                trained_at=now,
                promoted_at=now if promoted else None,
                verdict=verdict,
                figures=dict(figures or {}),
            )
        )


def figure(mean: float, spread: float = 0.01) -> dict[str, float]:
    return {"mean": mean, "low": mean - spread, "high": mean + spread}


def method(mean: float, spread: float = 0.01, *, lead: float | None = None) -> dict[str, Any]:
    """As a report has it; `lead` is how much better what answers is."""
    shares = {"ndcg@10": 1.0, "recall@10": 0.5, "hit@10": 1.8, "hit@3": 1.2, "hit@1": 0.8}
    found: dict[str, Any] = {name: figure(share * mean, spread) for name, share in shares.items()}
    if lead is not None:
        found["lead"] = {name: figure(share * lead, spread) for name, share in shares.items()}
    return found


def report(**more: Any) -> dict[str, Any]:
    """The figures of a version that was measured thoroughly, in numbers made up for the purpose."""
    return {
        "lines": 310_083,
        "customers": 3_944,
        "products": 3_604,
        "notes": ["upsell: on 120 past cases no combination was better than 'moved up most' alone."],
        "settings": {"itemitem": {"fit_half_life": 120.0, "neighbours": 200}, "als": {"factors": 64}},
        "search_space": {
            "itemitem": {"fit_half_life": [None, 60.0, 240.0, 120.0], "tried": 9, "of": 12},
            "upsell": {"ridge": [0.1, 0.01], "tried": 2, "of": 2},
        },
        "looked_back": {
            "lines": 310_083,
            "of_lines": 310_083,
            "windows": 5,
            "of_windows": 8,
            "budget": 90.0,
        },
        "cost": {"cpu_seconds": 93.5, "wall_seconds": 61.25, "peak_memory": 734_003_200},
        "quality": {
            "cross_sell": {
                "windows": [
                    {"from": "2025-11-01", "days": 28, "cases": 310},
                    {"from": "2025-10-04", "days": 28},
                ],
                "cases": 1_617,
                "customers": 431,
                "methods": {
                    "ranker": method(0.16),
                    "blend": method(0.14, lead=0.02),
                    "als": method(0.11, 0.02, lead=0.05),
                    "sold in 21 days": method(0.08, lead=0.08),
                    "sold ever": method(0.05, lead=0.11),
                    "first bought in 7 days": {"ndcg@10": figure(0.06)},
                },
                "chosen": "ranker",
                "popularity": "sold in 21 days",
                "coverage": 0.26,
                "products": 3_420,
                "segments": {
                    "1-2": {"cases": 120, "ndcg@10": figure(0.12, 0.04)},
                    "3-9": {"cases": 1_300, "ndcg@10": figure(0.15, 0.02)},
                    "10+": {"cases": 190, "ndcg@10": figure(0.19, 0.03)},
                    "new": {"cases": 7},
                },
            },
            "next_basket": {"windows": [{"from": "2025-11-01", "days": 28, "cases": 6}], "cases": 6},
            "upsell": {
                "cases": 120,
                "methods": {"moved up most": method(0.52, 0.06), "sold ever": method(0.5, 0.06, lead=0.02)},
                "chosen": "moved up most",
                "popularity": "sold ever",
            },
            "popular": {
                "cases": 88,
                "methods": {"sold in 21 days": method(0.2), "sold ever": method(0.15, lead=0.05)},
                "chosen": "sold in 21 days",
                "popularity": "sold ever",
                "segments": {"new": {"cases": 88, "ndcg@10": figure(0.2)}},
            },
        },
        "verdict": {"cause": "first", "against": None, "differences": {}},
    } | more


def difference(mean: float, spread: float = 0.01, cases: int = 610) -> dict[str, float]:
    return {"cases": cases, "mean": mean, "low": mean - spread, "high": mean + spread}


@dataclass(frozen=True, slots=True)
class Stopped:
    """A clock that always says the same."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float, /) -> None:
        """No time passes."""


def add_two_versions(desk: Desk, model: Path) -> None:
    """One that served, and one that took over an hour ago; the third was worse."""
    old, new, worse = "20260101-040000-1a2b", "20260201-040000-3c4d", "20260301-040000-5e6f"

    def at(ago: timedelta) -> Desk:
        return replace(desk, clock=Stopped(desk.clock.now() - ago))

    before = report(settings={"itemitem": {"fit_half_life": 60.0, "neighbours": 200}, "als": {"factors": 64}})
    add_version(at(timedelta(days=31)), model, old, figures=before | {"notes": []})
    differences = {
        "cross_sell": difference(0.031),
        "next_basket": difference(0.004, 0.009),
        "popular": difference(-0.002, 0.012, 88),
        "upsell": difference(0.0, 0.02, 120),
    }
    after = report(
        verdict={"cause": "not_worse", "against": old, "differences": differences},
        changes={"new": {"count": 3, "some": ["LAMP", "MUG", "PEN"]}, "gone": {"count": 0, "some": []}},
    )
    add_version(at(timedelta(hours=1)), model, new, figures=after)
    verdict = {"cause": "worse", "against": new, "differences": {"cross_sell": difference(-0.05)}}
    add_version(desk, model, worse, promoted=False, figures=report(verdict=verdict))
