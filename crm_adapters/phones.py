"""Telephone numbers: written forms to E.164, and when two numbers reach the same telephone."""

import re

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from crm_adapters.model import Phone

_BRAZIL_WITHOUT_NINTH = re.compile(r"\+55([1-9]\d)([6-9]\d{7})")
"""Mobile numbers of eight digits, which began with 6 to 9; a 9 was put before them between 2012 and 2016."""
_MEXICO_WITH_ONE = re.compile(r"\+521(\d{10})")
"""The 1 for mobiles was abolished in August 2019; WhatsApp still writes it."""


LAST_DIGITS = 8
"""What written forms of a telephone agree in, with or without a ninth digit, area or country code."""


def parse(raw: str, *, country: str | None = None) -> Phone:
    """`country` (ISO 3166-1 alpha-2) is where a number without +, 00 or country code is taken to be from."""
    return Phone(raw=raw.strip(), e164=e164(raw, country=country))


def e164(raw: str, *, country: str | None = None) -> str | None:
    """None where the digits make no possible number, or none without knowing the country."""
    written = re.sub(r"^\s*00", "+", raw)
    try:
        number = phonenumbers.parse(written, country)
    except NumberParseException:
        return None
    number.extension = None
    text: str = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if _MEXICO_WITH_ONE.fullmatch(text):
        return match_key(text)
    return text if phonenumbers.is_possible_number(number) else None


def match_key(number: str) -> str:
    """The same text for all E.164 numbers that reach the same telephone."""
    brazil = _BRAZIL_WITHOUT_NINTH.fullmatch(number)
    if brazil:
        return f"+55{brazil[1]}9{brazil[2]}"
    mexico = _MEXICO_WITH_ONE.fullmatch(number)
    return f"+52{mexico[1]}" if mexico else number


def written_ends(number: str) -> list[str]:
    """How the last digits of an E.164 number are written: in one, grouped as its country does, with other signs
    between the groups. For a CRM that looks for the very signs that somebody typed."""
    parsed = phonenumbers.parse(number)
    forms = [number]
    for form in (PhoneNumberFormat.NATIONAL, PhoneNumberFormat.INTERNATIONAL):
        text = phonenumbers.format_number(parsed, form)
        forms += [text, re.sub(r"[^\d+]+", " ", text), re.sub(r"[^\d+]+", "-", text)]
    return sorted({_end(form) for form in forms})


def _end(text: str) -> str:
    starts = [found.start() for found in re.finditer(r"\d", text)]
    return text[starts[-min(LAST_DIGITS, len(starts))] :]
