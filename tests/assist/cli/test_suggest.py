import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from click.testing import Result

from tests.assist.cli.conftest import Run
from tests.assist.processes.shop import Shop

Suggest = Callable[..., Result]


@pytest.fixture
def suggest(run: Run, shop: Shop) -> Suggest:
    def ask(*arguments: str, expect: int = 0) -> Result:
        return run("suggest", *arguments, expect=expect, env=shop.environment)

    return ask


def read(result: Result) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(result.stdout)
    return document


@pytest.mark.parametrize(
    "key", [("--email", "Ana.Ruiz@example.com"), ("--phone", "+34 600 000 001"), ("--ref", "C-0001")]
)
def test_a_customer_is_found_by_any_key(suggest: Suggest, key: tuple[str, str]) -> None:
    answer = read(suggest(*key, "--json"))
    assert answer["card"]["header"]["name"] == "Ana Ruiz"
    assert 1 <= len(answer["suggestions"]) <= 3


def test_each_suggestion_has_a_price_a_reason_and_a_sentence(suggest: Suggest) -> None:
    for one in read(suggest("--email", "ana.ruiz@example.com", "--json"))["suggestions"]:
        assert one["kind"] in {"cross_sell", "upsell", "replenish"}
        assert one["price"]["currency"]
        assert one["talk_track"]
        assert one["evidence"] or one["popular"] or one["because"]


def test_a_person_reads_who_it_is_and_what_to_offer(suggest: Suggest) -> None:
    output = suggest("--email", "ana.ruiz@example.com").output
    assert output.startswith("Ana Ruiz · es-ES")
    assert "1. " in output


def test_two_customers_with_one_e_mail_are_for_a_person_to_choose_from(suggest: Suggest) -> None:
    output = suggest("--email", "familia.mendoza@example.com").output
    assert "Carlos Mendoza" in output
    assert "Sofía Mendoza" in output
    assert "Nothing to offer." in output


def test_nobody_is_said_to_be_nobody(suggest: Suggest) -> None:
    assert suggest("--email", "nobody@example.com").output.startswith("Nobody has that key.")


def test_an_objection_is_respected(suggest: Suggest) -> None:
    assert read(suggest("--ref", "C-0004", "--json"))["suggestions"] == []


def test_a_history_without_a_customer_is_answered_from_its_products(suggest: Suggest, shop: Shop) -> None:
    with closing(sqlite3.connect(shop.folder / "assist.sqlite")) as database:
        phones = "SELECT sku FROM product WHERE category = 'phones' AND active ORDER BY sku"
        skus = [sku for (sku,) in database.execute(phones)]
    answer = read(suggest("--history", skus[0], "--basket", skus[1], "--json"))
    assert answer["card"] is None
    assert answer["suggestions"]
    assert not {skus[0], skus[1]} & {one["sku"] for one in answer["suggestions"]}


def test_an_unknown_sku_is_named(suggest: Suggest) -> None:
    assert suggest("--history", "NOPE-1", expect=1).stderr == "Error: No product has the SKU NOPE-1.\n"


def test_an_unknown_sku_in_a_known_customers_basket_is_named(suggest: Suggest) -> None:
    result = suggest("--ref", "C-0001", "--basket", "NOPE-1", expect=1)
    assert "NOPE-1" in result.stderr


@pytest.mark.parametrize("keys", [[], ["--email", "a@example.com", "--ref", "C-1"]])
def test_one_key_is_asked_for(suggest: Suggest, keys: list[str]) -> None:
    assert "Give one of --email, --phone, --ref or --history." in suggest(*keys, expect=2).stderr


def test_nothing_is_stored(suggest: Suggest, shop: Shop) -> None:
    suggest("--ref", "C-0001")
    with closing(sqlite3.connect(shop.folder / "assist.sqlite")) as database:
        assert database.execute("SELECT count(*) FROM decision").fetchone() == (0,)
