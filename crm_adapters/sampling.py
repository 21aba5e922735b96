"""How well a CRM's fields are filled, seen from a sample of its records."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from crm_adapters.model import FieldInfo

LONGEST_EXAMPLE = 100


def add_samples(fields: Sequence[FieldInfo], rows: Sequence[Mapping[str, Any]]) -> list[FieldInfo]:
    """`rows`: sampled records by the names of the fields. A field that no row names stays unsampled: asked
    for or not, a CRM may leave out what it does not want to show."""
    named = {name for row in rows for name in row}
    return [_sampled(field, rows) if field.name in named else field for field in fields]


def _sampled(field: FieldInfo, rows: Sequence[Mapping[str, Any]]) -> FieldInfo:
    filled = [row[field.name] for row in rows if not _is_empty(row.get(field.name))]
    example = str(filled[0])[:LONGEST_EXAMPLE] if filled else ""
    return replace(field, fill_rate=len(filled) / len(rows), example=example)


def _is_empty(value: Any) -> bool:
    """Zero and False are values."""
    return value is None or (isinstance(value, str | Sequence | Mapping) and not value)
