"""`assist outbox`: what waits to be written to the CRMs."""

import click

from assist.cli.output import json_option, open_desk, print_json, print_table, with_errors_explained
from assist.services import backlog
from assist.services.connect import get_connection
from assist.store import outbox

NOTHING = "There is no such dead letter, or its connection is in shadow mode."
NO_TEXT = "(written without a text)"


@click.group("outbox")
def command() -> None:
    """Writes that wait for a CRM, and dead letters."""


@command.command("list")
@click.option("--state", type=click.Choice(outbox.STATES))
@click.option("--connection", help="Of one connection only.")
@click.option("--limit", default=50, show_default=True)
@json_option
@with_errors_explained
def list_command(state: str | None, connection: str | None, limit: int, as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """The newest entries; customers are named by their CRM's reference only."""
    with open_desk().database.reading() as session:
        of = get_connection(session, connection).id if connection else None
        entries = outbox.list_entries(session, state=state, connection_id=of, limit=limit)
    if as_json:
        names = ("id", "key", "customer_ref", "state", "due_at", "attempts", "cause", "delivered_at")
        return print_json([{name: getattr(entry, name) for name in names} for entry in entries])
    rows = [
        (e.id, e.state, e.customer_ref, e.payload.get("act", e.operation), e.attempts, e.cause or "")
        for e in entries
    ]
    print_table(("id", "state", "customer", "act", "attempts", "cause"), rows)
    return None


@command.command("show")
@click.argument("entry_id", type=int)
@json_option
@with_errors_explained
def show_command(entry_id: int, as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """What the entry ENTRY_ID tells its CRM, word for word, and what came of it."""
    with open_desk().database.reading() as session:
        entry = backlog.find_entry(session, entry_id)
    if as_json:
        return print_json(entry)
    facts = {
        "state": entry.state,
        "connection": f"{entry.connection} ({entry.adapter})",
        "customer": entry.customer_ref,
        "act": entry.act,
        "key": entry.key,
        "attempts": entry.attempts,
        "cause": entry.cause,
        "recorded": f"{entry.created_at:%Y-%m-%d %H:%M:%S} UTC",
        "due": f"{entry.due_at:%Y-%m-%d %H:%M:%S} UTC",
        "delivered": entry.delivered_at and f"{entry.delivered_at:%Y-%m-%d %H:%M:%S} UTC",
        "CRM's record": entry.record_ref,
    }
    for name, value in facts.items():
        if value is not None:
            click.echo(f"{name:<13}{value}")
    for change in entry.changes:
        click.echo(f"{change.field}: {change.before or '–'} → {change.after or '–'}")
    if not entry.changes:
        click.echo(f"\n{entry.note or NO_TEXT}")
    return None


@command.command("replay")
@click.argument("entry_id", type=int, required=False)
@click.option("--all", "everything", is_flag=True, help="Every dead letter.")
@click.option("--connection", help="Every dead letter of a connection.")
@click.option("--cause", metavar="KIND", help="Every dead letter with that cause, as PermissionDenied.")
@with_errors_explained
def replay_command(
    entry_id: int | None,
    everything: bool,  # noqa: FBT001 - click passes options by name
    connection: str | None,
    cause: str | None,
) -> None:
    """Try the dead letter ENTRY_ID again, or several of them, under the same keys."""
    several = everything or connection is not None or cause is not None
    if (entry_id is None) != several:
        raise click.UsageError("Give the id of a dead letter, or --all, --connection or --cause.")
    count = backlog.replay(open_desk(), entry_id=entry_id, connection=connection, cause=cause)
    click.echo(f"{count} made due again." if count else NOTHING)


@command.command("cancel")
@click.argument("entry_id", type=int)
@with_errors_explained
def cancel_command(entry_id: int) -> None:
    """Never write the entry ENTRY_ID, which waits, is kept in shadow, or is dead. The outcome itself stands."""
    told = backlog.cancel(open_desk(), entry_id)
    click.echo(f"{entry_id} is cancelled.")
    if told:
        click.echo("An earlier attempt got no answer: the CRM may hold it all the same.")
