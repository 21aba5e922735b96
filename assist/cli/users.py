"""`assist users`: people who sign in."""

from collections.abc import Sequence

import click

from assist.cli.output import open_desk, with_errors_explained
from assist.models.account import Role
from assist.services import accounts
from assist.services.accounts import BadAccount
from assist.services.passwords import BadPassword


@click.group("users")
def command() -> None:
    """People who sign in, and their roles."""


@command.command()
@click.argument("email")
@click.option("--name", help="As other people see it; the e-mail's first part by default.")
@click.option(
    "--role",
    "roles",
    multiple=True,
    type=click.Choice([role.value for role in Role]),
    default=["agent"],
    show_default=True,
    help="May be given several times.",
)
@with_errors_explained
def add(email: str, name: str | None, roles: Sequence[str]) -> None:
    """Add a user with a random password, printed once."""
    desk = open_desk()
    try:
        with desk.database.writing() as session:
            user, password = accounts.add_user(
                session,
                email=email,
                name=name or email.partition("@")[0],
                roles=[Role(role) for role in roles],
                at=desk.clock.now(),
            )
    except (BadAccount, BadPassword) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Added {user.email}. Password, shown this once: {password}")


@command.command()
@click.argument("email")
@with_errors_explained
def password(email: str) -> None:
    """Give the user a new random password, printed once; ends their sessions."""
    desk = open_desk()
    try:
        with desk.database.writing() as session:
            user = accounts.find_user(session, email)
            if user is None:
                raise click.ClickException("Nobody has that e-mail.")
            fresh = accounts.set_password(session, user.id, at=desk.clock.now())
    except (BadAccount, BadPassword) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"New password of {email}, shown this once: {fresh}")
