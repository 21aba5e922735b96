"""`assist worker`: background work in a process of its own."""

import click

from assist.cli.output import open_desk
from assist.jobs import run_worker


@click.command("worker")
@click.option("--threads", default=2, show_default=True, help="Jobs at the same time.")
@click.option("--while-parent", type=int, hidden=True, help="End when this process is no longer the parent.")
def command(threads: int, while_parent: int | None) -> None:
    """Sync, train and deliver in the background; `assist serve` starts one by itself."""
    run_worker(open_desk(), threads=threads, while_parent=while_parent)
