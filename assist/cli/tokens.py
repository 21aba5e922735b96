"""`assist tokens`: what programs show to use the API."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import click

from assist.cli.actor import as_option, find_actor
from assist.cli.output import json_option, open_desk, print_json, print_table, with_errors_explained
from assist.models.api_token import Scope
from assist.services import api_tokens
from assist.services.api_tokens import LONGEST_LIFE, Listed, NewToken


@click.group("tokens")
def command() -> None:
    """Tokens by which programs use the API: made, listed, revoked."""


@command.command("add")
@click.argument("account")
@click.option("--name", required=True, help="What it is for.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="May be given several times; the account's roles must allow it.",
)
@click.option(
    "--days", type=click.IntRange(1, LONGEST_LIFE.days), default=90, show_default=True, help="Good for."
)
@as_option
@with_errors_explained
def add_command(account: str, name: str, scopes: Sequence[str], days: int, email: str | None) -> None:
    """Make a token that acts for the account with the e-mail ACCOUNT; it is printed once."""
    desk = open_desk()
    new = NewToken(name, account, [Scope(scope) for scope in scopes], timedelta(days=days))
    number, token = api_tokens.add_token(desk, new, actor=find_actor(desk, email))
    click.echo(f"Token {number}, good for {days} days, shown this once: {token}")


@command.command("list")
@json_option
@with_errors_explained
def list_command(as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """All tokens, the latest first, without what is shown for them."""
    desk = open_desk()
    found = api_tokens.list_tokens(desk)
    if as_json:
        return print_json(found)
    rows = [
        (one.id, one.name, one.email, " ".join(one.scopes), *_times(one), _state(one, desk.clock.now()))
        for one in found
    ]
    print_table(("id", "name", "account", "scopes", "made", "expires", "last used", "state"), rows)
    return None


@command.command("revoke")
@click.argument("token_id", type=int)
@as_option
@with_errors_explained
def revoke_command(token_id: int, email: str | None) -> None:
    """End the token TOKEN_ID, a number that `assist tokens list` shows; no request is let in with it any more."""
    desk = open_desk()
    ended = api_tokens.revoke_token(desk, token_id, actor=find_actor(desk, email))
    click.echo(f"Token {token_id} {'is' if ended else 'was already'} revoked.")


def _times(one: Listed) -> Sequence[str]:
    return [at.date().isoformat() if at else "" for at in (one.created_at, one.expires_at, one.last_used_at)]


def _state(one: Listed, now: datetime) -> str:
    if one.revoked_at:
        return "revoked"
    return "expired" if one.expires_at <= now else "good"
