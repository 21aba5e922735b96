import csv
import json
import random
import re
import shutil
from datetime import date, timedelta
from pathlib import Path

import pytest

from assist.cli.duration import Duration
from tests.assist.cli.conftest import Run
from tests.assist.processes.shop import Shop

HEADER = "customer_id,order_id,ts,product_id,quantity,unit_price\n"


@pytest.fixture
def purchases(tmp_path: Path) -> Path:
    """Cases follow phones within the week; 80 customers over half a year."""
    chance = random.Random(7)
    rows = []
    for customer in range(80):
        day = date(2026, 1, 1) + timedelta(days=chance.randrange(170))
        phone = chance.choice("ABC")
        rows.append(f"c{customer},o{customer}a,{day},phone-{phone},1,500\n")
        rows.append(f"c{customer},o{customer}b,{day + timedelta(days=5)},case-{phone},1,20\n")
        rows.append(f"c{customer},o{customer}b,{day + timedelta(days=5)},cable,1,9\n")
    file = tmp_path / "purchases.csv"
    file.write_text(HEADER + "".join(rows))
    return file


def test_a_model_is_trained_and_listed(run: Run, shop: Shop) -> None:
    found = json.loads(run("model", "list", "--json", env=shop.environment).stdout)
    assert [one["serving"] for one in found] == [True]
    assert found[0]["version"] in run("model", "list", env=shop.environment).output


def test_the_serving_model_says_what_it_learned_from_and_who_let_it_serve(run: Run, shop: Shop) -> None:
    found = json.loads(run("model", "show", "--json", env=shop.environment).stdout)
    assert found["lines"] > found["customers"] > 100
    assert found["cost"]["cpu_seconds"] > 0
    assert found["promotions"][0]["by"] == "training"
    text = run("model", "show", found["version"], env=shop.environment).output
    assert f"{found['customers']:,} customers" in text
    assert "The first model: it serves." in text


def test_training_ends_with_what_it_cost_and_what_the_budget_left_out(
    run: Run, shop: Shop, tmp_path: Path
) -> None:
    shutil.copytree(shop.folder, tmp_path / "data")
    text = run("model", "train", "--budget", "0.001s").output
    assert re.search(r"Training took: CPU [\d,.]+ s, wall [\d,.]+ s, memory at most [\d,]+ MiB", text)
    assert "To keep to 0.001 seconds there was left out" in text
    assert not list((tmp_path / "data" / "unfinished").iterdir())


def test_training_without_purchases_is_refused_with_a_sentence(run: Run) -> None:
    run("db", "upgrade")
    result = run("model", "train", expect=1)
    assert result.stderr.startswith("Error: ")


def test_an_evaluation_stands_beside_popularity(run: Run, purchases: Path) -> None:
    arguments = ("model", "evaluate", "--purchases", str(purchases), "--task", "cross_sell")
    report = json.loads(run(*arguments, "--test-days", "42", "--json").stdout)
    assert {"model", "popular"} <= report.keys()
    told = run(*arguments).output.splitlines()
    assert told[1].split("  ")[0] == "(95 %)"
    assert [line.split("  ")[0] for line in told[2:8]] == [
        "NDCG@10",
        "recall@10",
        "hit@10",
        "hit@3",
        "hit@1",
        "model's NDCG less it",
    ]
    assert all(line.count(" to ") == 3 for line in told[2:7]), "every figure has its interval"
    assert told[7].count(" to ") == 2


def test_recommendations_are_written_ranked_from_one(run: Run, purchases: Path, tmp_path: Path) -> None:
    out, wanted = tmp_path / "out.csv", tmp_path / "wanted.csv"
    wanted.write_text("customer_id\nc1\nc2\n")
    files = ("--purchases", str(purchases), "--customers", str(wanted), "--out", str(out))
    run("model", "recommend", *files, "--kind", "next_basket", "-k", "3")
    with out.open(newline="") as text:
        rows = list(csv.DictReader(text))
    assert {row["customer_id"] for row in rows} <= {"c1", "c2"}
    assert [row["rank"] for row in rows if row["customer_id"] == "c1"] == ["1", "2", "3"]


def test_a_missing_column_is_named(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "purchases.csv"
    file.write_text("customer_id,order_id,ts,quantity\nc1,o1,2026-01-01,1\n")
    result = run("model", "evaluate", "--purchases", str(file), "--task", "cross_sell", expect=1)
    assert "product_id" in result.stderr


def test_an_empty_file_is_said_to_be_empty(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "purchases.csv"
    file.write_text(HEADER)
    result = run("model", "evaluate", "--purchases", str(file), "--task", "cross_sell", expect=1)
    assert result.stderr.startswith("Error: ")


def test_a_task_is_one_of_three(run: Run, purchases: Path) -> None:
    result = run("model", "evaluate", "--purchases", str(purchases), "--task", "resell", expect=2)
    assert "cross_sell" in result.stderr


@pytest.mark.parametrize("budget", ["10", "ten minutes", "-5m", "0s", "1d", "m"])
def test_a_budget_that_is_no_length_of_time_is_refused(run: Run, budget: str) -> None:
    result = run("model", "train", "--budget", budget, expect=2)
    assert "90s, 10m or 2h" in result.stderr


@pytest.mark.parametrize(("written", "seconds"), [("90s", 90), ("10m", 600), ("1.5h", 5400), (" 2H ", 7200)])
def test_a_length_of_time_is_read_as_seconds(written: str, seconds: float) -> None:
    assert Duration().convert(written, None, None) == seconds
