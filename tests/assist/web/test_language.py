"""Every marked string in every language, and whose language a page speaks."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from flask import Flask

import assist
from assist.services.accounts import LANGUAGES, Choices, choose
from assist.services.desk import Desk
from assist.web.language import read_catalogue
from tests.assist.web.visitors import Visitor, arrive

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")
TRANSLATED = [code for code in LANGUAGES if code != "en"]


def marked() -> set[str]:
    """The strings marked in code and templates; a plural's are both there."""
    found = extract_from_dir(
        Path(assist.__file__).parent,
        method_map=[("**.py", "python"), ("templates/**.html", "jinja2")],
        options_map={"templates/**.html": {"newstyle_gettext": "true"}},
        keywords=DEFAULT_KEYWORDS | {"_l": None, "lazy_gettext": None},
    )
    messages = [message for _, _, message, _, _ in found]
    return {text for message in messages for text in ((message,) if isinstance(message, str) else message)}


@pytest.mark.parametrize("code", TRANSLATED)
def test_every_marked_string_is_translated(code: str) -> None:
    catalogue = read_catalogue(code)
    translated = {
        text
        for message in catalogue
        if message.id and all(_forms(message.string))
        for text in _forms(message.id)
        if not message.fuzzy
    }
    assert marked() - translated == set()


@pytest.mark.parametrize("code", TRANSLATED)
def test_nothing_is_translated_that_is_not_marked(code: str) -> None:
    known = {text for message in read_catalogue(code) if message.id for text in _forms(message.id)}
    assert known - marked() == set()


@pytest.mark.parametrize("code", TRANSLATED)
def test_translations_have_the_placeholders_of_the_original(code: str) -> None:
    for message in read_catalogue(code):
        if message.id:
            wanted = sorted(PLACEHOLDER.findall(_forms(message.id)[-1]))
            for form in _forms(message.string):
                assert sorted(PLACEHOLDER.findall(form)) == wanted, message.id


def test_a_page_speaks_the_browsers_language_until_the_person_chooses(app: Flask, desk: Desk) -> None:
    visitor = arrive(app, desk)
    assert visitor.user
    spanish = {"Accept-Language": "es-MX,es;q=0.9,en;q=0.5"}
    assert "Hola, Ana Sol" in visitor.get("/", headers=spanish).text
    choose(desk, visitor.user.id, Choices("pt-BR", None))
    page = visitor.get("/", headers=spanish).text
    assert "Olá, Ana Sol" in page
    assert '<html lang="pt-BR">' in page


@pytest.mark.parametrize(("asked", "spoken"), [("de", "en"), ("pt", "pt-BR"), ("es-419", "es"), ("", "en")])
def test_languages_we_do_not_speak_get_the_nearest(stranger: Visitor, asked: str, spoken: str) -> None:
    page = stranger.get("/sign-in", headers={"Accept-Language": asked})
    assert f'<html lang="{spoken}">' in page.text


def _forms(text: str | list[str] | tuple[str, ...] | None) -> list[str]:
    return [text or ""] if text is None or isinstance(text, str) else list(text)
