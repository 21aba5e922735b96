import csv
from pathlib import Path

import numpy as np
import pytest

from recommender.base import Task
from recommender.batch import Wanted, evaluate_purchases, recommend_purchases
from recommender.catalogue import Catalogue
from recommender.evaluate import gate
from recommender.interactions import from_purchases
from recommender.measures import bootstrap
from recommender.model import SalesModel
from recommender.purchases import read_purchases
from recommender.testing import checkerboard, replace_line


@pytest.fixture
def purchases(tmp_path: Path) -> Path:
    path = tmp_path / "sales.csv"
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("customer_id", "order_id", "ts", "product_id", "quantity", "unit_price"))
        writer.writerows((*line[:2], line.at, *line[3:]) for line in checkerboard())
    return path


@pytest.fixture
def products(tmp_path: Path) -> Path:
    path = tmp_path / "products.csv"
    rows = [f"product {place},{10 + place},{'even' if place % 2 == 0 else 'odd'}" for place in range(20)]
    path.write_text("\n".join(("product_id,list_price,family", *rows)))
    return path


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_customer_is_recommended_for(purchases: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    written = recommend_purchases(purchases, None, Task.CROSS_SELL, out=out, k=1)
    rows = read(out)
    assert (written.customers, written.rows) == (20, 20)
    assert {row["customer_id"].removeprefix("customer ") for row in rows} == {
        row["product_id"].removeprefix("product ") for row in rows
    }


def test_only_named_customers_are_recommended_for(purchases: Path, tmp_path: Path) -> None:
    names = tmp_path / "customers.csv"
    names.write_text("customer_id\ncustomer 3\nnobody\n")
    out = tmp_path / "out.csv"
    wanted = Wanted(customers=names)
    recommend_purchases(purchases, None, Task.NEXT_BASKET, out=out, wanted=wanted, k=3)
    assert [row["customer_id"] for row in read(out)] == ["customer 3"] * 3 + ["nobody"] * 3


def test_upsell_starts_from_the_anchors_asked_for(purchases: Path, products: Path, tmp_path: Path) -> None:
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("customer_id,anchor_id\ncustomer 4,product 2\ncustomer 4,unknown\n")
    out = tmp_path / "out.csv"
    wanted = Wanted(pairs=pairs)
    written = recommend_purchases(purchases, products, Task.UPSELL, out=out, wanted=wanted)
    assert read(out)[0] == {
        "customer_id": "customer 4",
        "anchor_id": "product 2",
        "product_id": "product 4",
        "rank": "1",
        "score": read(out)[0]["score"],
    }
    assert written.without_list == 1


def test_families_come_from_names_where_no_product_has_one(purchases: Path, tmp_path: Path) -> None:
    products, out = tmp_path / "products.csv", tmp_path / "out.csv"
    lines, sizes = ("Atlas", "Breeze", "Cirrus", "Delta", "Echo"), (32, 64, 128, 256)
    rows = [
        f"product {place},{lines[place // 4]} phone {sizes[place % 4]} GB,{100 * (1 + place % 4)}"
        for place in range(20)
    ]
    products.write_text("\n".join(("product_id,product_name,list_price", *rows)))
    written = recommend_purchases(purchases, products, Task.UPSELL, out=out, k=3)
    assert any("came from their names" in note for note in written.notes)
    steps = [(int(row["anchor_id"].split()[1]), int(row["product_id"].split()[1])) for row in read(out)]
    assert steps
    assert all(anchor % 4 < product % 4 for anchor, product in steps)
    said = evaluate_purchases(purchases, products, Task.UPSELL, test_days=3).notes
    assert any("came from their names" in note for note in said)


def test_evaluation_stands_beside_its_baselines(purchases: Path) -> None:
    report = evaluate_purchases(purchases, None, Task.CROSS_SELL, test_days=5, k=5)
    assert report.model is not None
    assert report.popular is not None
    assert report.cases > 0
    assert report.model.ndcg.mean > report.popular.ndcg.mean
    assert report.model.ndcg.low <= report.model.ndcg.mean <= report.model.ndcg.high
    assert report.model.hit_first.mean <= report.model.hit_three.mean <= report.model.hit.mean
    assert report.model.lead is None
    assert report.popular.lead is not None
    assert report.popular.lead.mean == pytest.approx(report.model.ndcg.mean - report.popular.ndcg.mean)
    assert report.popular.lead.low > 0


def test_no_purchase_in_the_window_is_said(purchases: Path) -> None:
    report = evaluate_purchases(purchases, None, Task.UPSELL, test_days=5)
    assert report.model is None
    assert any("No case" in note for note in report.notes)


def test_a_worse_model_is_not_promoted(purchases: Path) -> None:
    data = read_purchases(purchases)
    good = SalesModel.train(data.before(data.end - 4), Catalogue())
    odd = from_purchases(
        replace_line(line, product_id=f"product {(7 * place) % 20}")
        for place, line in enumerate(checkerboard())
    )
    bad = SalesModel.train(odd, Catalogue())
    assert gate(good, good, data, test_days=5).promoted
    kept_back = gate(good, bad, data, test_days=5)
    assert not kept_back.promoted
    assert kept_back.cause == "worse"
    assert kept_back.differences["cross_sell"].high < 0
    assert "cross_sell -" in kept_back.reason
    assert gate(bad, good, data, test_days=5).promoted


def test_an_interval_is_the_same_every_time() -> None:
    values = np.random.default_rng(3).random(50)
    assert bootstrap(values) == bootstrap(values)
