"""The shape of the code: small modules, small functions, and the vocabulary of folders."""

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("assist", "crm_adapters", "personas", "recommender")
MODULES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
LONGEST_MODULE = 300
LONGEST_FUNCTION = 40


def functions(path: Path) -> Iterator[tuple[str, int]]:
    """Every function and its lines, docstring left out."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            documented = ast.get_docstring(node) is not None
            docstring = node.body[0] if documented else None
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            spent = ((docstring.end_lineno or 0) - docstring.lineno + 1) if docstring else 0
            yield f"{path.relative_to(ROOT)}:{node.name}", lines - spent


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_stay_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_MODULE


def test_functions_stay_small() -> None:
    long = {name: lines for path in MODULES for name, lines in functions(path) if lines > LONGEST_FUNCTION}
    assert not long


def test_the_median_function_is_short() -> None:
    assert median(lines for path in MODULES for _, lines in functions(path)) <= 8


def test_no_module_is_named_for_nothing() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers"}
    assert not [path for path in MODULES if path.stem in vague]
