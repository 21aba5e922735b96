"""`assist crm writes`: whether outcomes are written to a connection, and which one gets a person's notes."""

import click

from assist.cli.output import open_desk, with_errors_explained
from assist.services.backlog import set_writes
from assist.services.connect import get_connection


@click.command("writes")
@click.argument("name")
@click.option("--on/--off", "on", default=None, help="Write outcomes to it, or only read.")
@click.option("--first/--not-first", "first", default=None, help="Before others that know the person.")
@with_errors_explained
def command(name: str, on: bool | None, first: bool | None) -> None:  # noqa: FBT001 - click passes options by name
    """Say, or set, whether outcomes are written to NAME.

    A person's outcomes go to one connection: to one that is first, else to the one that the customer was found in,
    else to the oldest that knows the person. What waits already is not moved.
    """
    desk = open_desk()
    if on is None and first is None:
        with desk.database.reading() as session:
            connection = get_connection(session, name)
    else:
        connection = set_writes(desk, name, on=on, first=first)
    if not connection.writes:
        click.echo(f"{name} is read only: no outcome is written to it.")
    elif connection.shadow:
        click.echo(f"{name} is in shadow mode: its outcomes are kept, not written.")
    else:
        click.echo(f"Outcomes are written to {name}.")
    if connection.writes and connection.notes_first:
        click.echo("It comes before other connections that know the same person.")
