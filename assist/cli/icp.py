"""`assist icp`: how well the ideal customer profile tells who buys."""

from collections.abc import Sequence

import click

from assist.cli.output import json_option, open_desk, print_json, print_table, with_errors_explained
from assist.services.backtest import PastIcp, backtest_icp
from personas.backtest import LEAST_COMPARED, LEAST_OF_EACH, UNRATED, Auc, Group, Inversion

MOST_DAYS = 3_650


@click.group("icp")
def command() -> None:
    """The ideal customer profile, held against who really bought."""


@command.command("backtest")
@click.option(
    "--days",
    type=click.IntRange(1, MOST_DAYS),
    default=90,
    show_default=True,
    help="The time that is held back.",
)
@click.option("--release", metavar="NAME", help="As `assist rules list` has it; else the one in force.")
@json_option
@with_errors_explained
def backtest_command(days: int, release: str | None, as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Rates all customers as of so many days ago, and looks at who has bought since."""
    found = backtest_icp(open_desk(), days=days, release=release)
    if as_json:
        return print_json(_plain(found))
    result = found.result
    click.echo(f"Rated as of {found.rated_at:%Y-%m-%d %H:%M} UTC; bought: an order since then, {days} days.")
    click.echo(f"{result.customers:,} customers, of whom {result.buyers:,} bought.")
    click.echo(f"AUC {_auc(result.auc)}\n")
    _print_groups("tier", result.tiers)
    click.echo()
    _print_groups("grid", [group for group in result.grid if group.customers])
    _print_warnings(found)
    return None


def _auc(auc: Auc | None) -> str:
    if auc is None:
        return f"unknown: it takes {LEAST_OF_EACH} buyers and {LEAST_OF_EACH} others with a tier"
    spread = f"{auc.interval.low:.3f}–{auc.interval.high:.3f}" if auc.interval else "interval unknown"
    return f"{auc.value:.3f} ({spread}); 0.5 is chance"


def _print_groups(name: str, groups: Sequence[Group]) -> None:
    rows = [(group.label, f"{group.customers:,}", f"{group.buyers:,}", _rate(group)) for group in groups]
    print_table((name, "customers", "bought", "share (95 %)"), rows)


def _rate(group: Group) -> str:
    if group.rate is None or group.interval is None:
        return "unknown"
    return f"{group.rate:.1%} ({group.interval.low:.1%}–{group.interval.high:.1%})"


def _print_warnings(found: PastIcp) -> None:
    for one in found.result.inversions:
        click.echo(f"\nWarning: {_warn(one)}")
    small = [
        group.label
        for group in found.result.tiers
        if group.label != UNRATED and group.customers < LEAST_COMPARED
    ]
    if small:
        click.echo(
            f"\nNot compared, because they have fewer than {LEAST_COMPARED} customers: {', '.join(small)}"
        )
    if found.left_out:
        click.echo(f"\nLeft out: {found.left_out:,} of whom nothing shows that they were customers by then.")
    if found.not_rewound:
        click.echo(f"\nKnown as of today, not as of then: {', '.join(found.not_rewound)}")


def _warn(one: Inversion) -> str:
    certainty = "the intervals lie apart" if one.is_sure else "it may be chance"
    return f"{one.better.label} bought less often than {one.worse.label}: {certainty}."


def _plain(found: PastIcp) -> dict[str, object]:
    result = found.result
    return {
        "release": found.release,
        "rated_at": found.rated_at,
        "until": found.until,
        "customers": result.customers,
        "buyers": result.buyers,
        "auc": None if result.auc is None else _plain_auc(result.auc),
        "tiers": [_plain_group(group) for group in result.tiers],
        "grid": [_plain_group(group) for group in result.grid],
        "inversions": [
            {"better": one.better.label, "worse": one.worse.label, "sure": one.is_sure}
            for one in result.inversions
        ],
        "left_out": found.left_out,
        "not_rewound": found.not_rewound,
    }


def _plain_auc(auc: Auc) -> dict[str, object]:
    return {"value": auc.value, "interval": auc.interval and auc.interval._asdict()}


def _plain_group(group: Group) -> dict[str, object]:
    interval = group.interval and group.interval._asdict()
    return {
        "label": group.label,
        "customers": group.customers,
        "buyers": group.buyers,
        "rate": group.rate,
        "interval": interval,
    }
