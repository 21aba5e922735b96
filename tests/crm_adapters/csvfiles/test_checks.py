"""The connection check: it says what is wrong and what to do, and never raises."""

from pathlib import Path

import pytest

from tests.crm_adapters.csvfiles.shop import LINES, LINES_ONLY, Shop, open_shop


def told(shop: Shop, name: str) -> str:
    (finding,) = (finding for finding in shop.adapter().check().findings if finding.name == name)
    return f"{'ok' if finding.ok else 'not ok'}: {finding.message}"


def test_a_whole_shop_checks_out(shop: Shop) -> None:
    health = shop.adapter().check()
    assert health.ok
    assert [finding.name for finding in health.findings] == [
        "mapping",
        "products.csv",
        "customers.csv",
        "lines.csv",
        "outcomes",
        "index",
    ]


def test_unreadable_rows_are_counted_and_the_first_is_shown(shop: Shop) -> None:
    shop.lines("o1,c1,x,P1,1,5,", "o2,c1,2026-01-05,P1,1,5,", "o3,,2026-01-05,P1,1,5,")
    assert told(shop, "lines.csv") == (
        "ok: 1 of the first rows can be read; 2 cannot, as line 2 date (column date) is not a date "
        "(ISO, as 2026-01-31)"
    )


def test_a_file_of_which_no_row_can_be_read_is_not_well(shop: Shop) -> None:
    shop.lines("o1,c1,05.01.2026,P1,1,5,", "o2,c1,06.01.2026,P1,1,5,")
    assert told(shop, "lines.csv").startswith("not ok: 0 of the first rows can be read; 2 cannot")


def test_files_that_are_left_out_are_named(tmp_path: Path) -> None:
    shop = open_shop(tmp_path, LINES_ONLY)
    assert told(shop, "customers") == "ok: no file: customers are taken from the order lines"
    assert shop.adapter().check().ok


@pytest.mark.parametrize(
    ("file", "text", "finding", "message"),
    [
        ("mapping.yaml", "nothing", "mapping", "is not a table of settings"),
        ("lines.csv", LINES.replace("qty", "Menge"), "lines.csv", "no column 'qty'"),
        ("lines.csv", "", "lines.csv", "is empty"),
        ("outcomes.csv", "a,b\n", "outcomes", "move it away"),
    ],
)
def test_what_is_wrong_is_found(shop: Shop, file: str, text: str, finding: str, message: str) -> None:
    shop.write(file, text)
    assert told(shop, finding).startswith("not ok: ")
    assert message in told(shop, finding)


def test_an_outcomes_file_that_cannot_be_written_is_found(shop: Shop) -> None:
    (shop.folder / "outcomes.csv").mkdir()
    assert "name another file with the setting `outcomes`" in told(shop, "outcomes")


def test_a_missing_folder_is_found(tmp_path: Path) -> None:
    (finding,) = Shop(tmp_path / "gone").adapter().check().findings
    assert not finding.ok
    assert finding.message.startswith("There is no folder")


def test_a_missing_file_is_found(shop: Shop) -> None:
    (shop.folder / "lines.csv").unlink()
    assert told(shop, "lines.csv").startswith("not ok: There is no file lines.csv")
