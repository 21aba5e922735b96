"""`assist rules simulate` and `simulation`: what a release would change, as tables."""

from collections.abc import Iterator, Mapping
from typing import Any

import click

from assist.cli.actor import as_option, find_actor
from assist.cli.output import (
    json_option,
    open_desk,
    print_json,
    print_table,
    progress_bar,
    with_errors_explained,
)
from assist.services import simulation
from assist.services.simulation import CUSTOMERS, DAYS, DECISIONS, MOST_CASES, Plan, Simulated

DIGEST = 12
"""Signs of one that are shown."""
NOTES = {
    "restraints_lifted": "Declines and objections that were taken back since do not hold in the replay.",
    "cases_closed": "Complaints that were open then and are closed now do not close the gate.",
    "order_states": "Orders count as they are now: what was late then, or came back since, is not seen.",
    "stock_and_prices": "Stock, prices and the catalogue are today's.",
    "customer_as_now": "Country, language, consent and mapped fields of customers are today's.",
    "model_as_now": "Candidates come from the model that serves now, for both releases.",
    "rates_as_now": "How often such offers were taken is counted up to today.",
    "no_conversation": "No decision was replayed: these are customers as they are now, in no conversation.",
    "no_model": "No model serves, so nothing is offered under either release.",
    "model_replaced": "Another model began to serve meanwhile; both releases had the same one in each case.",
    "customers_gone": "Some customers are gone and were left out.",
}
BOUND = "Concessions at most (upper bound)"


@click.command("simulate")
@click.argument("release")
@click.option("--against", metavar="RELEASE", help="Else what is in force now.")
@click.option("--most", type=click.IntRange(1), default=MOST_CASES, show_default=True, help="Cases.")
@click.option("--days", type=click.IntRange(1), default=DAYS, show_default=True, help="Decisions no older.")
@click.option(
    "--over",
    type=click.Choice([DECISIONS, CUSTOMERS]),
    help="Past decisions, or customers as they are now; else decisions, where there are any.",
)
@as_option
@json_option
@with_errors_explained
def simulate_command(
    release: str,
    against: str | None,
    email: str | None,
    as_json: bool,  # noqa: FBT001 - click passes options by name
    **plan: Any,
) -> None:
    """Try RELEASE on past decisions, and keep with it what it would change; it cannot be approved before."""
    desk = open_desk()
    actor = find_actor(desk, email)
    with progress_bar() as progress:
        made = simulation.simulate(
            desk, release, against=against, plan=Plan(**plan), progress=progress, actor=actor
        )
    _tell(made, as_json=as_json)


@click.command("simulation")
@click.argument("release")
@json_option
@with_errors_explained
def show_command(release: str, as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """What the last simulation of RELEASE said."""
    with open_desk().database.reading() as session:
        made = simulation.find_latest(session, release)
    if made is None:
        raise click.ClickException(f"It was not simulated yet: assist rules simulate {release}")
    _tell(made, as_json=as_json)


COMMANDS = (simulate_command, show_command)


def _tell(made: Simulated, *, as_json: bool) -> None:
    if as_json:
        return print_json(made)
    report = made.report
    of = (
        f"decisions of {report['days']} days"
        if report["source"] == DECISIONS
        else "customers as they are now"
    )
    click.echo(f"{made.release[:DIGEST]} against {made.against[:DIGEST]}: {report['cases']:,} {of}")
    click.echo(f"Change: {_share(report['changed'])}")
    if report["reproduced"]:
        click.echo(f"Replayed as they were then: {_share(report['reproduced'])}")
    print_table(("", "before", "after"), list(_sums(report["before"], report["after"])))
    _print_changes(report["changes"])
    for by, groups in report["fairness"].items():
        click.echo(f"\nBy {by}")
        print_table(
            ("", "n", "offered before", "offered after", "value before", "value after"), _rows(groups)
        )
    click.echo()
    for note in report["notes"]:
        click.echo(f"· {NOTES.get(note, note)}")
    return None


def _share(found: Mapping[str, Any]) -> str:
    if found["share"] is None:
        return "none of 0"
    spread = f"{found['low']:.1%} to {found['high']:.1%}"
    return f"{found['count']:,} of {found['of']:,} = {found['share']:.1%} ({spread})"


def _sums(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[object, ...]]:
    """The funnel, why nothing was offered, and money."""
    one, two = before["funnel"], after["funnel"]
    yield "candidates", one["candidates"], two["candidates"]
    for stage in one["removed"]:
        yield f"  out by {stage}", one["removed"][stage], two["removed"][stage]
    yield "suggestions", one["chosen"], two["chosen"]
    for silence in sorted(before["silence"] | after["silence"]):
        yield f"nothing: {silence}", before["silence"].get(silence, 0), after["silence"].get(silence, 0)
    for currency in sorted(before["value"] | after["value"]):
        yield (f"expected value, {currency}", *(side["value"][currency]["sum"] for side in (before, after)))
        yield "  per decision", *(_mean(side["value"][currency]) for side in (before, after))
    ones, twos = (side["concession_upper_bound"] for side in (before, after))
    for currency in sorted(ones["most"] | twos["most"]):
        yield f"{BOUND}, {currency}", ones["most"].get(currency, "0.00"), twos["most"].get(currency, "0.00")
    yield "  without persona or price", ones["uncounted"], twos["uncounted"]


def _mean(found: Mapping[str, Any]) -> str:
    spread = f" ({found['low']} to {found['high']})" if found["low"] is not None else ""
    return f"{found['mean']}{spread}, n = {found['n']:,}"


def _rows(groups: list[dict[str, Any]]) -> list[tuple[object, ...]]:
    return [
        (
            one["group"] if one["ranked"] else f"{one['group']} (few)",
            one["n"],
            *(f"{_range(one[side]['offered'])}" for side in ("before", "after")),
            *(_values(one[side]["value"]) for side in ("before", "after")),
        )
        for one in groups
    ]


def _range(found: Mapping[str, Any]) -> str:
    return f"{found['share']:.0%} ({found['low']:.0%} to {found['high']:.0%})"


def _values(found: Mapping[str, Any]) -> str:
    return "; ".join(f"{currency} {_mean(mean)}" for currency, mean in found.items())


def _print_changes(changes: list[dict[str, Any]]) -> None:
    for one in changes:
        where = f"customer {one['customer']}, {one['at'][:16]}"
        click.echo(f"\n{one['difference']} {one['currency']}  {where}")
        for side, mark in (("before", "-"), ("after", "+")):
            click.echo(f"  {mark} {_shown(one[side])}")
        for why in one["why"]:
            click.echo(f"    {_reason(why)}")


def _shown(side: Mapping[str, Any]) -> str:
    told = ", ".join(f"{each['sku']} {each['value']}" for each in side["shown"])
    persona = f"  [{side['persona']}]" if side["persona"] else ""
    return f"{told or 'nothing: ' + str(side['silence'])}{persona}"


def _reason(why: Mapping[str, str]) -> str:
    words = [f"{why['side']}: {why['product']}", why["stage"], why["rule"], why.get("clause", "")]
    if "actual" in why:
        words.append(f"{why['actual']}, wanted {why['wanted']}")
    return " · ".join(word for word in words if word)
