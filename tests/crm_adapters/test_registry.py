"""Adapters are found by their names alone: shipped modules and other distributions' entry points."""

import sys
from pathlib import Path

import pytest

from crm_adapters.base import CRMAdapter
from crm_adapters.errors import BadSettings
from crm_adapters.registry import available, load

PLUGIN = """
from crm_adapters.testing import MemoryAdapter as Adapter
"""
ENTRY_POINTS = """
[sales_assist.crm_adapters]
acme = acme_crm:Adapter
"""


@pytest.fixture
def acme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another distribution, installed beside ours."""
    (tmp_path / "acme_crm.py").write_text(PLUGIN)
    info = tmp_path / "acme_crm-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-crm\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "acme_crm", raising=False)


def test_shipped_adapters_are_found_without_a_list() -> None:
    assert "csvfiles" in available()
    assert available() == sorted(available())


def test_every_shipped_adapter_can_be_loaded_under_its_own_name() -> None:
    for name in available():
        adapter = load(name)
        assert issubclass(adapter, CRMAdapter)
        assert adapter.name == name


def test_another_distributions_adapter_is_found(acme: None) -> None:
    assert "acme" in available()
    assert load("acme").name == "memory"


@pytest.mark.parametrize(
    ("typed", "meant"), [("csvfile", "csvfiles"), ("CSVFiles", "csvfiles"), ("csv-files", "csvfiles")]
)
def test_a_mistyped_name_gets_the_nearest(typed: str, meant: str) -> None:
    with pytest.raises(BadSettings, match=f"no adapter called {typed}. Did you mean {meant}?"):
        load(typed)


def test_a_name_like_no_other_gets_the_list() -> None:
    with pytest.raises(BadSettings, match=r"called zzz\. Available: .*csvfiles"):
        load("zzz")
