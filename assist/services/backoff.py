"""How long to leave a CRM alone after it failed, and how its failure is kept."""

import random
from datetime import timedelta

from crm_adapters.errors import RateLimited

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=2), timedelta(minutes=10)


def wait_after(attempts: int, error: Exception | None = None) -> timedelta:
    """Twice as long each time, and no shorter than the CRM asked for."""
    wait = min(LONGEST_WAIT, FIRST_WAIT * (1 << min(attempts - 1, 16)))
    wait *= random.uniform(0.5, 1.0)  # noqa: S311 - spreads retries, guards nothing
    if isinstance(error, RateLimited) and error.retry_after:
        wait = max(wait, timedelta(seconds=error.retry_after))
    return wait


def tell_cause(error: Exception) -> str:
    """The kind of error and what to do, as far as a column holds it."""
    return f"{type(error).__name__}: {error}"[:300]
