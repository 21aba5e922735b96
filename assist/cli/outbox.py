"""`assist outbox`: what waits to be written to the CRMs."""

import click

from assist.cli.output import json_option, open_desk, print_json, print_table, with_errors_explained
from assist.services.writeback import replay
from assist.store import outbox


@click.group("outbox")
def command() -> None:
    """Writes that wait for a CRM, and dead letters."""


@command.command("list")
@click.option("--state", type=click.Choice(["waiting", "delivered", "dead", "cancelled"]))
@click.option("--limit", default=50, show_default=True)
@json_option
@with_errors_explained
def list_command(state: str | None, limit: int, as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """The newest entries; customers are named by their CRM's reference only."""
    with open_desk().database.reading() as session:
        entries = [entry for entry, _ in outbox.list_entries(session, state=state, limit=limit)]
    if as_json:
        names = ("id", "key", "customer_ref", "state", "due_at", "attempts", "cause", "delivered_at")
        return print_json([{name: getattr(entry, name) for name in names} for entry in entries])
    rows = [
        (e.id, e.state, e.customer_ref, e.payload.get("act", e.operation), e.attempts, e.cause or "")
        for e in entries
    ]
    print_table(("id", "state", "customer", "act", "attempts", "cause"), rows)
    return None


@command.command("replay")
@click.argument("entry_id", type=int, required=False)
@click.option("--all", "everything", is_flag=True, help="Every dead letter.")
@with_errors_explained
def replay_command(entry_id: int | None, everything: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Try the dead letter ENTRY_ID again, or --all of them, under the same keys."""
    if (entry_id is None) != everything:
        raise click.UsageError("Give the id of a dead letter, or --all.")
    count = replay(open_desk(), entry_id=entry_id)
    click.echo(f"{count} made due again." if count else "There is no such dead letter.")
