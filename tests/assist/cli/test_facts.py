import json
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from click.testing import Result

from personas.facts import FACTS
from tests.assist.cli.conftest import Run
from tests.assist.processes.shop import Shop


@pytest.fixture
def counted(shop: Shop, tmp_path: Path) -> Shop:
    """A copy: others only read the shop."""
    return replace(shop, folder=copytree(shop.folder, tmp_path / "shop"))


def facts(result: Result) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in json.loads(result.stdout)["facts"]}


def test_before_they_are_counted_rates_are_unknown(run: Run) -> None:
    run("db", "upgrade")
    document = json.loads(run("facts", "list", "--json").stdout)
    assert (document["measured_at"], document["customers"]) == (None, None)
    assert [one["name"] for one in document["facts"]] == [fact.name for fact in FACTS]
    assert {one["rate"] for one in document["facts"]} == {None}
    output = run("facts", "list").output
    assert "Never counted; count anew with: assist facts refresh" in output
    assert "unknown" in output


def test_each_fact_tells_what_it_is(run: Run) -> None:
    run("db", "upgrade")
    found = facts(run("facts", "list", "--json"))
    assert found["order.median_gap_days"] == {
        "name": "order.median_gap_days",
        "type": "number",
        "unit": "days",
        "source": "orders",
        "freshness": "live",
        "sensitivity": "behaviour",
        "description": "Usual days between two orders",
        "known": None,
        "customers": None,
        "values": {},
        "rate": None,
    }


def test_nobody_has_no_rate(run: Run) -> None:
    run("db", "upgrade")
    assert "over 0 customers" in run("facts", "refresh").output
    assert facts(run("facts", "list", "--json"))["order.count"]["rate"] is None


def test_counting_gives_every_rate_with_its_number(run: Run, counted: Shop) -> None:
    customers = json.loads(run("facts", "refresh", "--json", env=counted.environment).stdout)["customers"]
    found = facts(run("facts", "list", "--json", env=counted.environment))
    assert found["order.count"]["rate"] == 1
    assert 0 < found["order.median_gap_days"]["known"] < customers
    assert sum(found["customer.lifecycle"]["values"].values()) == customers
    assert found["conversation.channel"]["known"] is None
    output = run("facts", "list", env=counted.environment).output
    assert f"100.0% of {customers:,}" in output
    assert "Counted 20" in output
