"""A CRM's fields against ours: which may be meant, whether a mapped one is there, and samples nobody can use."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from difflib import get_close_matches

from assist.services.masks import mask
from crm_adapters import model as crm
from crm_adapters.base import CRMAdapter
from crm_adapters.errors import CRMError
from crm_adapters.fieldmap import CUSTOM, DECLARED, FieldMap, FieldMapSetting
from crm_adapters.model import FieldInfo, Finding, Kind

RECORDS: Mapping[str, type] = {
    "customer": crm.Customer,
    "company": crm.Company,
    "product": crm.Product,
    "order": crm.Order,
    "line": crm.OrderLine,
    "case": crm.Case,
    "deal": crm.OpenDeal,
}
KINDS: Mapping[str, Kind] = {
    "customer": Kind.CUSTOMERS,
    "product": Kind.PRODUCTS,
    "order": Kind.ORDERS,
    "case": Kind.CASES,
}
"""Those that a CRM can describe the fields of."""
OFFERS = "offers_consent"

TEXTS, NUMBERS = frozenset({"text", "choice"}), frozenset({"number", "text", "choice"})
DECISIONS = frozenset({"boolean", "choice", "text", "number"})
PLAIN = frozenset({"language", "country", "register", OFFERS})
"""Ours whose values say nothing about one person alone."""


@dataclass(frozen=True, slots=True)
class Guess:
    words: tuple[str, ...]
    types: frozenset[str]


GUESSES: Mapping[str, Guess] = {
    "customer.language": Guess(("language", "lang", "locale", "idioma", "lengua"), TEXTS),
    "customer.country": Guess(("country", "pais"), TEXTS),
    "customer.company": Guess(("company", "company name", "empresa"), TEXTS),
    "customer.register": Guess(("register", "form of address", "tratamiento", "tratamento"), TEXTS),
    f"customer.{OFFERS}": Guess(
        ("marketing consent", "offers consent", "offers ok", "opt in", "accepts marketing", "acepta ofertas"),
        DECISIONS,
    ),
    "product.family": Guess(("family", "product family", "product line", "familia", "linea"), TEXTS),
    "product.category": Guess(("category", "product category", "product type", "categoria"), TEXTS),
    "product.tier": Guess(("tier", "level", "nivel"), NUMBERS),
}
"""What fields of the CRM are likely to be called, in the languages that we know, without accents."""


def find_mapping(adapter: type[CRMAdapter]) -> str | None:
    """The setting that takes a field mapping; None where the adapter has none."""
    known = adapter.Settings().fields
    return next((name for name, field in known.items() if isinstance(field, FieldMapSetting)), None)


def read_mapping(adapter: CRMAdapter) -> dict[str, str]:
    found = adapter.settings.get(find_mapping(type(adapter)) or "")
    return dict(found.entries) if isinstance(found, FieldMap) else {}


def describe(adapter: CRMAdapter, *, sample: int = 0) -> dict[str, list[FieldInfo]]:
    """By our word for the kind: `customer`. Empty where the CRM does not describe its fields. Raises CRMError."""
    listed = adapter.capabilities.kinds if adapter.capabilities.describes_fields else frozenset()
    return {
        ours: found
        for ours, kind in KINDS.items()
        if kind in listed and (found := adapter.describe_fields(kind, sample=sample))
    }


def guess(kind: str, found: Sequence[FieldInfo]) -> dict[str, str]:
    """The CRM's field → our name, for what is not read yet: best by name, then by how well it is filled."""
    taken = {f"{kind}.{field.mapped}" for field in found if field.mapped}
    proposed: dict[str, str] = {}
    for ours, wanted in GUESSES.items():
        if ours.startswith(f"{kind}.") and ours not in taken:
            fitting = [field for field in found if not field.mapped and field.type in wanted.types]
            likely = [field for field in fitting if _is_called(field, wanted.words)]
            best = max(likely, key=lambda field: field.fill_rate or 0, default=None)
            if best:
                proposed[best.name] = ours
    return proposed


def check_mapping(adapter: CRMAdapter) -> Iterator[Finding]:
    """A finding for each mapped field that is lost, of the wrong type, or cannot be looked at."""
    entries = read_mapping(adapter)
    if not entries:
        return
    try:
        described = describe(adapter)
    except CRMError as error:
        yield Finding("mapping", ok=False, message=f"{type(error).__name__}: {error}.")
        return
    findings = [check_field(ours, theirs, described) for ours, theirs in entries.items() if theirs]
    yield from (one for one in findings if not one.ok or one.warning)
    if all(one.ok for one in findings):
        yield Finding("mapping", ok=True, message=f"{len(entries)} fields are mapped.")


def check_field(ours: str, theirs: str, described: Mapping[str, Sequence[FieldInfo]]) -> Finding:
    """`described` as `describe` gives it."""
    wrong = find_mistake(ours)
    if wrong:
        return Finding("mapping", ok=False, message=wrong)
    kind = ours.partition(".")[0]
    known = {field.name: field for field in described.get(kind, ())}
    if theirs in known:
        return _check_type(ours, known[theirs])
    if not known or "." in theirs:  # a part of a field, as meta.locale, is not described by itself
        told = f"{ours}: whether the CRM has {theirs} cannot be looked up."
        return Finding("mapping", ok=True, message=told, warning=True)
    return Finding(
        "mapping", ok=False, message=f"{ours}: the CRM has no field {theirs}.{_near(theirs, known)}"
    )


def find_mistake(ours: str) -> str | None:
    """Why there is no such name of ours, with the nearest; None where there is."""
    kind, _, name = ours.partition(".")
    if kind not in RECORDS:
        return f"{ours!r} does not begin with one of {', '.join(RECORDS)} and a dot."
    known = {field.name for field in fields(RECORDS[kind])} | ({OFFERS} if kind == "customer" else set())
    if name in known or any(name.startswith(start) and name != start for start in (CUSTOM, DECLARED)):
        return None
    close = get_close_matches(name, known, n=1)
    hint = f" Did you mean {kind}.{close[0]}?" if close else ""
    return f"We know no {ours}.{hint} A fact of your own is called {kind}.{CUSTOM}NAME."


def mask_sample(field: FieldInfo, kind: str, ours: str) -> str:
    """Enough to see what a field is for. Whatever may say who somebody is is cut, flagged by the CRM or not."""
    text = " ".join(field.example.split())
    chosen = text in {option.value for option in field.options}
    if not field.personal and (field.type in {"boolean", "datetime"} or chosen):
        return text
    if not field.personal and (ours in PLAIN or kind == "product"):
        return " ".join(_hide(word) if _reaches(word) else word for word in text.split())
    return " ".join(_hide(word) for word in text.split())


def _hide(word: str) -> str:
    if "@" in word:
        return mask(word)
    return f"…{word[-2:]}" if sum(map(str.isdigit, word)) > 3 else f"{word[:1]}…"


def _reaches(word: str) -> bool:
    """An address or a telephone's number; a date or an amount is neither."""
    return "@" in word or bool(re.fullmatch(r"[+(]?[\d()/-]{9,}", word))


def _check_type(ours: str, field: FieldInfo) -> Finding:
    wanted = GUESSES[ours].types if ours in GUESSES else None
    if wanted and field.type not in wanted:
        told = f"{ours}: {field.name} is a {field.type} field; {', '.join(sorted(wanted))} is wanted."
        return Finding("mapping", ok=False, message=told)
    return Finding("mapping", ok=True, message=f"{ours}: {field.name} is there.")


def _near(theirs: str, known: Mapping[str, FieldInfo]) -> str:
    by_word = {field.label.lower(): name for name, field in known.items()} | {
        name.lower(): name for name in known
    }
    close = dict.fromkeys(by_word[word] for word in get_close_matches(theirs.lower(), by_word, n=3))
    return f" Near: {', '.join(close)}." if close else ""


def _is_called(field: FieldInfo, words: Sequence[str]) -> bool:
    called = {_plain(field.name), _plain(field.label)}
    return bool(called & set(words))


def _plain(text: str) -> str:
    """`Idioma preferido` → `idioma preferido`; `hs_language`, `Language__c` and `cf_language` → `language`."""
    bare = "".join(
        sign for sign in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(sign)
    )
    words = [word for word in re.split(r"[^a-z0-9]+", bare) if word]
    return " ".join(word for word in words if word not in {"hs", "c", "cf", "x", "preferred", "preferido"})
