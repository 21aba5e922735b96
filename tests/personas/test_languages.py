import pytest

from personas.languages import Translated, fallbacks


@pytest.mark.parametrize(
    ("language", "tried"),
    [
        ("es-MX", ("es-MX", "es", "en")),
        ("pt-PT", ("pt-PT", "pt", "pt-BR", "en")),
        ("pt_BR", ("pt_BR", "pt", "pt-BR", "en")),
        ("ca-ES", ("ca-ES", "ca", "en")),
        ("", ("", "en")),
    ],
)
def test_fallbacks(language: str, tried: tuple[str, ...]) -> None:
    assert fallbacks(language) == tried


def test_a_text_is_read_in_the_nearest_language() -> None:
    text = Translated({"en": "Phone", "es": "Teléfono", "pt-BR": "Celular"})
    assert [text.into(language) for language in ("es-AR", "pt", "fr")] == ["Teléfono", "Celular", "Phone"]
