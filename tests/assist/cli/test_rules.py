"""`assist rules`: the way of a change, from a folder to everybody and back."""

import json
from pathlib import Path

import pytest

from tests.assist.cli.conftest import RunTyping


@pytest.fixture
def ready(run: RunTyping) -> RunTyping:
    run("db", "upgrade")
    return run


def edit(folder: Path, before: str, after: str, *, file: str = "icp.yaml") -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after), encoding="utf-8")


def in_force(run: RunTyping) -> str:
    listed = json.loads(run("rules", "list", "--json").stdout)
    return str(next(one["digest"] for one in listed if one["in_force"]))


def test_a_change_goes_out_and_comes_back(ready: RunTyping, tmp_path: Path) -> None:
    ready("rules", "export", str(tmp_path / "ours"))
    edit(tmp_path / "ours", "most: 30", "most: 28")
    assert "Nothing to find fault with" in ready("rules", "lint", str(tmp_path / "ours")).output
    ready("rules", "import", str(tmp_path / "ours"), "--note", "less for breadth")
    digest = json.loads(ready("rules", "list", "--json").stdout)[0]["digest"]
    assert "icp.yaml: dimensions[0].most\n  - 30\n  + 28" in ready("rules", "diff", "shipped", digest).output
    assert in_force(ready) == "shipped"
    assert f"assist rules simulate {digest[:12]}" in ready("rules", "activate", digest[:8], expect=1).output
    assert "Change: none of 0" in ready("rules", "simulate", digest[:8]).output
    ready("rules", "activate", digest[:8], "--why", "try it")
    assert in_force(ready) == digest
    ready("rules", "export", str(tmp_path / "again"))
    assert "was there already" in ready("rules", "import", str(tmp_path / "again")).output
    assert "What ships with the product" in ready("rules", "rollback").output
    assert in_force(ready) == "shipped"


def test_a_mistake_is_told_with_its_place(ready: RunTyping, tmp_path: Path) -> None:
    ready("rules", "export", str(tmp_path))
    edit(tmp_path, "order.count_12m", "order.count_12", file="icp.yaml")
    for word in ("lint", "import"):
        said = ready("rules", word, str(tmp_path), expect=1).output
        assert "icp.yaml: dimensions[0].criteria[0].if: there is no fact order.count_12. Did you mean" in said


RULE = """rules:
  - key: often
    stage: boost
    effect: {factor: 2}
    scope: {products: [NO-SUCH]}
    if: {fact: order.count, at_least: 3}
    to: 2026-12-31
    reason: {en: Often, es: Seguido, pt-BR: Muito}
    owner: Ana
    tests:
      - {given: {order.count: 3}, expect: applies}
      - {given: {order.count: 2}, expect: EXPECTED}
"""


def test_rules_are_tested_where_they_are_written(ready: RunTyping, tmp_path: Path) -> None:
    ready("rules", "export", str(tmp_path))
    (tmp_path / "rules.yaml").write_text(RULE.replace("EXPECTED", "does_not_apply"))
    assert "2 tests of 1 rules hold." in ready("rules", "test", str(tmp_path)).output
    (tmp_path / "rules.yaml").write_text(RULE.replace("EXPECTED", "unknown"))
    said = ready("rules", "test", str(tmp_path), expect=1).output
    assert "often.tests[1]: expected unknown, came out as does_not_apply" in said
    assert "1 of 2 tests fail" in said
    said = ready("rules", "lint", str(tmp_path), expect=1).output
    assert "error: rules.yaml: often.tests[1]: The test expects unknown" in said


def test_products_that_are_not_on_sale_are_told_where_the_shop_is_asked(
    ready: RunTyping, tmp_path: Path
) -> None:
    ready("rules", "export", str(tmp_path))
    (tmp_path / "rules.yaml").write_text(RULE.replace("EXPECTED", "does_not_apply"))
    assert "NO-SUCH" not in ready("rules", "lint", str(tmp_path)).output
    said = ready("rules", "lint", str(tmp_path), "--shop").output
    assert "warning: rules.yaml: often.scope.products: NO-SUCH: No product on sale" in said


def test_a_release_waits_for_another_person(ready: RunTyping, tmp_path: Path) -> None:
    for name, role in (("ed", "ops_editor"), ("ann", "ops_approver")):
        ready("users", "add", f"{name}@example.com", "--role", role)
    ready("rules", "export", str(tmp_path))
    edit(tmp_path, "most: 30", "most: 28")
    ready("rules", "import", str(tmp_path), "--as", "ed@example.com")
    digest = json.loads(ready("rules", "list", "--json").stdout)[0]["digest"]
    assert "assist rules approve" in ready("rules", "activate", digest, expect=1).output
    assert "role ops_approver" in ready("rules", "approve", digest, "--as", "ed@example.com", expect=1).output
    ready("rules", "simulate", digest, "--as", "ed@example.com")
    ready("rules", "approve", digest, "--as", "ann@example.com")
    ready("rules", "activate", digest, "--from", "2999-01-01T08:00+01:00")
    assert in_force(ready) == "shipped"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("rules", "rollback"), "nothing to go back to"),
        (("rules", "activate", "feed"), "No release begins with feed"),
        (("rules", "simulate", "feed"), "No release begins with feed"),
        (("rules", "simulation", "shipped"), "It was not simulated yet: assist rules simulate shipped"),
        (("rules", "export", "{folder}", "--release", "feed"), "No release begins with feed"),
        (("rules", "lint", "{folder}"), "no persona there"),
    ],
)
def test_what_cannot_be_done_is_a_sentence(
    ready: RunTyping, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    assert said in ready(*(one.format(folder=tmp_path / "empty") for one in arguments), expect=1).output


@pytest.mark.parametrize("arguments", [("--from", "tomorrow"), ("--as", "nobody@example.com")])
def test_a_wrong_option_is_told(ready: RunTyping, arguments: tuple[str, str]) -> None:
    assert arguments[0] in ready("rules", "activate", "feed", *arguments, expect=2).output
