"""What CRMs still grant, as they said it last; per machine, like the limiter whose notes these are."""

from dataclasses import dataclass
from datetime import UTC, datetime

from assist.services.desk import Desk
from crm_adapters.ledger import FileLedger, Page


@dataclass(frozen=True, slots=True)
class QuotaState:
    name: str
    """As `daily`, or of a pace that closed: `api`."""
    remaining: float | None
    limit: float | None
    until: datetime
    """Until then it holds."""
    closed: bool = False
    """The CRM asked us to be silent until then."""


def read_quotas(desk: Desk, connection_id: int) -> tuple[QuotaState, ...]:
    """Empty where no CRM has said anything that still holds: unknown, not none."""
    now = desk.clock.now().timestamp()
    found: list[QuotaState] = []
    for file in sorted((desk.config.data_dir / "calls").glob(f"{connection_id}-*.json")):
        pace = file.stem.partition("-")[2]
        found += _read(FileLedger(file).change(lambda page: page), pace, now)
    return tuple(found)


def _read(page: Page, pace: str, now: float) -> list[QuotaState]:
    states = [
        QuotaState(
            name, max(0.0, reading.remaining), reading.limit, datetime.fromtimestamp(reading.until, UTC)
        )
        for name, reading in page.readings.items()
        if reading.until > now
    ]
    if page.closed_until > now:
        states.append(
            QuotaState(pace, None, None, datetime.fromtimestamp(page.closed_until, UTC), closed=True)
        )
    return states
