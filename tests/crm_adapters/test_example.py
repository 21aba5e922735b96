"""The example of a CRM in a distribution of its own: found by its entry point, and passing the suite as it stands."""

import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from crm_adapters.registry import available, load
from crm_adapters.testing import FakeContract

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "acme-crm"
LONGEST = 70

sys.path.append(str(EXAMPLE))
contract: type[FakeContract] = import_module("test_acme_crm").TestAcme


class TestExample(contract):  # type: ignore[misc, valid-type]  # made where it is shown
    """All of it."""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As pip leaves it behind."""
    project = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    info = tmp_path / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    points = project["entry-points"]["sales_assist.crm_adapters"]
    lines = [f"{name} = {target}\n" for name, target in points.items()]
    (info / "entry_points.txt").write_text("[sales_assist.crm_adapters]\n" + "".join(lines))
    monkeypatch.syspath_prepend(tmp_path)


def test_it_is_found_by_its_entry_point(installed: None) -> None:
    assert "acme" in available()
    assert load("acme").name == "acme"


def test_it_is_as_short_as_is_said() -> None:
    code = (EXAMPLE / "acme_crm.py").read_text().splitlines()
    assert len([line for line in code if line.strip() and "import" not in line]) <= LONGEST
