"""`assist crm authorize`: signing a connection in by a browser that need not run on this machine."""

import click

from assist.cli.output import open_desk, with_errors_explained
from assist.services import authorize


@click.command("authorize")
@click.argument("name")
@click.option("--redirect-uri", metavar="URL", help="As registered with the CRM, where it is not ours.")
@with_errors_explained
def command(name: str, redirect_uri: str | None) -> None:
    """Sign the connection NAME in at its CRM, with a browser."""
    desk = open_desk()
    begun = authorize.begin(desk, name, redirect_uri=redirect_uri)
    click.echo(
        f"Open this address in a browser, signed in to the CRM as its admin, and agree:\n\n{begun.url}\n"
    )
    click.echo(
        f"The browser is then sent to {begun.redirect_uri}; it does not matter whether that page opens."
    )
    answer = click.prompt("Paste the address that it was sent to", type=str)
    authorize.finish(desk, name, begun, answer)
    click.echo(f"Signed in. Test it with: assist crm check {name}")
