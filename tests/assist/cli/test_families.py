"""Derived families at the command line, on a mirror filled by hand."""

import json
from collections.abc import Mapping
from decimal import Decimal

import pytest
from click.testing import Result

from assist.services.desk import Desk
from assist.services.sync import sync
from crm_adapters.model import Money, Product
from tests.assist.cli.conftest import Run
from tests.assist.crms import connect


@pytest.fixture
def on_desk(run: Run, desk: Desk) -> Run:
    """Two lines of storage, and a lamp."""
    where = {"ASSIST_DATA_DIR": str(desk.config.data_dir), "ASSIST_DATABASE_URL": desk.config.database_url}
    names = [f"{line} {size} GB" for line in ("Card", "Disk") for size in (64, 128, 256, 512, 1024, 2048)]
    world = connect(desk)
    for number, name in enumerate((*names, "Lamp"), 20):
        world.put(Product(name, name, name, prices=(Money(Decimal(number), "EUR"),)))
    sync(desk, "shop")

    def run_there(*arguments: str, expect: int = 0, env: Mapping[str, str] | None = None) -> Result:
        return run("model", "families", *arguments, expect=expect, env=where)

    return run_there


def states(on_desk: Run) -> dict[str, str]:
    return {one["name"]: one["state"] for one in json.loads(on_desk("list", "--json").stdout)}


def test_families_are_listed_with_their_products_and_the_reason(on_desk: Run) -> None:
    assert json.loads(on_desk("list", "--json").stdout) == []
    text = on_desk("list", "--anew").output
    assert "Card 1024 GB · Card 128 GB · Card 2048 GB · Card 256 GB and 2 more" in text
    assert "prices from 20.00 to 25.00" in text
    assert "Lamp" not in text


def test_one_is_approved_and_the_rest_rejected(on_desk: Run) -> None:
    found = json.loads(on_desk("list", "--anew", "--json").stdout)
    card = next(one["id"] for one in found if one["name"] == "Card")
    assert "Approved Card" in on_desk("approve", str(card)).output
    assert json.loads(on_desk("reject", "--all", "--json").stdout)[0]["name"] == "Disk"
    assert states(on_desk) == {"Card": "approved", "Disk": "rejected"}
    assert "Disk" not in on_desk("list", "--state", "approved").output


def test_what_cannot_be_done_is_said_in_a_sentence(on_desk: Run) -> None:
    assert "no derived family 7" in on_desk("approve", "7", expect=1).stderr
    assert "--all" in on_desk("approve", expect=2).stderr
    assert "--all" in on_desk("approve", "7", "--all", expect=2).stderr
