import json

import pytest

from tests.assist.cli.conftest import Run
from tests.assist.processes.shop import Shop


def test_a_backtest_tells_tiers_with_their_numbers(run: Run, shop: Shop) -> None:
    found = json.loads(run("icp", "backtest", "--days", "365", "--json", env=shop.environment).stdout)
    assert [tier["label"] for tier in found["tiers"]] == ["A", "B", "C", "D", "?"]
    assert sum(tier["customers"] for tier in found["tiers"]) == found["customers"] > 0
    assert sum(tier["buyers"] for tier in found["tiers"]) == found["buyers"] > 0
    assert all(tier["interval"] for tier in found["tiers"] if tier["customers"])


def test_a_person_reads_what_it_rests_on(run: Run, shop: Shop) -> None:
    output = run("icp", "backtest", "--days", "365", env=shop.environment).output
    assert output.startswith("Rated as of ")
    assert "\nAUC " in output
    assert "share (95 %)" in output
    assert "Not compared" in output


def test_a_shop_without_customers_has_nothing_to_tell(run: Run) -> None:
    run("db", "upgrade")
    output = run("icp", "backtest").output
    assert "0 customers, of whom 0 bought." in output
    assert "AUC unknown" in output


@pytest.mark.parametrize("days", ["0", "-3", "99999", "soon"])
def test_days_that_are_none_are_refused(run: Run, days: str) -> None:
    run("icp", "backtest", "--days", days, expect=2)


def test_a_release_that_does_not_exist_is_named(run: Run) -> None:
    run("db", "upgrade")
    assert "cafe" in run("icp", "backtest", "--release", "cafe", expect=1).stderr
