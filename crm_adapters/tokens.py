"""Tokens that a CRM gave us, and where they are kept so that all processes use the same ones."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from types import MappingProxyType
from typing import Protocol

NO_FACTS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Token:
    access: str = field(repr=False)
    refresh: str | None = field(default=None, repr=False)
    expires_at: datetime | None = None
    """When to get another one, somewhat before the CRM takes it no more; None where the CRM does not say, and
    tells by refusing."""
    facts: Mapping[str, str] = field(default_factory=lambda: NO_FACTS, repr=False)
    """What came with the token and is needed with it, as the address of the customer's own server."""


class TokenStore(Protocol):
    """One connection's token, shared by every process that uses the connection."""

    def load(self) -> Token | None: ...

    def locked(self) -> AbstractContextManager[None]:
        """Holds the right to get a new token: one thread of one process has it at a time, and not for ever.
        Raises Unavailable where somebody else keeps it too long."""
        ...

    def save(self, token: Token) -> None:
        """Durable when it returns: a CRM that gave a new refresh token takes the old one no more."""
        ...


class MemoryTokenStore:
    """For one process that asks anew after a restart."""

    def __init__(self, token: Token | None = None) -> None:
        self._token = token
        self._lock = Lock()

    def load(self) -> Token | None:
        return self._token

    @contextmanager
    def locked(self) -> Iterator[None]:
        with self._lock:
            yield

    def save(self, token: Token) -> None:
        self._token = token
