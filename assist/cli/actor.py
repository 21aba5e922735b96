"""Who a command is given by."""

import click

from assist.services.accounts import find_user
from assist.services.audit import COMMAND_LINE, Actor
from assist.services.desk import Desk

as_option = click.option("--as", "email", metavar="EMAIL", help="The person who does it.")


def find_actor(desk: Desk, email: str | None) -> Actor:
    """Nobody in particular without an e-mail."""
    if email is None:
        return COMMAND_LINE
    with desk.database.reading() as session:
        user = find_user(session, email)
    if user is None or user.disabled:
        raise click.BadParameter("Nobody who can sign in has that e-mail.", param_hint="--as")
    return Actor(user.id)
