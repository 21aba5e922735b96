"""The command `assist`. Each command lives in the module of its name, imported only when it is called."""

from importlib import import_module
from typing import Any

import click

from assist.config import BadConfig

COMMANDS = {
    "crm": "Connect CRMs, test and sync them.",
    "db": "The database: bring it up to date, back it up, restore it.",
    "facts": "What conditions can speak of, and for how many customers it is known.",
    "icp": "The ideal customer profile, held against who really bought.",
    "model": "Train the recommender, measure it, use it on files.",
    "outbox": "Writes that wait for a CRM, and dead letters.",
    "pairs": "Products often ordered together: without a word from you they are no relation.",
    "rules": "What is said to whom: export, import, compare, try, put in force and take back.",
    "serve": "Serve the sidebar and the console.",
    "setup": "Make the database and the first admin, connect the sample CRM, sync it and train a model.",
    "suggest": "Who the customer is, which personas they match and why, and what to offer.",
    "switch": "Writes, suggestions or everything: off for everybody at once, and on again.",
    "tokens": "Tokens by which programs use the API: made, listed, revoked.",
    "users": "People who sign in, and their roles.",
    "worker": "Sync, train and deliver in the background; `assist serve` starts one by itself.",
}
"""With what `assist --help` says of each: it would wait seconds for the modules themselves."""


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"assist.cli.{cmd_name}").command
        assert isinstance(command, click.Command)  # noqa: S101 - our own modules
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BadConfig as error:
            raise click.ClickException(str(error)) from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=_Commands)
@click.version_option(package_name="sales-assist")
def group() -> None:
    """Tells a chat agent who the customer is, what they bought and what to offer next."""


def main() -> None:
    group()
