"""Learned pairs at the command line, on a mirror filled by hand."""

import json
from collections.abc import Mapping

import pytest
from click.testing import Result

from assist.services.desk import Desk
from tests.assist.cli.conftest import Run
from tests.assist.crms import connect, product
from tests.assist.services.test_pairs import sell


@pytest.fixture
def on_desk(run: Run, desk: Desk) -> Run:
    where = {"ASSIST_DATA_DIR": str(desk.config.data_dir), "ASSIST_DATABASE_URL": desk.config.database_url}
    shop = connect(desk)
    shop.put(*(product(sku) for sku in ("TENT", "PEGS", "CUP", "MUG", "LAMP")))
    sell(desk, shop, "a", *[("TENT", "PEGS")] * 10, *[("CUP", "MUG")] * 12, *[("LAMP",)] * 60)

    def run_there(*arguments: str, expect: int = 0, env: Mapping[str, str] | None = None) -> Result:
        return run("pairs", *arguments, expect=expect, env=where)

    return run_there


def test_pairs_are_listed_with_the_orders_they_were_found_in(on_desk: Run) -> None:
    assert json.loads(on_desk("list", "--json").stdout) == []
    text = on_desk("list", "--anew").output
    assert "Product PEGS  Product TENT  10 of 10        100% (72% to 100%)  8.2" in text
    assert json.loads(on_desk("list", "--json").stdout)[0]["pair"]["together"] == 10


def test_one_is_approved_and_the_rest_rejected(on_desk: Run) -> None:
    found = json.loads(on_desk("list", "--anew", "--json").stdout)
    tent = next(one["id"] for one in found if one["product_name"] == "Product TENT")
    assert "Approved: Product TENT with Product PEGS" in on_desk("approve", str(tent)).output
    assert [one["product_name"] for one in json.loads(on_desk("reject", "--all", "--json").stdout)] == [
        "Product MUG"
    ]
    assert "Product MUG" not in on_desk("list", "--state", "approved").output


def test_what_cannot_be_done_is_said_in_a_sentence(on_desk: Run) -> None:
    assert "no learned pair 7" in on_desk("approve", "7", expect=1).stderr
    assert "--all" in on_desk("approve", expect=2).stderr
    assert "--all" in on_desk("approve", "7", "--all", expect=2).stderr
