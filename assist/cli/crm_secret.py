"""`assist crm rotate-secret`: new secrets, typed where nobody else reads them."""

import sys
from collections.abc import Sequence

import click

from assist.cli.output import open_desk, with_errors_explained
from assist.services import rotation


@click.command("rotate-secret")
@click.argument("name")
@click.option("--set", "keys", multiple=True, metavar="KEY", help="The secret to replace.")
@click.option("--drop-former", "drops", is_flag=True, help="Forget the secret before, once it is revoked.")
@with_errors_explained
def command(name: str, keys: Sequence[str], drops: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Replace secrets of the connection NAME after the CRM has taken the new ones.

    They are asked for, or read from the input, a line each in the order of --set: on the command line they would
    stay in the shell's history and be seen by everybody on this machine. The former ones stay good beside them for
    a week, or until --drop-former.
    """
    if drops == bool(keys):
        raise click.UsageError("Name the secret to replace, as --set token, or say --drop-former.")
    if any("=" in key for key in keys):
        raise click.UsageError(
            "Give the name only, as --set token: the value is asked for, and stays unseen."
        )
    desk = open_desk()
    if drops:
        gone = rotation.drop_former(desk, name)
        click.echo("The former secrets are gone." if gone else f"{name} keeps no former secrets.")
        return
    known = rotation.list_secrets(desk, name)
    for key in keys:
        if key not in known:
            raise click.UsageError(f"{key} is no secret of {name}; there are: {', '.join(known) or 'none'}.")
    health = rotation.rotate(desk, name, dict(zip(keys, _read(keys), strict=True)))
    for finding in health.findings:
        if not finding.ok or finding.warning:
            click.echo(f"{'warn' if finding.ok else 'FAIL'}  {finding.name}: {finding.message}")
    if not health.ok:
        raise click.ClickException(f"Nothing was changed: {name} goes on with the secrets it had.")
    click.echo(
        f"Replaced: {', '.join(keys)}. {name} uses them from now on; the old ones can be revoked at the CRM, and are "
        f"kept until then: assist crm rotate-secret {name} --drop-former"
    )


def _read(keys: Sequence[str]) -> list[str]:
    if sys.stdin.isatty():
        return [click.prompt(key, hide_input=True) for key in keys]
    lines = [sys.stdin.readline().rstrip("\r\n") for _ in keys]
    if not all(lines):
        raise click.UsageError(f"The input holds fewer lines than secrets: {', '.join(keys)}, a line each.")
    return lines
