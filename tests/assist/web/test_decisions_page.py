"""The decision log as people search it."""

import re
from datetime import timedelta

import pytest
from flask import Flask

from assist.models.account import Role
from assist.models.decision import Decision
from assist.models.mirror import Product
from assist.services.desk import Desk
from assist.store.decision_log import PAGE, DecisionFilter, search_decisions
from tests.assist.scenes import add_agent, find_id, suggest
from tests.assist.web.shops import open_shop
from tests.assist.web.visitors import Visitor, arrive

REMOVED = {
    "stage": "stock",
    "rule": "out_of_stock",
    "clause": "",
    "product": "CABLE",
    "actual": "0",
    "wanted": "more than 0",
}


@pytest.fixture
def lead(app: Flask, desk: Desk) -> Visitor:
    shop = open_shop(desk)
    with desk.database.writing() as session:
        session.add(Product(connection_id=shop.id, ref="CASE", digest="", sku="CASE", name="A <case>"))
    return arrive(app, desk, Role.LEAD)


def silent(desk: Desk, *, number: int = 0, minutes: int = 0, cause: str = "nothing_fits") -> None:
    with desk.database.writing() as session:
        row = Decision(id=f"d{number:04}", customer_id=find_id(desk, "C1"), agent_id=1, context="c")
        row.decided_at = desk.clock.now() - timedelta(minutes=minutes)
        row.silence, row.removed, row.persona = cause, [REMOVED], "small_company"
        session.add(row)


def test_what_was_suggested_and_why_nothing_was(lead: Visitor, desk: Desk) -> None:
    suggest(desk, "C1", "CASE", agent_id=add_agent(desk))
    silent(desk)
    page = lead.get("/decisions").text
    assert "A &lt;case&gt;" in page
    assert "Ana &lt;Ruiz&gt;" in page
    assert "Nothing worth offering" in page
    assert "It is out of stock." in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("sku=CASE", "A &lt;case&gt;"),
        ("silence=gate", "No decision found"),
        ("silence=nothing_fits", "d0000"),
        ("persona=small_company", "d0000"),
        ("day=2026-03-02", "d0000"),
        ("day=2026-03-01", "No decision found"),
        ("day=never&before=x|y", "d0000"),
        ("sku=%00", "d0000"),
    ],
)
def test_it_is_searched(lead: Visitor, desk: Desk, query: str, found: str) -> None:
    suggest(desk, "C1", "CASE", agent_id=add_agent(desk))
    silent(desk)
    assert found in lead.get(f"/decisions?{query}").text


def test_every_decision_is_on_one_page_and_no_other(lead: Visitor, desk: Desk) -> None:
    for number in range(2 * PAGE + 3):
        silent(desk, number=number, minutes=number // 7)
    seen: list[str] = []
    path = "/decisions"
    while path:
        page = lead.get(path).text
        seen += re.findall(r"<code>(d\d{4})</code>", page)
        found = re.search(r'href="(/decisions\?before=[^"]+)"', page)
        path = found[1].replace("&amp;", "&") if found else ""
    assert len(seen) == len(set(seen)) == 2 * PAGE + 3
    with desk.database.reading() as session:
        rows, _ = search_decisions(session, DecisionFilter())
    assert [decision.id for decision, _ in rows] == seen[:PAGE]


def test_whoever_may_not_look_customers_up_reads_numbers(app: Flask, desk: Desk, lead: Visitor) -> None:
    silent(desk)
    page = arrive(app, desk, Role.AUDITOR).get("/decisions").text
    assert f"Customer {find_id(desk, 'C1')}" in page
    assert "Ruiz" not in page
