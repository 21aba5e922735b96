"""`assist model families`: families derived for products that the CRM gives none, for a person to decide."""

from collections.abc import Callable, Sequence

import click

from assist.cli.output import json_option, open_desk, print_json, print_table, with_errors_explained
from assist.services import families
from assist.services.desk import Desk
from assist.services.families import Family, UnknownFamily
from assist.services.training import read_shop
from assist.services.versions import COMMAND, Mover
from assist.store.families import APPROVED, PROPOSED, REJECTED

SHOWN = 4
Deed = Callable[[Desk, Sequence[int], Mover], list[Family]]

ids_argument = click.argument("ids", nargs=-1, type=int, metavar="[ID]…")
all_option = click.option("--all", "every", is_flag=True, help="All that wait for an answer.")


@click.group("families")
def command() -> None:
    """Families derived from names and orders: without a word from you they do nothing."""


@command.command("list")
@click.option("--state", type=click.Choice([PROPOSED, APPROVED, REJECTED]), help="Only these.")
@click.option("--anew", is_flag=True, help="Derive them now; every training does so too.")
@json_option
@with_errors_explained
def list_command(state: str | None, anew: bool, as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """What was derived, the surest first, with the reason for each."""
    desk = open_desk()
    if anew:
        _derive(desk)
    with desk.database.reading() as session:
        found = families.list_all(session, state)
    if as_json:
        return print_json([_plain(one) for one in found])
    rows = [
        (one.id, one.state, f"{one.confidence:.2f}", one.name, _members(one), one.reason) for one in found
    ]
    print_table(("id", "state", "sure", "family", "products", "reason"), rows)
    return None


def _derive(desk: Desk) -> None:
    with desk.database.reading() as session:
        data, catalogue = read_shop(session)
    families.propose(desk, catalogue, data)


@command.command("approve")
@ids_argument
@all_option
@json_option
@with_errors_explained
def approve_command(ids: Sequence[int], every: bool, as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Let these families act, from the next training on."""
    _answer(families.approve, ids, "Approved", every=every, as_json=as_json)


@command.command("reject")
@ids_argument
@all_option
@json_option
@with_errors_explained
def reject_command(ids: Sequence[int], every: bool, as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Never propose these families again; approved ones act no more from the next training on."""
    _answer(families.reject, ids, "Rejected", every=every, as_json=as_json)


def _answer(deed: Deed, ids: Sequence[int], word: str, *, every: bool, as_json: bool) -> None:
    if bool(ids) == every:
        raise click.UsageError("Name the families by their ids, or give --all.")
    desk = open_desk()
    try:
        decided = deed(desk, _waiting(desk) if every else ids, Mover(COMMAND))
    except UnknownFamily as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        return print_json([_plain(one) for one in decided])
    for one in decided:
        click.echo(f"{word} {one.name}: {_members(one)}")
    click.echo(f"{word} {len(decided):,}; it counts from the next training on: assist model train")
    return None


def _waiting(desk: Desk) -> list[int]:
    with desk.database.reading() as session:
        return [one.id for one in families.list_all(session, PROPOSED)]


def _members(family: Family) -> str:
    shown = [member.name or member.sku for member in family.members[:SHOWN]]
    more = len(family.members) - len(shown)
    return " · ".join(shown) + (f" and {more:,} more" if more else "")


def _plain(family: Family) -> dict[str, object]:
    return {
        "id": family.id,
        "name": family.name,
        "state": family.state,
        "confidence": family.confidence,
        "reason": family.reason,
        "members": [member._asdict() for member in family.members],
        "decided_at": family.decided_at,
    }
