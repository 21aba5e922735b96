"""`assist crm remove`: a connection with everything that was read by it."""

import click

from assist.cli.output import open_desk, with_errors_explained
from assist.services import removal
from assist.services.removal import Plan


@click.command("remove")
@click.argument("name")
@click.option("--force", is_flag=True, help="Give up outcomes that the CRM was not told yet.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_errors_explained
def command(name: str, force: bool, yes: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Remove the connection NAME: secrets, tokens, and the copy of its records. At the CRM nothing changes."""
    desk = open_desk()
    _print(removal.plan(desk, name))
    if not yes:
        click.confirm("Remove it?", abort=True)
    removal.remove(desk, name, force=force)
    click.echo(f"{name} is removed. The model still knows its products; train anew: assist model train")


def _print(plan: Plan) -> None:
    records = ", ".join(f"{count:,} {kind}" for kind, count in plan.mirror.items())
    click.echo(f"With {plan.connection} ({plan.adapter}) go: its settings and secrets, {records}.")
    click.echo(f"Outcomes that it was not told yet: {plan.waiting:,}. Kept in shadow mode: {plan.kept:,}.")
    if plan.objections:
        click.echo(
            f"{plan.objections:,} people who want no offers are known here only: "
            "should they come back by another connection, they will have to say so again."
        )
    click.echo("Decisions and outcomes stay, without saying whom they were about.")
