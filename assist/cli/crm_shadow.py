"""`assist crm shadow`: what a CRM would be told, without telling it."""

import click

from assist.cli.output import json_option, open_desk, print_json, with_errors_explained
from assist.services import backlog
from assist.services.backlog import EntryView
from assist.services.connect import get_connection
from assist.services.desk import Desk


@click.command("shadow")
@click.argument("name")
@click.option("--on/--off", "on", default=None, help="Switch it; without, see what would have been written.")
@click.option("--deliver", is_flag=True, help="With --off: deliver what was kept, oldest first.")
@click.option("--limit", default=20, show_default=True, help="How many to show.")
@json_option
@with_errors_explained
def command(name: str, on: bool | None, deliver: bool, limit: int, as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """In shadow mode nothing is written to NAME: outcomes are kept, with what the CRM would have been told."""
    if deliver and on is not False:
        raise click.UsageError("--deliver goes with --off.")
    desk = open_desk()
    if on is not None:
        return _switch(desk, name, on=on, deliver=deliver)
    with desk.database.reading() as session:
        connection = get_connection(session, name)
        entries = backlog.list_kept(session, name, limit=limit)
    if as_json:
        return print_json({"shadow": connection.shadow, "entries": entries})
    click.echo(f"{name} is in shadow mode." if connection.shadow else f"{name} is not in shadow mode.")
    for entry in entries:
        _print_difference(entry)
    if not entries:
        click.echo("Nothing was kept from it.")
    return None


def _switch(desk: Desk, name: str, *, on: bool, deliver: bool) -> None:
    done = backlog.set_shadow(desk, name, on=on, deliver=deliver)
    if on:
        click.echo(f"{name} is in shadow mode: nothing is written to it. Kept so far: {done.kept:,}.")
        if done.in_hand:
            click.echo(f"Being delivered this very moment, and may still arrive: {done.in_hand:,}.")
        return
    click.echo(f"{name} is written to from now on.")
    if done.due:
        click.echo(f"What was kept is being delivered: {done.due:,}.")
    elif done.kept:
        click.echo(
            f"What was kept stays unwritten: {done.kept:,}. To have it delivered after all: "
            f"assist crm shadow {name} --off --deliver"
        )


def _print_difference(entry: EntryView) -> None:
    """A note or a line changes nothing that is there; a field loses what it held."""
    at = f"{entry.created_at:%Y-%m-%d %H:%M} UTC"
    click.echo(f"\n#{entry.id}  {at}  {entry.act}  {entry.operation} of customer {entry.customer_ref}")
    for line in entry.note.splitlines():
        click.echo(click.style(f"+ {line}", fg="green"))
    for change in entry.changes:
        if change.before:
            click.echo(click.style(f"- {change.field}: {change.before}", fg="red"))
        click.echo(click.style(f"+ {change.field}: {change.after}", fg="green"))
