"""`assist pairs`: products that are ordered together far more often than by chance, for a person to decide."""

from collections.abc import Callable, Sequence
from dataclasses import asdict

import click

from assist.cli.output import json_option, open_desk, print_json, print_table, with_errors_explained
from assist.services import pairs
from assist.services.desk import Desk
from assist.services.pairs import LearnedRelation, UnknownPair
from assist.services.training import read_shop
from assist.services.versions import COMMAND, Mover
from assist.store.pairs import PROPOSED, STATES

Deed = Callable[[Desk, Sequence[int], Mover], list[LearnedRelation]]

ids_argument = click.argument("ids", nargs=-1, type=int, metavar="[ID]…")
all_option = click.option("--all", "every", is_flag=True, help="All that wait for an answer.")


@click.group("pairs")
def command() -> None:
    """Products often ordered together: without a word from you they are no relation."""


@command.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only these.")
@click.option("--anew", is_flag=True, help="Find them now; every training does so too.")
@json_option
@with_errors_explained
def list_command(state: str | None, anew: bool, as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """What was found, the surest first, with the orders it was found in."""
    desk = open_desk()
    if anew:
        _find(desk)
    with desk.database.reading() as session:
        found = pairs.list_all(session, state)
    if as_json:
        return print_json([_plain(one) for one in found])
    rows = [(one.id, one.state, one.anchor_name, one.product_name, *_numbers(one)) for one in found]
    print_table(("id", "state", "with", "goes", "orders of both", "share", "lift"), rows)
    return None


def _find(desk: Desk) -> None:
    with desk.database.reading() as session:
        data, catalogue = read_shop(session)
    pairs.propose(desk, catalogue, data)


def _numbers(one: LearnedRelation) -> tuple[str, str, str]:
    pair = one.pair
    share = f"{pair.share:.0%} ({pair.low:.0%} to {pair.high:.0%})"
    return f"{pair.together:,} of {pair.orders:,}", share, f"{pair.lift:.1f}"


@command.command("approve")
@ids_argument
@all_option
@json_option
@with_errors_explained
def approve_command(ids: Sequence[int], every: bool, as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Let these pairs count as relations of your catalogue, from the next training on."""
    _answer(pairs.approve, ids, "Approved", every=every, as_json=as_json)


@command.command("reject")
@ids_argument
@all_option
@json_option
@with_errors_explained
def reject_command(ids: Sequence[int], every: bool, as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Do not propose these pairs again unless their numbers change; approved ones are relations no more."""
    _answer(pairs.reject, ids, "Rejected", every=every, as_json=as_json)


def _answer(deed: Deed, ids: Sequence[int], word: str, *, every: bool, as_json: bool) -> None:
    if bool(ids) == every:
        raise click.UsageError("Name the pairs by their ids, or give --all.")
    desk = open_desk()
    try:
        decided = deed(desk, _waiting(desk) if every else ids, Mover(COMMAND))
    except UnknownPair as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        return print_json([_plain(one) for one in decided])
    for one in decided:
        click.echo(f"{word}: {one.product_name} with {one.anchor_name}")
    click.echo(f"{word} {len(decided):,}; it counts from the next training on: assist model train")
    return None


def _waiting(desk: Desk) -> list[int]:
    with desk.database.reading() as session:
        return [one.id for one in pairs.list_all(session, PROPOSED)]


def _plain(one: LearnedRelation) -> dict[str, object]:
    return {**asdict(one), "share": one.pair.share, "lift": one.pair.lift}
