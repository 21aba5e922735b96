"""OData as Dataverse speaks it, as far as we write it."""

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

MOST_IDS = 100
"""In one filter: an address must not grow too long."""


def quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def one_of(field: str, ids: Iterable[str]) -> str:
    values = ",".join(map(quote, ids))
    return f"Microsoft.Dynamics.CRM.In(PropertyName={quote(field)},PropertyValues=[{values}])"


def in_parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), MOST_IDS):
        yield ids[start : start + MOST_IDS]


def read_guid(ref: str) -> str | None:
    """As Dataverse writes it; None for anything else."""
    try:
        found = str(UUID(ref)) if len(ref) == len(str(UUID(int=0))) else None
    except ValueError:
        return None
    return found
