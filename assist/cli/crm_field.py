"""`assist crm set-field`: a field of one customer, changed in the CRM."""

from collections.abc import Sequence

import click

from assist.cli.output import open_desk, with_errors_explained
from assist.services.corrections import correct


@click.command("set-field")
@click.argument("connection")
@click.argument("customer_ref")
@click.argument("pairs", nargs=-1, required=True, metavar="NAME=VALUE...")
@with_errors_explained
def command(connection: str, customer_ref: str, pairs: Sequence[str]) -> None:
    """Change fields of the customer CUSTOMER_REF in the CRM of CONNECTION, unless somebody else does so meanwhile.

    An empty VALUE takes one away.
    """
    patch = dict(_pair(pair) for pair in pairs)
    done = correct(open_desk(), connection, customer_ref, patch)
    click.echo(f"Entry {done.entry_id} of the outbox: a worker writes it. See: assist outbox list")
    if not done.guarded:
        click.echo(
            "This CRM tells no versions: what somebody changes there meanwhile is overwritten.", err=True
        )


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise click.UsageError(f"{text!r} is not NAME=VALUE.")
    return name, value
