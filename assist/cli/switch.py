"""`assist switch`: what is off for everybody, and turning it."""

import click

from assist.cli.actor import as_option, find_actor
from assist.cli.output import json_option, open_desk, print_json, print_table, with_errors_explained
from assist.services import switches
from assist.services.switchboard import Switch, list_thrown
from assist.services.switches import NoReason

NAME = click.Choice([switch.value for switch in Switch])


@click.group("switch")
def command() -> None:
    """Writes, suggestions or everything: off for everybody at once, and on again."""


@command.command("list")
@json_option
@with_errors_explained
def list_command(as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Each switch, and of those that are off by whom, since when and why."""
    with open_desk().database.reading() as session:
        thrown = list_thrown(session)
    if as_json:
        return print_json([thrown[switch] for switch in Switch if switch in thrown])
    rows = [
        (switch.value, "off", f"{off.at:%Y-%m-%d %H:%M} UTC", off.by or "command line", off.reason)
        if (off := thrown.get(switch))
        else (switch.value, "on", "", "", "")
        for switch in Switch
    ]
    print_table(("switch", "is", "since", "by", "why"), rows)
    return None


@command.command("off")
@click.argument("name", type=NAME)
@click.option("--why", required=True, help="Shown to everybody who meets it.")
@as_option
@with_errors_explained
def off_command(name: str, why: str, email: str | None) -> None:
    """Switch NAME off, from the next request in every process on."""
    desk = open_desk()
    try:
        turned = switches.switch_off(desk, Switch(name), reason=why, actor=find_actor(desk, email))
    except NoReason as error:
        raise click.UsageError(str(error)) from error
    click.echo(f"{name} is off." if turned else f"{name} was off already; the first reason stands.")


@command.command("on")
@click.argument("name", type=NAME)
@click.option("--why", default="", help="What has changed.")
@as_option
@with_errors_explained
def on_command(name: str, why: str, email: str | None) -> None:
    """Switch NAME on again."""
    desk = open_desk()
    turned = switches.switch_on(desk, Switch(name), reason=why, actor=find_actor(desk, email))
    click.echo(f"{name} is on." if turned else f"{name} was on.")
