"""`assist crm preview`: what the notes about outcomes look like at a CRM."""

import click

from assist.cli.output import json_option, open_desk, print_json, with_errors_explained
from assist.services import notes


@click.command("preview")
@click.argument("name")
@click.option("--agent", default="Alex Agent", show_default=True, help="Whose name the examples carry.")
@json_option
@with_errors_explained
def command(name: str, agent: str, as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Show a note of each kind, in the words and the language that NAME is written to in."""
    examples = notes.list_examples(open_desk(), name, agent=agent)
    if as_json:
        return print_json([{"act": one.act, "reason": one.reason, "note": one.note} for one in examples])
    for one in examples:
        title = f"{one.act.value}, {one.reason}" if one.reason else one.act.value
        click.echo(f"--- {title}\n{one.note}\n")
    return None
