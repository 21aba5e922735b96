"""What processes count together: exact, whoever dies."""

import subprocess
import sys
from pathlib import Path

import pytest

from crm_adapters.ledger import FileLedger, Ledger, MemoryLedger, Page, Reading

COUNT = """
import sys
from pathlib import Path
from crm_adapters.ledger import FileLedger, Page

def add(page: Page) -> None:
    page.closed_until += 1

for _ in range(300):
    FileLedger(Path(sys.argv[1])).change(add)
"""
HOLD = """
import sys
from pathlib import Path
from crm_adapters.ledger import FileLedger

leave = FileLedger(Path(sys.argv[1])).take_place(1)
print(leave is not None, flush=True)
sys.stdin.read()
"""


@pytest.fixture(params=[FileLedger, MemoryLedger])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Ledger:
    ledger: Ledger = (
        FileLedger(tmp_path / "deep" / "1-api.json") if request.param is FileLedger else MemoryLedger()
    )
    return ledger


def fill(page: Page) -> None:
    page.spent[17] = [1.0, 0.0, 2.5]
    page.closed_until = 12.5
    page.readings["daily"] = Reading(1000, 7, 99.5)


def test_what_a_step_changes_is_there_for_the_next(ledger: Ledger) -> None:
    ledger.change(fill)
    page = ledger.change(lambda page: page)
    assert page == Page({17: [1.0, 0.0, 2.5]}, 12.5, {"daily": Reading(1000, 7, 99.5)})


def test_places_are_numbered(ledger: Ledger) -> None:
    first, second = ledger.take_place(2), ledger.take_place(2)
    assert first
    assert second
    assert ledger.take_place(2) is None
    first()
    third = ledger.take_place(1)
    assert third
    assert ledger.take_place(1) is None


def test_processes_count_together(tmp_path: Path) -> None:
    script, file = tmp_path / "count.py", tmp_path / "calls.json"
    script.write_text(COUNT)
    running = [subprocess.Popen([sys.executable, script, file]) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert FileLedger(file).change(lambda page: page.closed_until) == 900


def test_a_place_of_the_dead_is_free(tmp_path: Path) -> None:
    script, ledger = tmp_path / "hold.py", FileLedger(tmp_path / "calls.json")
    script.write_text(HOLD)
    command = [sys.executable, str(script), str(tmp_path / "calls.json")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"True\n"
        assert ledger.take_place(1) is None
        holder.kill()
        holder.wait()
    assert ledger.take_place(1)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"spent": {"x": []}}', b"\xff\x00"])
def test_a_damaged_file_is_begun_anew(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "calls.json"
    file.write_bytes(content)
    assert FileLedger(file).change(lambda page: page) == Page()
    FileLedger(file).change(fill)
    assert FileLedger(file).change(lambda page: page.closed_until) == 12.5


def test_only_its_owner_reads_the_file(tmp_path: Path) -> None:
    FileLedger(tmp_path / "calls.json").change(fill)
    assert (tmp_path / "calls.json").stat().st_mode & 0o077 == 0
