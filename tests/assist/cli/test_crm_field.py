from pathlib import Path

import pytest

from tests.assist.cli.conftest import Run


@pytest.fixture
def shop(run: Run, tmp_path: Path) -> None:
    run("db", "upgrade")
    path = tmp_path / "shop.sqlite"
    run("crm", "add", "shop", "--adapter", "sample", "--set", f"path={path}", "--set", "customers=13")
    run("crm", "sync", "shop")


def test_a_field_is_queued_for_the_crm(run: Run, shop: None) -> None:
    said = run("crm", "set-field", "shop", "C-0001", "company=Ruiz SL")
    assert "Entry 1 of the outbox" in said.output
    assert "Ruiz" not in said.output
    listed = run("outbox", "list").output
    assert "field" in listed
    assert "C-0001" in listed


def test_what_cannot_be_done_is_refused_in_words(run: Run, shop: None) -> None:
    assert (
        "cannot be written; there are"
        in run("crm", "set-field", "shop", "C-0001", "emails=x", expect=1).stderr
    )
    assert (
        "'company' is not NAME=VALUE" in run("crm", "set-field", "shop", "C-0001", "company", expect=2).stderr
    )
    assert "no such customer" in run("crm", "set-field", "shop", "C-9999", "company=x", expect=1).stderr


def test_files_take_no_fields(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "mapping.yaml").write_text(
        "currency: EUR\norder_lines:\n  file: lines.csv\n"
        "  columns: {order: order, customer: customer, date: date, product: sku, quantity: qty, unit_price: price}\n"
    )
    (folder / "lines.csv").write_text("order,customer,date,sku,qty,price\no1,c1,2026-01-05 10:00,P1,1,5.00\n")
    run("db", "upgrade")
    run("crm", "add", "files", "--adapter", "csvfiles", "--set", f"path={folder}")
    run("crm", "sync", "files")
    refused = run("crm", "set-field", "files", "c1", "company=x", expect=1)
    assert "csvfiles does not let us change customers" in refused.stderr
