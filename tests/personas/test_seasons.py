import pytest

from personas.seasons import season


@pytest.mark.parametrize(
    ("month", "country", "expected"),
    [
        (12, "ES", "winter"),
        (3, "US", "spring"),
        (8, "MX", "summer"),
        (11, "ES", "autumn"),
        (12, "br", "summer"),
        (3, "BR", "autumn"),
        (8, "BR", "winter"),
        (8, None, None),
    ],
)
def test_season(month: int, country: str | None, expected: str | None) -> None:
    assert season(month, country) == expected
