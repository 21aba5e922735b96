"""Each rule of the linter at its edge, and what holds of any text."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from personas.catalogue import load_catalogue
from personas.languages import LANGUAGES, REGISTERS
from personas.lint.linter import CODES, MOST_READ, Fault, lint, lint_tracks
from personas.lint.wording import explain
from personas.talk_tracks import PLACEHOLDERS, parse_talk_tracks

CATALOGUE = load_catalogue()

CLEAN = {
    "en": "The {product} costs {price} and comes in two sizes.",
    "es": "Hay dos tallas de {product}, por {price}.",
    "pt-BR": "Existem dois tamanhos de {product}, por {price}.",
}


def codes(text: str, language: str = "en", register: str = "neutral") -> set[str]:
    return {fault.code for fault in lint(text, language=language, register=register)}


def said(text: str, code: str, language: str = "en", register: str = "neutral") -> list[str]:
    return [fault.said for fault in lint(text, language=language, register=register) if fault.code == code]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The HDMI lead, the IP68 case and the KALLAX insert are in sizes S, M and XL.", "en"),
        ("It says “KEEP CALM” on the cup.", "en"),
        ("El DNI, el IVA y la talla XL.", "es"),
        ("O CPF, o chip SIM e o tamanho GG.", "pt-BR"),
        ("O pneu é este. É o seu tamanho.", "pt-BR"),
    ],
)
def test_capitals_that_are_no_shouting(text: str, language: str) -> None:
    assert "shouting" not in codes(text, language)


@pytest.mark.parametrize(
    ("text", "language", "shouted"),
    [
        ("It is NOT for cut flowers.", "en", ["NOT"]),
        ("ALL NEW helmets with a USB port.", "en", ["ALL NEW"]),
        ("It is FREEEE today.", "en", ["FREEEE"]),
        ("Es TOTALMENTE nuevo.", "es", ["TOTALMENTE"]),
        ("Esse é O pneu.", "pt-BR", ["O"]),
    ],
)
def test_shouting(text: str, language: str, shouted: list[str]) -> None:
    assert said(text, "shouting", language) == shouted


@pytest.mark.parametrize(
    ("text", "register", "marks"),
    [
        ("Thank you!", "formal", ["!"]),
        ("Thank you! It is here.", "neutral", []),
        ("Thank you! It is here!", "neutral", ["!"]),
        ("Yes! Of course! It is here.", "informal", []),
        ("Yes! Of course! It is here!", "informal", ["!"]),
        ("Yes!! It is here.", "informal", ["!!"]),
        ("The card says “Happy birthday!” on it.", "formal", []),
    ],
)
def test_exclamation_marks_by_register(text: str, register: str, marks: list[str]) -> None:
    assert said(text, "exclamation", register=register) == marks


@pytest.mark.parametrize(
    ("text", "language", "register", "faulty"),
    [
        ("No worries, it is here.", "en", "informal", False),
        ("No worries, it is here.", "en", "formal", True),
        ("It is here 🙂", "en", "informal", False),
        ("It is here 🙂", "en", "neutral", True),
        ("u need the {product}", "en", "informal", True),
        ("If you feel car sick, this helps.", "en", "neutral", False),
        ("¿Qué tal, tío?", "es", "neutral", True),
        ("El regalo es para su tío.", "es", "formal", False),
        ("Una unidad de 4 TB.", "es", "neutral", False),
        ("Os produtos de beleza chegaram.", "pt-BR", "formal", False),
        ("vc quer?", "pt-BR", "informal", True),
    ],
)
def test_slang_is_a_matter_of_register(text: str, language: str, register: str, faulty: bool) -> None:
    assert ("slang" in codes(text, language, register)) == faulty


@pytest.mark.parametrize(
    ("text", "language", "register", "faulty"),
    [
        ("Hello Sarah, the {product} is here.", "en", "formal", True),
        ("Hello Sarah, the {product} is here.", "en", "neutral", False),
        ("Thank you, {given_name}.", "en", "formal", True),
        ("The letter from Sarah is printed on linen.", "en", "formal", False),
        ("Good morning, Mrs. Hill.", "en", "formal", False),
        ("Elige la talla.", "es", "formal", True),
        ("Si lo desea, lo añado.", "es", "formal", False),
        ("Si lo desea, lo añado.", "es", "informal", True),
        ("Si quieres, lo añado.", "es", "neutral", True),
        ("Su hermana lo verá, ¿le pongo la bombilla?", "es", "informal", False),
        ("Para ustedes va bien el doble.", "es", "informal", False),
        ("El té está listo.", "es", "formal", False),
        ("Como quiseres.", "pt-BR", "formal", True),
        ("O senhor conhece? Você vai gostar.", "pt-BR", "formal", True),
        ("O senhor prefere? Se você levar dois, é menos.", "pt-BR", "neutral", True),
        ("Você prefere o de 50 ml?", "pt-BR", "neutral", False),
        ("Te mando a foto, falo contigo depois.", "pt-BR", "informal", False),
        ("A senhora aceita?", "pt-BR", "informal", True),
        ("É para um senhor de 80 anos.", "pt-BR", "informal", False),
    ],
)
def test_forms_of_address(text: str, language: str, register: str, faulty: bool) -> None:
    assert ("address" in codes(text, language, register)) == faulty


@pytest.mark.parametrize(
    ("text", "language", "faulty"),
    [
        ("Your lead is with sales.", "en", True),
        ("The lead time is ten days, the dog lead comes today.", "en", False),
        ("The kitchen funnel is steel.", "en", False),
        ("You are in our funnel.", "en", True),
        ("El margen izquierdo mide 2 cm.", "es", False),
        ("Tiene buen margen.", "es", True),
        ("O funil de cozinha é de aço.", "pt-BR", False),
        ("A próxima etapa do funil.", "pt-BR", True),
    ],
)
def test_jargon(text: str, language: str, faulty: bool) -> None:
    assert ("jargon" in codes(text, language)) == faulty


@pytest.mark.parametrize(
    ("text", "said_so"),
    [
        ("Vou estar enviando hoje.", ["Vou estar enviando"]),
        ("A gente vai estar te mandando o código.", ["vai estar te mandando"]),
        ("Estaremos entrando em contato.", ["Estaremos entrando"]),
        ("Gostaria de estar apresentando o plano.", ["Gostaria de estar apresentando"]),
        ("A cobrança vai estar sendo feita no dia 5.", ["vai estar sendo"]),
        ("Quer que eu esteja incluindo?", ["eu esteja incluindo"]),
        ("Estamos enviando agora.", []),
        ("A ração deve estar acabando.", []),
        ("A bateria pode estar perdendo carga.", []),
        ("As peças vão estar disponíveis quando chegar.", []),
        ("Caso esteja procurando outro, há este.", []),
        ("Além de estar usando menos, dura mais.", []),
        ("A loja vai estar funcionando no sábado.", []),
    ],
)
def test_gerundism(text: str, said_so: list[str]) -> None:
    assert said(text, "gerundism", "pt-BR") == said_so


def test_gerundism_is_a_fault_of_portuguese_only() -> None:
    assert "gerundism" not in codes("Vou estar enviando hoje.", "es")


@pytest.mark.parametrize(
    ("text", "faulty"),
    [
        ("a " * 39 + "a.", False),
        ("a " * 40 + "a.", True),
        ("Ab. " * 79 + "abcd", False),
        ("Ab. " * 79 + "abcde", True),
    ],
)
def test_long(text: str, faulty: bool) -> None:
    assert ("long" in codes(text)) == faulty


@pytest.mark.parametrize(
    ("text", "faulty"),
    [
        ("One is. Two is. Three is. Four is. Five is.", False),
        ("One is. Two is. Three is. Four is. Five is. Six is.", True),
        ("One is. Two is. Three is.\nFour is. Five is. Six is.", False),
        ("It is by Dr. Hall, 13.5 % vol. and it costs 1.299,90 at 10:30.", False),
        ("See www.example.com/a,b.html or write to a.b@shop.example.com.", False),
        ("Today,and tomorrow.Then {product};more", True),
        ("Today, and tomorrow.Then more.", False),
    ],
)
def test_dense(text: str, faulty: bool) -> None:
    assert ("dense" in codes(text)) == faulty


@pytest.mark.parametrize(
    ("text", "language", "faulty"),
    [
        ("The offer ends on Friday at six. There are two left in stock.", "en", False),
        ("There is no hurry whatsoever.", "en", False),
        ("Hurry, before it is gone.", "en", True),
        ("Everyone in your street already has one.", "en", True),
        ("La agenda «No te pierdas nada» cuesta {price}.", "es", False),
        ("Se puede cancelar en cualquier momento.", "es", False),
        ("No se lo pierda.", "es", True),
        ("Pode cancelar a qualquer momento.", "pt-BR", False),
        ("O preço pode subir a qualquer momento.", "pt-BR", True),
    ],
)
def test_pressure(text: str, language: str, faulty: bool) -> None:
    assert ("pressure" in codes(text, language)) == faulty


@pytest.mark.parametrize(
    ("text", "broken"),
    [
        ("{prodcut} is here.", ["{prodcut}"]),
        ("The {product is here.", ["{product"]),
        ("The {{product}} is here.", ["{{product}}"]),
        ("The ${product} is here.", ["${product}"]),
        ("The product} is here.", ["}"]),
        ("Hello [NAME], welcome.", ["[NAME]"]),
        ("The <product> is here.", ["<product>"]),
        ("The %s is here, %(product)s too.", ["%s", "%(product)s"]),
        ("It is £XX.XX now.", ["£XX.XX"]),
        ("It costs $ .", ["$"]),
        ("Hello , welcome.", [" ,"]),
        ("The ____ is here.", ["____"]),
        ("It is 100% silk, 20% soap, under $5 and size XL.", []),
        ("Louis XIV, <3 and R$ 5,00.", []),
    ],
)
def test_placeholders(text: str, broken: list[str]) -> None:
    assert said(text, "placeholder") == broken


def test_a_placeholder_in_capitals_is_not_shouted() -> None:
    assert codes("Hello [NOW], welcome.") == {"placeholder"}


@pytest.mark.parametrize(("asked", "like"), [("es-MX", "es"), ("pt-PT", "pt-BR"), ("fr", "en")])
def test_languages_fall_back(asked: str, like: str) -> None:
    text = "No worries. Vou estar enviando. Un chollo."
    assert lint(text, language=asked, register="neutral") == lint(text, language=like, register="neutral")


def test_an_unknown_register_is_neutral() -> None:
    text = "Thank you! No worries! Mate."
    assert lint(text, language="en", register="royal") == lint(text, language="en", register="neutral")


MARKS = st.sampled_from([*"{}.,!\"[¡😀İ«»-'\n", "...", "?!", "R$", "e\u0301", "{product}"])
WORDS = st.sampled_from(
    ["vou", "estar", "enviando", "don't", "let", "gone", "NO", "no", "A", "tu", "www.a.com"]
)
TEXTS = st.text(max_size=120) | st.lists(MARKS | WORDS, max_size=60).map(" ".join)
WHERE = st.tuples(st.sampled_from(LANGUAGES), st.sampled_from(REGISTERS))


@given(TEXTS, WHERE)
def test_every_fault_says_what_stands_there(text: str, where: tuple[str, str]) -> None:
    faults = lint(text, language=where[0], register=where[1])
    for fault in faults:
        assert 0 <= fault.start < fault.end <= len(text)
        assert fault.said == text[fault.start : fault.end]
        assert fault.code in CODES
        assert fault.said.strip() or fault.code == "long"
    assert list(faults) == sorted(faults, key=lambda fault: (fault.start, fault.end))


@given(st.text("a {}.!", min_size=MOST_READ, max_size=3 * MOST_READ))
def test_a_text_beyond_what_is_read_is_long_to_its_end(text: str) -> None:
    longest = [fault for fault in lint(text + "!", language="en", register="formal") if fault.code == "long"]
    assert longest[-1].end == len(text) + 1


FAULTS = [
    ("en", "formal", "exclamation", "Thank you!"),
    ("en", "neutral", "shouting", "This is ABSOLUTELY right."),
    ("en", "neutral", "slang", "No worries."),
    ("en", "formal", "address", "Thank you, {given_name}."),
    ("en", "informal", "jargon", "The upsell is here."),
    ("en", "neutral", "placeholder", "Hello [NAME]."),
    ("es", "neutral", "pressure", "Es ahora o nunca."),
    ("es", "formal", "address", "Elige la talla."),
    ("pt-BR", "informal", "gerundism", "Vou estar enviando."),
    ("pt-BR", "informal", "slang", "Vc viu?"),
]


@given(st.sampled_from(FAULTS), st.integers(0, 3), st.integers(0, 3))
def test_a_fault_among_clean_sentences_is_found(
    fault: tuple[str, str, str, str], before: int, after: int
) -> None:
    language, register, code, sentence = fault
    clean = CLEAN[language]
    assert codes(" ".join([clean] * (before + 1)), language, register) == set()
    text = " ".join([clean] * before + [sentence] + [clean] * after)
    start = text.index(sentence)
    found = [one for one in lint(text, language=language, register=register) if one.code == code]
    assert found
    assert all(start <= one.start < one.end <= start + len(sentence) for one in found)


def test_the_shipped_talk_tracks_are_clean() -> None:
    assert lint_tracks(CATALOGUE.talk_tracks) == []


def test_what_crms_are_told_is_clean() -> None:
    notes = CATALOGUE.notes
    for texts, language in product((notes.sentences, notes.lines, notes.channels), LANGUAGES):
        for key, text in texts.items():
            filled = text.into(language).replace("{agent}", "Zoë").replace("{value}", "{price}")
            assert lint(filled, language=language, register="neutral") == (), key


def test_the_answers_to_objections_are_clean() -> None:
    for persona, language in product(CATALOGUE.personas, LANGUAGES):
        for objection in persona.conversation.objections:
            answer = objection.answer.into(language)
            assert lint(answer, language=language, register=persona.conversation.register) == (), persona.key


def test_a_fault_in_a_track_has_its_place() -> None:
    texts = {"formal": ["Look at {product}!"], "neutral": ["One: {product}.", "HURRY: {product}."]}
    raw = {"popular": dict.fromkeys(LANGUAGES, texts)}
    found = lint_tracks(parse_talk_tracks(raw, path="talk_tracks.yaml:"))
    assert ("popular.en.formal[0]", Fault("exclamation", 17, 18, "!")) in found
    assert ("popular.en.neutral[1]", Fault("pressure", 0, 5, "HURRY")) in found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", CODES)
def test_every_fault_has_a_sentence_for_its_author(code: str, language: str) -> None:
    told = explain(Fault(code, 0, 9, "{} " + "ab\n" * 99), language)
    assert "{said}" not in told
    assert "\n" not in told
    assert len(told) < 160 + 20 * len(PLACEHOLDERS)


def test_an_explanation_names_what_there_is() -> None:
    fault = lint("{prodcut} is here.", language="en", register="neutral")[0]
    told = (
        "“{prodcut}” is no placeholder; there are {product}, {anchor}, {price}, {difference}, {given_name}."
    )
    assert explain(fault, "en") == told
    assert "320" in explain(Fault("long", 0, 1, "a"), "es-MX")


@pytest.mark.parametrize("code", CODES)
def test_sentences_differ_from_language_to_language(code: str) -> None:
    assert len({explain(Fault(code, 0, 1, "a"), language) for language in LANGUAGES}) == len(LANGUAGES)
