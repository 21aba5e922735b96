"""The outcomes file: torn lines, hands in it, full disks, many writers, and spreadsheets."""

import csv
import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crm_adapters.errors import PermissionDenied, ValidationFailed
from crm_adapters.testing import make_outcome
from crm_adapters.vendors.csvfiles.outcomes import COLUMNS, Outcomes, disarm

OUTCOME = make_outcome("c1")


@pytest.fixture
def outcomes(tmp_path: Path) -> Outcomes:
    cache = tmp_path / "cache"
    cache.mkdir()
    return Outcomes(tmp_path / "outcomes.csv", cache)


def keys(outcomes: Outcomes) -> list[str]:
    return [row["key"] for row in rows(outcomes)]


def rows(outcomes: Outcomes) -> list[dict[str, str]]:
    with outcomes.path.open(encoding="utf-8-sig", newline="") as text:
        return list(csv.DictReader(text, strict=True))


def test_what_is_written_can_be_read(outcomes: Outcomes) -> None:
    outcomes.write(replace(OUTCOME, note='Olá, "Zoë"'), key="k1")
    (row,) = rows(outcomes)
    assert tuple(row) == COLUMNS
    assert (row["note"], row["price"], row["currency"]) == ('Olá, "Zoë"', "29.90", "EUR")
    assert row["at"] == "2026-03-29T01:30:00+00:00"
    assert outcomes.path.read_bytes().startswith(b"\xef\xbb\xbf")


def test_what_is_written_is_no_formula(outcomes: Outcomes) -> None:
    typed = '=HYPERLINK("http://example.invalid")'
    outcomes.write(replace(OUTCOME, note=typed, reason=typed, product_name=typed, agent=typed), key="k1")
    (row,) = rows(outcomes)
    assert {row[name] for name in ("note", "reason", "product_name", "agent")} == {f"'{typed}"}


@pytest.mark.parametrize("cut", range(1, 190, 7))
def test_a_torn_last_line_is_mended(outcomes: Outcomes, cut: int) -> None:
    outcomes.write(OUTCOME, key="k1")
    outcomes.write(OUTCOME, key="k2")
    whole = outcomes.path.read_bytes()
    last = len(whole.splitlines(keepends=True)[-1])
    outcomes.path.write_bytes(whole[: -min(cut, last)])
    lost = cut > 1
    assert (outcomes.find("k2") is None) is lost
    assert outcomes.write(OUTCOME, key="k2").created is lost
    assert outcomes.write(OUTCOME, key="k3").created
    assert keys(outcomes) == ["k1", "k2", "k3"]


@pytest.mark.parametrize("length", [0, 1, 3, 10, 100])
def test_a_torn_header_is_begun_anew(outcomes: Outcomes, length: int) -> None:
    outcomes.write(OUTCOME, key="k1")
    outcomes.path.write_bytes(outcomes.path.read_bytes()[:length])
    assert outcomes.write(OUTCOME, key="k2").created
    assert keys(outcomes) == ["k2"]


def test_a_file_saved_by_a_spreadsheet_is_understood(outcomes: Outcomes) -> None:
    outcomes.write(OUTCOME, key="k1")
    saved = "seen;" + ";".join(reversed(COLUMNS)) + "\r\n" + ";" * len(COLUMNS) + "k1"
    outcomes.path.write_text(saved, encoding="utf-8")
    assert not outcomes.write(OUTCOME, key="k1").created
    assert outcomes.write(OUTCOME, key="k2").created
    with outcomes.path.open(encoding="utf-8", newline="") as text:
        read = list(csv.DictReader(text, delimiter=";"))
    assert [(row["key"], row["act"]) for row in read] == [("k1", ""), ("k2", "accepted")]


@pytest.mark.parametrize("text", ["a,b\n1,2\n", "a,b\n1,2", "a,b", "x"])
def test_another_file_is_not_written_into(outcomes: Outcomes, text: str) -> None:
    outcomes.path.write_text(text)
    with pytest.raises(ValidationFailed, match="move it away"):
        outcomes.write(OUTCOME, key="k1")
    assert outcomes.path.read_text() == text


def test_the_list_of_keys_is_only_a_copy(outcomes: Outcomes) -> None:
    for number in range(3):
        outcomes.write(OUTCOME, key=f"k{number}")
    (copy,) = outcomes.cache.glob("*.sqlite")
    copy.write_bytes(b"no database at all")
    assert not outcomes.write(OUTCOME, key="k1").created
    copy.unlink()
    assert not outcomes.write(OUTCOME, key="k2").created
    without_k0 = re.sub(rb'(?m)^"k0".*\n', b"", outcomes.path.read_bytes())
    outcomes.path.write_bytes(without_k0)
    assert outcomes.write(OUTCOME, key="k0").created


def test_two_caches_agree_on_one_file(outcomes: Outcomes, tmp_path: Path) -> None:
    other = Outcomes(outcomes.path, tmp_path)
    for number in range(4):
        writer = (outcomes, other)[number % 2]
        assert writer.write(OUTCOME, key=f"k{number}").created
        assert not other.write(OUTCOME, key=f"k{number}").created
    assert keys(outcomes) == ["k0", "k1", "k2", "k3"]


@pytest.mark.parametrize("key", ["", "a\nb", "a\x00"])
def test_a_key_that_would_not_stay_itself_is_refused(outcomes: Outcomes, key: str) -> None:
    with pytest.raises(ValidationFailed):
        outcomes.write(OUTCOME, key=key)


@pytest.mark.parametrize("key", ["=1", "'=1", "-x", "ключ", "a,b", 'q"', "a;=b"])
def test_any_other_key_is_kept(outcomes: Outcomes, key: str) -> None:
    assert outcomes.write(OUTCOME, key=key).created
    assert not outcomes.write(OUTCOME, key=key).created
    assert outcomes.find(key) is not None
    outcomes.path.touch()
    assert not outcomes.write(OUTCOME, key=key).created


@given(st.text(), st.text())
@example("=1", "'=1")
@example("a;=1", "a;'=1")
def test_different_keys_stay_different(one: str, other: str) -> None:
    if one != other and not re.search(r"[\x00-\x1f\x7f]", one + other):
        assert disarm(one) != disarm(other)


@given(st.text(alphabet="=+-@\t\r\n ;,\"'aＡ＝", max_size=12))
@example("\r=1+1")
@example(' ;"=cmd"')
def test_no_cell_begins_as_a_formula(text: str) -> None:
    written = disarm(text)
    for cell in (written, *written.split(";")[1:]):
        assert not re.match(r"[\s\"']*[=+\-@＝＋－＠]", cell) or cell.lstrip(' "').startswith("'")
    assert "\n" not in written
    assert "\r" not in written


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_folder_that_may_not_be_written_is_named(outcomes: Outcomes) -> None:
    outcomes.path.parent.chmod(0o500)
    with pytest.raises(PermissionDenied, match="setting `outcomes`"):
        outcomes.write(OUTCOME, key="k1")


def test_a_missing_folder_is_named(outcomes: Outcomes, tmp_path: Path) -> None:
    elsewhere = Outcomes(tmp_path / "gone" / "outcomes.csv", outcomes.cache)
    with pytest.raises(PermissionDenied, match="setting `outcomes`"):
        elsewhere.write(OUTCOME, key="k1")


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from crm_adapters.errors import Unavailable
from crm_adapters.testing import make_outcome
from crm_adapters.vendors.csvfiles.outcomes import append
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
path = Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 10, resource.RLIM_INFINITY))
try:
    append(path, b"x" * 100)
except Unavailable:
    print("unavailable")
"""


def test_a_full_disk_leaves_no_half_line(outcomes: Outcomes) -> None:
    outcomes.write(OUTCOME, key="k1")
    before = outcomes.path.read_bytes()
    told = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(outcomes.path)], capture_output=True, text=True, check=True
    )
    assert told.stdout == "unavailable\n"
    assert outcomes.path.read_bytes() == before


WRITER = """
import sys
from pathlib import Path
from crm_adapters.testing import make_outcome
from crm_adapters.vendors.csvfiles.outcomes import Outcomes
outcomes = Outcomes(Path(sys.argv[1]), Path(sys.argv[2]))
for number in range(100_000):
    outcomes.write(make_outcome("c1"), key=f"k{number}")
    print(number, flush=True)
"""


def test_a_killed_writer_loses_nothing_it_acknowledged(outcomes: Outcomes) -> None:
    command = [sys.executable, "-c", WRITER, str(outcomes.path), str(outcomes.cache)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for _ in range(20):
            acknowledged = int(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
    for number in range(acknowledged + 1):
        assert not outcomes.write(OUTCOME, key=f"k{number}").created
    assert outcomes.write(OUTCOME, key="after").created
    assert len(keys(outcomes)) == len(set(keys(outcomes)))
