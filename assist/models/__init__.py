"""The tables. Importing this package makes all of them known to SQLAlchemy's metadata."""

from assist.models import (
    account,
    api_token,
    catalogue,
    connection,
    decision,
    mirror,
    outbox,
    persona_choice,
    release,
    switch,
    training,
    webhook,
)

__all__ = [
    "account",
    "api_token",
    "catalogue",
    "connection",
    "decision",
    "mirror",
    "outbox",
    "persona_choice",
    "release",
    "switch",
    "training",
    "webhook",
]
