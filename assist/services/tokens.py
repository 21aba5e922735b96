"""Tokens of CRMs in the database: sealed, and renewed by one process at a time on however many machines."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import uuid4

from assist.clock import Clock
from assist.db import Database
from assist.store import tokens as store
from assist.vault import Vault
from crm_adapters.errors import Unavailable
from crm_adapters.tokens import Token
from crm_adapters.transport import Sleep

LEASE = timedelta(minutes=3)
"""Longer than getting a token can take; a right that outlives its holder would stop the connection for good."""
PAUSE = 0.02
PATIENCE = 20.0
"""Seconds."""


class DatabaseTokens:
    """A TokenStore. The right to renew is a lease in a row, not a transaction: on SQLite nobody could write while
    a CRM thinks about its answer."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        clock: Clock,
        connection_id: int,
        *,
        sleep: Sleep = time.sleep,
    ) -> None:
        self._database = database
        self._vault = vault
        self._clock = clock
        self._connection_id = connection_id
        self._sleep = sleep

    def load(self) -> Token | None:
        with self._database.reading() as session:
            sealed = store.find_sealed(session, self._connection_id)
        return _read(self._vault.open(sealed)) if sealed else None

    @contextmanager
    def locked(self) -> Iterator[None]:
        holder = uuid4().hex
        self._wait_for(holder)
        try:
            yield
        finally:
            with self._database.writing() as session:
                store.release(session, self._connection_id, holder)

    def save(self, token: Token) -> None:
        """Also after the lease has run out: what a CRM gave last is what it takes."""
        sealed = seal(self._vault, token)
        with self._database.writing() as session:
            store.keep(session, self._connection_id, sealed)

    def _wait_for(self, holder: str) -> None:
        waited = 0.0
        while not self._take(holder):
            if waited >= PATIENCE:
                raise Unavailable("another process is renewing the CRM's token and does not get done")
            self._sleep(PAUSE)
            waited += PAUSE

    def _take(self, holder: str) -> bool:
        now = self._clock.now()
        lease = store.Lease(holder, until=now + LEASE)
        with self._database.writing() as session:
            return store.take(session, self._connection_id, lease, now=now)


def seal(vault: Vault, token: Token) -> bytes:
    return vault.seal(_write(token))


def _write(token: Token) -> Mapping[str, str]:
    values = {
        "access": token.access,
        "refresh": token.refresh,
        "expires_at": token.expires_at.isoformat() if token.expires_at else None,
        "facts": json.dumps(dict(token.facts)),
    }
    return {name: value for name, value in values.items() if value is not None}


def _read(values: Mapping[str, str]) -> Token:
    ends = values.get("expires_at")
    return Token(
        access=values["access"],
        refresh=values.get("refresh"),
        expires_at=datetime.fromisoformat(ends) if ends else None,
        facts=json.loads(values["facts"]),
    )
