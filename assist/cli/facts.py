"""`assist facts`: what may be known about a customer, and of how many it is known."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass

import click

from assist.cli.output import json_option, open_desk, print_json, print_table, with_errors_explained
from assist.services import fill
from assist.services.fill import FillRates
from personas.fact import Fact
from personas.facts import FACTS, find_fact
from personas.sensitivity import find_sensitivity

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Entry:
    name: str
    type: str
    unit: str
    source: str
    freshness: str
    sensitivity: str
    description: str
    known: int | None
    """Customers; None where it was never counted."""
    customers: int | None
    values: dict[str, int]

    @property
    def rate(self) -> float | None:
        return self.known / self.customers if self.known is not None and self.customers else None


@click.group("facts")
def command() -> None:
    """What conditions can speak of, and for how many customers it is known."""


@command.command("list")
@json_option
@with_errors_explained
def list_command(as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Every fact with its source, its age and its fill rate, as counted by `assist facts refresh`."""
    with open_desk().database.reading() as session:
        rates = fill.load(session)
    entries = [_entry(name, fact, rates) for name, fact in _declared(rates)]
    if as_json:
        return print_json(
            {
                "measured_at": rates and rates.measured_at,
                "customers": rates and rates.customers,
                "facts": [_plain(one) for one in entries],
            }
        )
    header = ("name", "type", "unit", "source", "freshness", "sensitivity", "known of")
    print_table(header, [_row(one) for one in entries])
    measured = f"Counted {rates.measured_at:%Y-%m-%d %H:%M} UTC" if rates else "Never counted"
    click.echo(f"\n{measured}; count anew with: assist facts refresh")
    return None


@command.command("refresh")
@json_option
@with_errors_explained
def refresh_command(as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Count over all customers for how many each fact is known: minutes for a million."""
    rates = fill.refresh(open_desk())
    if as_json:
        return print_json({"measured_at": rates.measured_at, "customers": rates.customers})
    click.echo(f"Counted over {rates.customers:,} customers; see: assist facts list")
    return None


def _declared(rates: FillRates | None) -> Iterator[tuple[str, Fact]]:
    """As declared; the CRM's fields that were found, after the pattern they fall under."""
    for fact in FACTS:
        yield fact.name, fact
    for name in rates.facts if rates else ():
        found = find_fact(name)
        if found and found.is_pattern:
            yield name, found


def _entry(name: str, fact: Fact, rates: FillRates | None) -> Entry:
    found = rates.find(name) if rates else None
    return Entry(
        name=name,
        type=fact.type,
        unit=fact.unit,
        source=fact.source,
        freshness=fact.source.freshness,
        sensitivity=find_sensitivity(name),
        description=fact.description,
        known=found.known if found else None,
        customers=rates.customers if rates and found else None,
        values=dict(found.values) if found else {},
    )


def _row(one: Entry) -> tuple[str, ...]:
    return one.name, one.type, one.unit, one.source, one.freshness, one.sensitivity, _rate(one)


def _rate(one: Entry) -> str:
    if one.rate is None:
        return UNKNOWN
    return f"{one.rate:.1%} of {one.customers:,}"


def _plain(one: Entry) -> dict[str, object]:
    return {**asdict(one), "rate": one.rate}
