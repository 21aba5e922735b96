"""`assist setup`: from nothing to something to look at; repeating it changes nothing."""

import click
from sqlalchemy import func, select

from assist.app import build_desk
from assist.cli.crm import ProgressBars
from assist.cli.model import train_with_bar
from assist.cli.output import explained
from assist.config import load_config
from assist.logs import configure_logs
from assist.models.account import Role, UserAccount
from assist.services.accounts import add_user
from assist.services.connect import add_connection, list_names
from assist.services.desk import Desk
from assist.services.sync import sync
from assist.store import schema

FIRST_ADMIN = "admin@example.com"
SAMPLE = "sample"


@click.command("setup")
@click.option("--sample/--no-sample", default=True, help="Connect the sample CRM where there is none yet.")
def command(sample: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Make the database and the first admin, connect the sample CRM, sync it and train a model."""
    config = load_config()
    configure_logs(config.log_format)
    with explained():
        desk = build_desk(config)
        schema.upgrade(desk.database.engine)
        _add_admin(desk)
        if sample:
            _connect_sample(desk)
    click.echo("Everything is set up. Start with: assist serve")


def _add_admin(desk: Desk) -> None:
    with desk.database.writing() as session:
        if session.scalar(select(func.count()).select_from(UserAccount)):
            return
        _, password = add_user(
            session, email=FIRST_ADMIN, name="Admin", roles=list(Role), at=desk.clock.now()
        )
    click.echo(f"First user  {FIRST_ADMIN}  password, shown this once: {password}")
    click.echo(f"Lost it? Run: assist users password {FIRST_ADMIN}")


def _connect_sample(desk: Desk) -> None:
    with desk.database.reading() as session:
        names = list_names(session)
    if not names:
        path = str(desk.config.data_dir / "sample_crm.sqlite")
        add_connection(desk, SAMPLE, adapter="sample", settings={"path": path})
    if not names or names == [SAMPLE]:
        click.echo("Reading the sample CRM …")
        with ProgressBars() as bars:
            sync(desk, SAMPLE, progress=bars.show)
    if desk.models.current() is None:
        click.echo("Training a model on the purchases …")
        click.echo(train_with_bar(desk).verdict)
