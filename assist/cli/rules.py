"""`assist rules …`: what is said to whom, as a folder of YAML and as releases of it."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from assist.cli import rules_simulate
from assist.cli.actor import as_option, find_actor
from assist.cli.output import json_option, open_desk, print_json, print_table, with_errors_explained
from assist.clock import SystemClock
from assist.services import releases
from assist.services.assortment import find_absent
from assist.services.releases import Listed
from personas.release import find_differences, read_release, write_release
from personas.review import review
from personas.rule_tests import run_tests

FOLDER = click.Path(file_okay=False, path_type=Path)
why_option = click.option("--why", default="", help="A word for those who read the record.")
SHOWN = 12
"""Signs of a digest."""


@click.group("rules")
def command() -> None:
    """What is said to whom: export, import, compare, try, put in force and take back."""


for one in rules_simulate.COMMANDS:
    command.add_command(one)


@command.command("list")
@json_option
@with_errors_explained
def list_command(as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """The releases, the latest first; `simulated` is said of what is in force now."""
    desk = open_desk()
    with desk.database.reading() as session:
        found = releases.list_all(session, desk.clock.now())
    if as_json:
        return print_json(found)
    rows = [
        (one.digest[:SHOWN], _state(one), _day(one.simulated_at), _day(one.imported_at), one.note)
        for one in found
    ]
    print_table(("release", "state", "simulated", "imported", "note"), rows)
    return None


@command.command("export")
@click.argument("folder", type=FOLDER)
@click.option("--release", "name", help="The beginning of its digest, or `shipped`; else the one in force.")
@with_errors_explained
def export_command(folder: Path, name: str | None) -> None:
    """Write a release into FOLDER, as YAML; persona files of another release there go."""
    desk = open_desk()
    with desk.database.reading() as session:
        release = releases.load(session, name or releases.find_current(session, desk.clock.now()))
    write_release(release, folder)
    click.echo(f"{release.digest[:SHOWN]} is in {folder}: {len(release.document)} files.")


@command.command("import")
@click.argument("folder", type=FOLDER)
@click.option("--note", default="", help="What it changes, for those who choose among releases.")
@as_option
@with_errors_explained
def import_command(folder: Path, note: str, email: str | None) -> None:
    """Read FOLDER as a new release; nothing changes for anybody until it is activated."""
    desk, release = open_desk(), read_release(folder)
    new = releases.bring_in(desk, release, note=note, actor=find_actor(desk, email))
    click.echo(f"{release.digest[:SHOWN]} {'imported' if new else 'was there already'}.")


@command.command("lint")
@click.argument("folder", type=FOLDER)
@click.option(
    "--shop", is_flag=True, help="Also whether the products and categories it names are on sale here."
)
@json_option
@with_errors_explained
def lint_command(folder: Path, shop: bool, as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """What is wrong in FOLDER, with its place and the way out; ends with 1 where that keeps it out of force."""
    release = read_release(folder)
    found = review(release.catalogue, SystemClock().now().date())
    found += find_absent(open_desk(), release.catalogue.rules) if shop else ()
    if as_json:
        print_json([{**asdict(each), "says": each.says.into("en")} for each in found])
    for each in () if as_json else found:
        click.echo(f"{'error' if each.blocks else 'warning'}: {each.place}: {each.says.into('en')}")
    blocking = sum(each.blocks for each in found)
    if blocking:
        raise click.ClickException(f"{blocking} of these keep it from being put in force.")
    if not found and not as_json:
        click.echo(f"Nothing to find fault with; it would be {release.digest[:SHOWN]}.")


@command.command("test")
@click.argument("folder", type=FOLDER)
@with_errors_explained
def test_command(folder: Path) -> None:
    """Run the tests that stand beside the rules in FOLDER."""
    rules = read_release(folder).catalogue.rules
    failures = run_tests(rules)
    for each in failures:
        missing = f" for want of {', '.join(sorted(each.missing))}" if each.missing else ""
        click.echo(f"{each.place}: expected {each.expected}, came out as {each.came}{missing}")
    tests = sum(len(rule.tests) for rule in rules)
    if failures:
        raise click.ClickException(f"{len(failures)} of {tests} tests fail.")
    click.echo(f"{tests} tests of {len(rules)} rules hold.")


@command.command("diff")
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@json_option
@with_errors_explained
def diff_command(before: str, after: str, as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """What is different in B, held against A, by place. Each is a release, or `shipped`."""
    with open_desk().database.reading() as session:
        found = find_differences(releases.load(session, before), releases.load(session, after))
    if as_json:
        return print_json(
            [{"place": place, "before": one, "after": two} for place, (one, two) in found.items()]
        )
    for place, (one, two) in found.items():
        click.echo(f"{place}\n  - {one}\n  + {two}")
    click.echo(f"{len(found)} places differ.")
    return None


@command.command("approve")
@click.argument("release")
@click.option("--as", "email", metavar="EMAIL", required=True, help="An approver who did not import it.")
@with_errors_explained
def approve_command(release: str, email: str) -> None:
    """Let RELEASE be put in force; what it would change has to be simulated before."""
    desk = open_desk()
    click.echo(f"{releases.approve(desk, release, actor=find_actor(desk, email))[:SHOWN]} approved.")


@command.command("activate")
@click.argument("release")
@click.option("--from", "begins", metavar="TIME", help="ISO 8601, as 2027-01-02T08:00+01:00; else now.")
@why_option
@as_option
@with_errors_explained
def activate_command(release: str, begins: str | None, why: str, email: str | None) -> None:
    """Put RELEASE in force; every process has it within seconds."""
    desk = open_desk()
    begins_at = _moment(begins) if begins else None
    digest = releases.activate(desk, release, begins_at=begins_at, why=why, actor=find_actor(desk, email))
    click.echo(f"{digest[:SHOWN]} is in force {f'from {begins}' if begins else 'now'}.")


@command.command("rollback")
@why_option
@as_option
@with_errors_explained
def rollback_command(why: str, email: str | None) -> None:
    """Back to what was in force before."""
    desk = open_desk()
    digest = releases.roll_back(desk, why=why, actor=find_actor(desk, email))
    click.echo(f"{digest[:SHOWN] if digest else 'What ships with the product'} is in force.")


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter("write it as 2027-01-02T08:00+01:00", param_hint="--from") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _state(one: Listed) -> str:
    if one.in_force:
        return "in force"
    return "approved" if one.approved_at or one.imported_at is None else "not approved"


def _day(at: datetime | None) -> str:
    return at.date().isoformat() if at else ""
