from pathlib import Path

import pytest

from personas.content import (
    Fields,
    InvalidContent,
    read_date,
    read_file,
    read_number,
    read_translated,
    read_yaml,
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\na: 2\n", "line 1 is not YAML: a key is written twice"),
        ("a: [1\n", "is not YAML"),
        ("a: \x00", "not readable"),
        ("[" * 5000, "more than 100 brackets"),
        ("- " * 5000, "not readable"),
        ("!!python/object:os.system {}", "is not YAML"),
    ],
)
def test_unreadable_yaml_is_named(text: str, words: str) -> None:
    with pytest.raises(InvalidContent, match=words):
        read_yaml(text, "icp.yaml")


def test_a_missing_and_a_latin1_file_are_named(tmp_path: Path) -> None:
    (tmp_path / "latin.yaml").write_bytes("name: ação".encode("latin-1"))
    with pytest.raises(InvalidContent, match="not UTF-8"):
        read_file(tmp_path / "latin.yaml", "latin.yaml")
    with pytest.raises(InvalidContent, match=r"icp.yaml: the file is missing"):
        read_file(tmp_path / "icp.yaml", "icp.yaml")


def test_a_field_that_nobody_asked_for_is_refused() -> None:
    fields = Fields({"key": "a", "treshold": 1}, "here")
    fields.text("key")
    assert "threshold" not in fields
    with pytest.raises(InvalidContent, match="there is no field treshold"):
        fields.finish()


def test_a_missing_translation_is_refused() -> None:
    with pytest.raises(InvalidContent, match=r"name: pt-BR is missing"):
        read_translated({"en": "Phone", "es": "Teléfono"}, "name")


def test_numbers_and_dates() -> None:
    assert str(read_number(0.1)) == "0.1"
    assert read_number(True) is None
    assert read_number("1") is None
    assert str(read_date("2026-03-31")) == "2026-03-31"
    assert read_date("31/03/2026") is None


def test_keys_taken_over_from_elsewhere_are_refused_before_they_unfold() -> None:
    """Ten thousand million pairs, if they were taken over."""
    text = "{key: 1}"
    for name in "abcde":
        text = f"{{<<: [&{name} {text}, {', '.join([f'*{name}'] * 99)}]}}"
    with pytest.raises(InvalidContent, match="<< is not used here"):
        read_yaml(text, "here")
