"""The sample shop's customers: names, addresses to reach them, consents, companies, drawn from a seed."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from crm_adapters.model import Consent, Customer, Email, Phone
from crm_adapters.vendors.sample.names import COUNTRIES, Country
from crm_adapters.vendors.sample.segments import BUSINESS, PRIVATE, Segment

YEARS_DAYS = 1095
SHARED_EMAILS = 15
"""Pairs of people who read one address."""


@dataclass(frozen=True, slots=True)
class Person:
    """A customer and what the CRM does not know: the segment, and the day of the first visit (0 is today)."""

    customer: Customer
    segment: Segment
    country: Country
    first_day: int


def roll(seed: int, *parts: object) -> Random:
    """A source of chance of its own for each thing made, so that nothing depends on the order of making."""
    return Random(f"{seed}/{'/'.join(map(str, parts))}")  # noqa: S311 - an invented shop, not a secret


def pick(dice: Random, weights: Mapping[str, float]) -> str:
    return dice.choices(list(weights), weights=list(weights.values()))[0]


def build_people(seed: int, today: datetime, *, numbers: range) -> list[Person]:
    people = [_person(seed, today, number) for number in numbers]
    return _sharing(people)


def _person(seed: int, today: datetime, number: int) -> Person:
    dice = roll(seed, "person", number)
    country = dice.choices(COUNTRIES, weights=[country.share for country in COUNTRIES])[0]
    company = _company(dice, country) if dice.random() < 0.12 else None
    segment = BUSINESS if company else dice.choices(PRIVATE, weights=[each.share for each in PRIVATE])[0]
    first_day = -int(YEARS_DAYS * dice.random() ** 0.8)
    created = today + timedelta(days=first_day - 2 - dice.randrange(20), hours=-dice.randrange(10))
    customer = _named(dice, country, f"C-{number:04d}")
    customer = replace(
        customer,
        phones=_phones(dice, country, number),
        emails=_emails(dice, customer, number=number, company=company),
        company=company,
        consents=_consents(dice, created),
        declared_ids={"shop": str(20000 + number)} if dice.random() < 0.3 else {},
        custom=_custom(dice, country),
        created_at=created,
        updated_at=created,
    )
    return Person(customer, segment, country, first_day)


def _named(dice: Random, country: Country, ref: str) -> Customer:
    given = dice.choice(country.given)
    family = dice.choice(country.family)
    if country.code in {"ES", "MX"} and dice.random() < 0.5:
        family = f"{family} {dice.choice(country.family)}"
    return Customer(
        ref,
        f"{given} {family}",
        given_name=given,
        family_name=family,
        country=country.code,
        language=pick(dice, dict(country.languages)) if dice.random() > 0.04 else None,
        register=pick(dice, {"formal": 3, "neutral": 2, "informal": 4}) if dice.random() < 0.35 else None,
    )


def _company(dice: Random, country: Country) -> str:
    return f"{dice.choice(country.company_words)} {dice.choice(country.company_forms)}"


def _phones(dice: Random, country: Country, number: int) -> tuple[Phone, ...]:
    """The last digits are the customer's number, so that no two people share a phone."""
    if dice.random() < 0.08:
        return ()
    block = dice.choice(country.areas)
    if country.code == "BR":
        return (brazilian(block[:5], f"90{number:04d}00", short=dice.random() < 0.3),)
    width = {"US": 4, "ES": 6, "MX": 6}[country.code]
    e164 = f"{block}{number:0{width}d}"
    return (Phone(e164 if dice.random() < 0.7 else _spaced(e164), e164),)


def brazilian(area: str, digits: str, *, short: bool) -> Phone:
    """`digits` are the eight after the ninth digit; a short number was noted before that digit came."""
    raw = f"{area[:3]} {area[3:]} {'' if short else '9'}{digits[:4]}-{digits[4:]}"
    return Phone(raw, f"{area}9{digits}")


def _spaced(e164: str) -> str:
    return f"{e164[:-7]} {e164[-7:-4]} {e164[-4:]}"


def _emails(dice: Random, customer: Customer, *, number: int, company: str | None) -> tuple[Email, ...]:
    if dice.random() < 0.05:
        return ()
    host = (
        f"{slug(company)}.example" if company else dice.choice(("example.com", "example.org", "mail.example"))
    )
    local = f"{slug(customer.given_name)}.{slug(customer.family_name.split()[0])}{number}"
    return (Email(f"{local}@{host}", verified=dice.random() < 0.45),)


def slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return "".join(letter for letter in plain if letter.isalnum())


def _consents(dice: Random, since: datetime) -> tuple[Consent, ...]:
    chance = dice.random()
    if chance < 0.70:
        return ()
    return (Consent("offers", granted=chance < 0.96, at=since + timedelta(days=1)),)


def _custom(dice: Random, country: Country) -> Mapping[str, str]:
    store = {"store": dice.choice(country.stores)}
    return {**store, "loyalty_card": "yes"} if dice.random() < 0.4 else store


def _sharing(people: Sequence[Person]) -> list[Person]:
    """Every hundred and fiftieth person reads the mail of the one before."""
    shared = list(people)
    for index in range(150, min(len(shared), 151 * SHARED_EMAILS), 150):
        emails = tuple(replace(email, verified=False) for email in shared[index - 1].customer.emails)
        shared[index] = replace(shared[index], customer=replace(shared[index].customer, emails=emails))
    return shared
