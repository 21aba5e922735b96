"""`assist crm fake`: a vendor's server in small, to try a connection on."""

import signal
from shlex import quote
from threading import Event

import click

from assist.cli.output import with_errors_explained
from crm_adapters import fakes
from crm_adapters.fakes.loopback import serving
from crm_adapters.fakes.seed import Seed


@click.command("fake")
@click.argument("vendor")
@click.option("--port", default=0, show_default="a free one", help="Of this machine, and of no other.")
@with_errors_explained
def command(vendor: str, port: int) -> None:
    """Answer as VENDOR's servers do, with a small shop in them, until stopped."""
    fake = fakes.load(vendor)()
    fake.fill(Seed())
    with serving(fake, port=port) as url:
        pairs = " ".join(f"--set {quote(f'{name}={value}')}" for name, value in fake.settings(url).items())
        click.echo(f"{vendor} answers at {url}. Elsewhere:\n")
        click.echo("  export ASSIST_CRM_PRIVATE_HOSTS=127.0.0.1")
        click.echo(f"  assist crm add demo --adapter {vendor} {pairs}")
        click.echo("  assist crm check demo && assist crm sync demo\n\nCtrl+C stops it.")
        _wait_to_be_stopped()
    click.echo("Stopped.")


def _wait_to_be_stopped() -> None:
    """By Ctrl+C or a termination; a shell that starts us in its background has us ignore the first."""
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    stopped.wait()
