"""Countries and languages as people write them."""

import pytest

from crm_adapters.locales import find_country, name_country, normalise_language


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("BR", "BR"), ("br", "BR"), ("Brazil", "BR"), (" Brasil ", "BR"), ("Deutschland", "DE"), ("México", "MX"),
        ("UK", "GB"), ("", None), (None, None), ("Europe", None), ("EU", None), ("Atlantis", None), ("001", None),
    ],
)  # fmt: skip
def test_countries(written: str | None, code: str | None) -> None:
    assert find_country(written) == code


def test_countries_have_names() -> None:
    assert (name_country("PT"), name_country("ZZ"), name_country("xx")) == ("Portugal", None, None)


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("pt-br", "pt-BR"), ("pt_BR", "pt-BR"), ("EN", "en"), ("es-mx", "es-MX"), ("", None), (None, None),
        ("klingon", None), ("en-us-posix", "en-US"), ("-", None),
    ],
)  # fmt: skip
def test_languages(written: str | None, tag: str | None) -> None:
    assert normalise_language(written) == tag
