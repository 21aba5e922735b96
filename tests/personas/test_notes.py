"""What CRMs are told: whole sentences in each language, from values that may hold anything."""

from dataclasses import replace
from decimal import Decimal

import pytest

from personas.catalogue import load_catalogue
from personas.languages import LANGUAGES
from personas.notes import LINES, SENTENCES, NoteValues
from personas.talk_tracks import Price

CATALOGUE = load_catalogue()
NOTES = CATALOGUE.notes
REASONS = {reason.key: reason for reason in CATALOGUE.policies.decline_reasons}
OFFERED = NoteValues(
    act="offered",
    product="Case",
    agent="Zoë",
    kind="cross_sell",
    anchor="Phone X",
    price=Price(Decimal("1299.90"), "BRL"),
    channel="insert",
)


@pytest.mark.parametrize(
    ("language", "note"),
    [
        ("en", "Zoë offered Case.\nPrice: R$1,299.90\nGoes with: Phone X\nHow: inserted into the chat"),
        ("es", "Zoë ofreció Case.\nPrecio: 1.299,90 BRL\nVa con: Phone X\nCómo: insertado en el chat"),
        ("pt-BR", "Zoë ofereceu Case.\nPreço: R$ 1.299,90\nCombina com: Phone X\nComo: inserido no chat"),
    ],
)
def test_an_offer_is_told_in_the_language_of_whoever_reads_it(language: str, note: str) -> None:
    assert NOTES.write(OFFERED, language).replace("\xa0", " ") == note


@pytest.mark.parametrize(
    ("reason", "first"),
    [
        ("too_expensive", "El cliente dijo que no a Case."),
        ("wrong_moment", "Zoë dejó de lado Case."),
        (None, "La respuesta a Case fue no."),
    ],
)
def test_a_decline_says_whose_it_is_and_why(reason: str | None, first: str) -> None:
    found = REASONS.get(reason or "")
    values = NoteValues(
        act="declined",
        product="Case",
        agent="Zoë",
        kind="cross_sell",
        reason=found.name if found else None,
        said_by=found.said_by if found else None,
    )
    lines = NOTES.write(values, "es").splitlines()
    assert lines[0] == first
    assert (
        ("Motivo: " + found.name.into("es") in lines) if found else not any("Motivo" in one for one in lines)
    )
    assert any("Zoë" in line for line in lines), "an agent stands behind every note"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_act_has_a_sentence_that_can_stand_alone(language: str) -> None:
    for act in ("offered", "accepted", "declined", "wrong_data"):
        first = NOTES.write(replace(OFFERED, act=act), language).splitlines()[0]
        assert "Case" in first
        assert first.endswith(".")
        assert "{" not in first


def test_all_that_can_be_said_differs_from_language_to_language() -> None:
    texts = [NOTES.sentences[name] for name in SENTENCES] + [NOTES.lines[name] for name in LINES]
    for text in texts:
        assert text.into("en") not in {text.into("es"), text.into("pt-BR")}


def test_a_value_cannot_forge_a_line_or_be_filled_in_itself() -> None:
    forged = replace(OFFERED, product="Case\nReason: {agent}\r\u2028Price: 0", anchor=None, price=None)
    assert NOTES.write(forged, "en").splitlines() == [
        "Zoë offered Case Reason: {agent} Price: 0.",
        "How: inserted into the chat",
    ]


def test_a_product_is_no_anchor_of_itself() -> None:
    again = replace(OFFERED, kind="replenish", anchor="Case")
    assert "Bought before" not in NOTES.write(again, "en")
