"""`assist crm`: connections to CRMs."""

from collections.abc import Sequence
from typing import Any, Self

import click
from tqdm import tqdm

from assist.cli import (
    crm_authorize,
    crm_fake,
    crm_field,
    crm_map,
    crm_preview,
    crm_remove,
    crm_secret,
    crm_shadow,
    crm_webhook,
    crm_writes,
)
from assist.cli.output import json_option, open_desk, print_json, print_table, with_errors_explained
from assist.services.connect import add_connection, check_connection
from assist.services.status import ConnectionState, list_connections
from assist.services.sync import KindReport, sync
from crm_adapters import registry
from crm_adapters.model import Finding, Kind, SyncPage

SHADOWED = "It is in shadow mode: nothing is written to it yet."


@click.group("crm")
def command() -> None:
    """Connect CRMs, test and sync them."""


@command.command()
@click.argument("name")
@click.option("--adapter", required=True, help="Which CRM: one of those `assist crm adapters` lists.")
@click.option("--set", "pairs", multiple=True, metavar="KEY=VALUE", help="A setting of the adapter.")
@click.option("--read-only", is_flag=True, help="Write nothing to it, ever.")
@click.option("--shadow/--no-shadow", default=None, help="Keep what would be written instead of writing it.")
@with_errors_explained
def add(name: str, adapter: str, pairs: Sequence[str], read_only: bool, shadow: bool | None) -> None:  # noqa: FBT001 - click passes options by name
    """Add a connection called NAME. It starts in shadow mode, unless what is written to it goes to a file."""
    if read_only and shadow:
        raise click.UsageError("What is read only needs no shadow mode: leave one of them out.")
    settings = dict(_pair(pair) for pair in pairs)
    row = add_connection(
        open_desk(), name, adapter=adapter, settings=settings, writes=not read_only, shadow=shadow
    )
    click.echo(f"Added {name}. Test it with: assist crm check {name}")
    if row.shadow:
        click.echo(f"{SHADOWED} Look at what would be with: assist crm shadow {name}")


@command.command("list")
@json_option
@with_errors_explained
def list_command(as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """The connections, how up to date each is, and what waits to be written to it."""
    with open_desk().database.reading() as session:
        connections = list_connections(session)
    if as_json:
        return print_json(connections)
    header = ("name", "adapter", "outcomes", "synced", "state", "waiting", "dead", "kept in shadow")
    print_table(header, [_row(one) for one in connections])
    return None


def _row(one: ConnectionState) -> tuple[object, ...]:
    kinds = ("waiting", "dead", "shadow")
    synced = f"{one.synced_at:%Y-%m-%d %H:%M} UTC" if one.synced_at else "never"
    state = "syncing" if one.running else "failing" if one.failing else "ok"
    counts = [one.counts.get(kind, 0) for kind in kinds]
    return (one.name, one.adapter, _writing(one), synced, state if one.enabled else "off", *counts)


def _writing(one: ConnectionState) -> str:
    if not one.writes:
        return "read only"
    first = " first" if one.notes_first else ""
    return f"shadow{first}" if one.shadow else f"written{first}"


def _pair(text: str) -> tuple[str, str]:
    key, sign, value = text.partition("=")
    if not sign or not key:
        raise click.BadParameter(f"{text!r} is not KEY=VALUE", param_hint="--set")
    return key, value


@command.command()
def adapters() -> None:
    """List the CRMs that can be connected."""
    for name in registry.available():
        click.echo(name)


@command.command()
@click.argument("name")
@json_option
@with_errors_explained
def check(name: str, as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Test everything the connection NAME needs and say what is missing."""
    health = check_connection(open_desk(), name)
    if as_json:
        print_json(health)
    else:
        for finding in health.findings:
            _print_finding(finding)
    if not health.ok:
        raise SystemExit(1)


def _print_finding(finding: Finding) -> None:
    """With the scopes and whom to ask, where its sentence does not name them."""
    click.echo(f"{_mark(finding)}  {finding.name}: {finding.message}")
    for told, scopes in (("missing", finding.missing), ("not needed", finding.excess)):
        if not all(scope in finding.message for scope in scopes):
            click.echo(f"      {told}: {', '.join(scopes)}")
    concerned = finding.missing or finding.excess
    if concerned and finding.granted_by and finding.granted_by not in finding.message:
        click.echo(f"      granted by: {finding.granted_by}")


def _mark(finding: Finding) -> str:
    return ("warn" if finding.warning else "ok  ") if finding.ok else "FAIL"


@command.command("sync")
@click.argument("name")
@click.option("--full", is_flag=True, help="Read everything anew instead of only what changed.")
@json_option
@with_errors_explained
def sync_command(name: str, full: bool, as_json: bool) -> None:  # noqa: FBT001 - click passes options by name
    """Bring the local mirror of the connection NAME up to date."""
    with ProgressBars() as bars:
        reports = sync(open_desk(), name, full=full, progress=bars.show)
    if as_json:
        return print_json(reports)
    rows = [(r.kind.value, r.read, r.changed, r.deleted, r.rows, r.rejected) for r in reports]
    print_table(("kind", "rows read", "changed", "gone", "in the mirror", "rejected"), rows)
    for report in reports:
        _print_rejections(report)
    return None


for module in (
    crm_authorize,
    crm_fake,
    crm_field,
    crm_map,
    crm_preview,
    crm_remove,
    crm_secret,
    crm_shadow,
    crm_webhook,
    crm_writes,
):
    command.add_command(module.command)


class ProgressBars:
    """One bar per kind on the terminal; silent where there is none."""

    def __init__(self) -> None:
        self._bars: dict[Kind, tqdm[Any]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        for bar in self._bars.values():
            bar.close()

    def show(self, kind: Kind, page: SyncPage) -> None:
        if kind not in self._bars:
            self._bars[kind] = tqdm(desc=kind.value, unit=" rows", total=page.total_hint, disable=None)
        self._bars[kind].update(page.rows_read or len(page.items))


def _print_rejections(report: KindReport) -> None:
    for row in report.rejections:
        click.echo(f"  {row.source}, line {row.line}: {row.reason}", err=True)
    if report.rejected > len(report.rejections):
        more = report.rejected - len(report.rejections)
        click.echo(f"  … and {more:,} more {report.kind.value}; see the connection's page", err=True)
