"""`assist crm webhook`: the address at which a CRM tells us what has changed."""

import click

from assist.cli.output import open_desk, with_errors_explained
from assist.services.webhooks import Address, make_address


@click.command("webhook")
@click.argument("name")
@click.option("--rotate", is_flag=True, help="A new address; the former one ends at once.")
@with_errors_explained
def command(name: str, rotate: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Show where the CRM of the connection NAME is to send its webhooks, and what to set up there."""
    address = make_address(open_desk(), name, rotate=rotate)
    setup = address.setup
    click.echo(address.url + (f"?{setup.query}=SECRET" if setup.query else ""))
    click.echo(f"\nEnter it at the CRM: {setup.place}.")
    if setup.events:
        click.echo("To choose there:")
        for event in setup.events:
            click.echo(f"  {event}")
    _explain_proof(address)
    if setup.note:
        click.echo(setup.note)
    if rotate:
        click.echo("The former address is closed: until the CRM knows the new one, only syncs bring news.")


def _explain_proof(address: Address) -> None:
    setting = " or ".join(address.setup.settings)
    click.echo(f"Who calls is proved by {address.setup.proof}: the connection's setting {setting}.")
    if address.unset:
        click.echo(f"{setting} has no value yet, so that everything is refused.", err=True)
    if not address.url.startswith("https://"):
        click.echo("CRMs want https: set ASSIST_PUBLIC_URL to the address that they reach us by.", err=True)
