"""Who we are to a CRM: keys that stay, and tokens that are renewed by one process for all."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from crm_adapters.tokens import NO_FACTS, Token
from crm_adapters.transport import Transport

Obtain = Callable[[Token | None], Token]
"""A new token for the old one, if there was one. Called by one process at a time; raises AuthRevoked where an
admin must connect anew."""


class Auth(Protocol):
    """Inherit from it and override what the CRM needs."""

    def headers(self) -> Mapping[str, str]:
        return NO_FACTS

    def params(self) -> Mapping[str, str]:
        """Of the URL, for a CRM that takes its key nowhere else."""
        return NO_FACTS

    def refresh(self) -> bool:
        """After a 401: whether there is now something else to try. May raise AuthRevoked."""
        return False


class NoAuth(Auth):
    """For what anybody may ask."""


@dataclass(frozen=True, slots=True)
class HeaderKey(Auth):
    name: str
    value: str = field(repr=False)

    def headers(self) -> Mapping[str, str]:
        return {self.name: self.value}


@dataclass(frozen=True, slots=True)
class QueryKey(Auth):
    name: str
    value: str = field(repr=False)

    def params(self) -> Mapping[str, str]:
        return {self.name: self.value}


def bearer(token: str) -> HeaderKey:
    return HeaderKey("Authorization", f"Bearer {token}")


def basic(user: str, password: str) -> HeaderKey:
    """RFC 7617, in UTF-8."""
    return HeaderKey("Authorization", f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}")


class TokenAuth(Auth):
    """A token that `obtain` gets and that all processes of the connection use; before its end, or after a 401,
    one of them renews it and the others find it in the store."""

    def __init__(
        self, obtain: Obtain, transport: Transport, *, header: Callable[[str], HeaderKey] = bearer
    ) -> None:
        self._obtain = obtain
        self._store = transport.tokens
        self._clock = transport.timing.clock
        self._header = header
        self._token: Token | None = None

    def headers(self) -> Mapping[str, str]:
        return self._header(self.token().access).headers()

    def refresh(self) -> bool:
        self._renew(refused=self._token)
        return True

    def token(self) -> Token:
        """One that is good, as far as the CRM has told."""
        if self._token is None:
            self._token = self._store.load()
        return self._token if self._token and self._is_good(self._token) else self._renew(refused=None)

    def _renew(self, *, refused: Token | None) -> Token:
        with self._store.locked():
            stored = self._store.load()
            if stored and self._is_good(stored) and not (refused and refused.access == stored.access):
                token = stored
            else:
                token = self._obtain(stored)
                self._store.save(token)
        self._token = token
        return token

    def _is_good(self, token: Token) -> bool:
        return token.expires_at is None or self._clock() < token.expires_at
