import json
from pathlib import Path

import pytest

from tests.assist.cli.conftest import Run

MAPPING = """
currency: EUR
order_lines:
  file: lines.csv
  columns: {order: order, customer: customer, date: date, product: sku, quantity: qty, unit_price: price}
"""
LINES = """order,customer,date,sku,qty,price
o1,c1,2026-01-05 10:00,P1,1,500.00
o1,c1,2026-01-05 10:00,P2,2,19.90
o2,c1,yesterday,P1,1,500.00
o3,c2,2026-01-07,P2,one,19.90
"""


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "mapping.yaml").write_text(MAPPING)
    (folder / "lines.csv").write_text(LINES)
    return folder


@pytest.fixture
def connected(run: Run, exports: Path) -> None:
    run("db", "upgrade")
    run("crm", "add", "shop", "--adapter", "csvfiles", "--set", f"path={exports}")


def test_the_adapters_are_listed(run: Run) -> None:
    assert {"csvfiles", "sample"} <= set(run("crm", "adapters").output.split())


def test_a_mistyped_adapter_is_answered_with_the_nearest(run: Run) -> None:
    run("db", "upgrade")
    result = run("crm", "add", "shop", "--adapter", "csvfile", "--set", "path=x", expect=1)
    assert "Did you mean csvfiles?" in result.stderr


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([], "path: Missing data"),
        (["path=x", "paht=y"], "paht: Unknown field"),
        (["path=x", "customers=many"], "customers: Not a valid integer"),
    ],
)
def test_a_setting_that_cannot_work_is_named_with_those_that_can(
    run: Run, pairs: list[str], said: str
) -> None:
    run("db", "upgrade")
    options = [part for pair in pairs for part in ("--set", pair)]
    result = run("crm", "add", "shop", "--adapter", "sample", *options, expect=1)
    assert said in result.stderr
    assert "settings it knows: busy_seconds, customers, note_language, path, seed, today" in result.stderr


def test_a_setting_is_a_pair(run: Run) -> None:
    result = run("crm", "add", "shop", "--adapter", "sample", "--set", "path", expect=2)
    assert "'path' is not KEY=VALUE" in result.stderr


def test_a_name_is_given_once(run: Run, connected: None, exports: Path) -> None:
    again = run("crm", "add", "shop", "--adapter", "csvfiles", "--set", f"path={exports}", expect=1)
    assert "There is a connection called shop already" in again.stderr


@pytest.mark.parametrize("verb", ["check", "sync"])
def test_a_connection_that_is_not_there_is_answered_with_those_that_are(
    run: Run, connected: None, verb: str
) -> None:
    assert "there are: shop" in run("crm", verb, "shopp", expect=1).stderr


def test_a_check_says_what_it_found(run: Run, connected: None, exports: Path) -> None:
    assert "ok  " in run("crm", "check", "shop").output
    (exports / "lines.csv").unlink()
    failing = run("crm", "check", "shop", "--json", expect=1)
    findings = json.loads(failing.stdout)["findings"]
    assert any("lines.csv" in finding["message"] for finding in findings if not finding["ok"])


def test_a_sync_tells_the_rows_it_left_out_by_line(run: Run, connected: None) -> None:
    result = run("crm", "sync", "shop")
    assert result.stdout.splitlines()[0].split("  ")[0] == "kind"
    assert {"products", "customers", "orders"} <= set(result.stdout.split())
    assert "lines.csv, line 4: " in result.stderr
    assert "lines.csv, line 5: " in result.stderr


def test_a_second_sync_changes_nothing(run: Run, connected: None) -> None:
    first = json.loads(run("crm", "sync", "shop", "--json").stdout)
    second = json.loads(run("crm", "sync", "shop", "--json").stdout)
    assert any(report["changed"] for report in first)
    assert not any(report["changed"] or report["deleted"] for report in second)


def test_a_folder_that_went_away_stops_a_sync_with_a_sentence(
    run: Run, connected: None, exports: Path
) -> None:
    exports.rename(exports.with_name("elsewhere"))
    result = run("crm", "sync", "shop", expect=1)
    assert result.stderr.startswith("Error: ")
    assert "mapping.yaml" in result.stderr or str(exports) in result.stderr
