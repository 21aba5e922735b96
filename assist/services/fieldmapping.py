"""Mapping a CRM's fields to ours: what is there, what may be meant, and keeping what an admin decides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assist.models.connection import Connection
from assist.services import fields
from assist.services.audit import COMMAND_LINE, Actor, record
from assist.services.connect import get_connection, open_adapter
from assist.services.desk import Desk
from crm_adapters import registry
from crm_adapters.errors import BadSettings
from crm_adapters.model import FieldInfo, Finding
from crm_adapters.transport import Purpose


@dataclass(frozen=True, slots=True)
class FieldRow:
    kind: str
    """`customer`, `product`, `order` or `case`."""
    name: str
    label: str
    type: str
    fill_rate: float | None
    sample: str
    """Masked."""
    mapped: str
    """Our name where it is read, as `customer.language`; empty where it is not."""
    proposed: str
    """What it may be meant for."""


@dataclass(frozen=True, slots=True)
class FieldReport:
    rows: tuple[FieldRow, ...]
    entries: Mapping[str, str]
    """What an admin has mapped: our names → the CRM's."""
    findings: tuple[Finding, ...]
    takes_mapping: bool


def report(desk: Desk, name: str, *, sample: int) -> FieldReport:
    """`sample`: from how many records fill rates are taken. Raises UnknownConnection and CRMError."""
    with desk.database.reading() as session:
        connection = get_connection(session, name)
    adapter = open_adapter(desk, connection, Purpose.INTERACTIVE)
    takes = fields.find_mapping(type(adapter)) is not None
    described = fields.describe(adapter, sample=sample)
    return FieldReport(
        rows=tuple(row for kind, found in described.items() for row in _rows(kind, found, takes=takes)),
        entries=fields.read_mapping(adapter),
        findings=tuple(fields.check_mapping(adapter)),
        takes_mapping=takes,
    )


def save(
    desk: Desk, name: str, changes: Mapping[str, str | None], *, actor: Actor = COMMAND_LINE
) -> Mapping[str, str]:
    """Our names → the CRM's; empty text reads a field no more, None goes back to the adapter's own. All entries
    afterwards. Raises BadSettings where a name is not ours or the CRM has no such field of a fitting type."""
    with desk.database.reading() as session:
        connection = get_connection(session, name)
    setting = _setting(connection)
    _merged(desk, connection, setting, changes)
    _refuse_lost(fields.describe(open_adapter(desk, connection, Purpose.INTERACTIVE)), changes)
    with desk.database.writing() as session:
        connection = session.get_one(Connection, connection.id, with_for_update=True)
        entries = _merged(desk, connection, setting, changes)
        connection.settings = connection.settings | {setting: entries}
        event = actor.entry("connection.mapped", f"connection:{connection.id}")
        record(session, event, at=desk.clock.now(), fields=sorted(changes))
    return entries


def _setting(connection: Connection) -> str:
    setting = fields.find_mapping(registry.load(connection.adapter))
    if setting is None:
        raise BadSettings(f"{connection.adapter} has no field mapping to set from here.")
    return setting


def _merged(
    desk: Desk, connection: Connection, setting: str, changes: Mapping[str, str | None]
) -> dict[str, str]:
    """All entries with the changes in them, as the adapter takes them."""
    for ours in changes:
        wrong = fields.find_mistake(ours)
        if wrong:
            raise BadSettings(wrong)
    entries = fields.read_mapping(open_adapter(desk, connection, Purpose.INTERACTIVE))
    kept = {ours: theirs for ours, theirs in {**entries, **changes}.items() if theirs is not None}
    changed = open_adapter(desk, connection, Purpose.INTERACTIVE, changed={setting: kept})
    return fields.read_mapping(changed)


def _refuse_lost(described: Mapping[str, Sequence[FieldInfo]], changes: Mapping[str, str | None]) -> None:
    """By what the CRM describes before the change: some adapters list whatever is mapped."""
    findings = [fields.check_field(ours, theirs, described) for ours, theirs in changes.items() if theirs]
    wrong = [finding.message for finding in findings if not finding.ok]
    if wrong:
        raise BadSettings(" ".join(wrong))


def _rows(kind: str, found: Sequence[FieldInfo], *, takes: bool) -> list[FieldRow]:
    proposed = fields.guess(kind, found) if takes else {}
    return [
        FieldRow(
            kind=kind,
            name=field.name,
            label=field.label,
            type=field.type,
            fill_rate=field.fill_rate,
            sample=fields.mask_sample(field, kind, _short(field, proposed)),
            mapped=f"{kind}.{field.mapped}" if field.mapped else "",
            proposed=proposed.get(field.name, ""),
        )
        for field in found
    ]


def _short(field: FieldInfo, proposed: Mapping[str, str]) -> str:
    return field.mapped or proposed.get(field.name, "").partition(".")[2]
