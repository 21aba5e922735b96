"""`assist crm map`: which of a CRM's fields hold what."""

from collections.abc import Sequence
from itertools import groupby

import click

from assist.cli.output import json_option, open_desk, print_json, print_table, with_errors_explained
from assist.services import fieldmapping
from assist.services.fieldmapping import FieldReport, FieldRow

HEADER = ("field", "label", "type", "filled", "sample", "read as", "may be")
LONGEST = 32


@click.command("map")
@click.argument("name")
@click.option("--set", "pairs", multiple=True, metavar="OURS=THEIRS", help="Read THEIRS as OURS from now on.")
@click.option("--unset", multiple=True, metavar="OURS", help="Go back to the adapter's own field.")
@click.option("--sample", default=100, show_default=True, help="Records that fill rates are taken from.")
@click.option("--all", "everything", is_flag=True, help="Also fields that are empty and not read.")
@json_option
@with_errors_explained
def command(
    name: str,
    pairs: Sequence[str],
    unset: Sequence[str],
    sample: int,
    everything: bool,  # noqa: FBT001 - click passes options by name
    as_json: bool,  # noqa: FBT001 - click passes options by name
) -> None:
    """Show the fields of NAME, how well they are filled, and which of ours they may be meant for; or map them.

    OURS is as customer.language or product.family; customer.crm.NAME makes a fact of your own. Samples are masked.
    """
    desk = open_desk()
    changes: dict[str, str | None] = dict(_pair(pair) for pair in pairs) | dict.fromkeys(unset)
    if changes:
        fieldmapping.save(desk, name, changes)
        click.echo(f"Saved. What was read before is read anew with: assist crm sync {name} --full", err=True)
    found = fieldmapping.report(desk, name, sample=sample)
    if as_json:
        print_json(found)
    else:
        _print(found, everything=everything)
    if not all(finding.ok for finding in found.findings):
        raise SystemExit(1)


def _pair(text: str) -> tuple[str, str]:
    ours, sign, theirs = text.partition("=")
    if not sign or not ours:
        raise click.BadParameter(f"{text!r} is not OURS=THEIRS", param_hint="--set")
    return ours.strip(), theirs.strip()


def _print(found: FieldReport, *, everything: bool) -> None:
    shown = [row for row in found.rows if everything or row.mapped or row.proposed or row.fill_rate]
    for kind, rows in groupby(shown, key=lambda row: row.kind):
        click.echo(f"{kind}:")
        print_table(HEADER, [_cells(row) for row in rows])
        click.echo()
    if not found.rows:
        click.echo("The CRM does not describe its fields.")
    for ours, theirs in found.entries.items():
        click.echo(f"mapped: {ours}={theirs or '(not read)'}")
    for finding in found.findings:
        click.echo(
            f"{'FAIL' if not finding.ok else 'warn' if finding.warning else 'ok  '}  {finding.message}"
        )
    proposed = [f"--set {row.proposed}={row.name}" for row in shown if row.proposed]
    if proposed:
        click.echo(f"To take over what is proposed: {' '.join(proposed)}")
    if not found.takes_mapping:
        click.echo("This adapter has no field mapping to set from here.")


def _cells(row: FieldRow) -> tuple[str, ...]:
    filled = "?" if row.fill_rate is None else f"{row.fill_rate:.0%}"
    texts = (row.name, row.label, row.type, filled, row.sample, row.mapped, row.proposed)
    return tuple(text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…" for text in texts)
