"""Keys, and the secrets they keep: encrypted at rest, readable only through here."""

import json
import os
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkstemp

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

WRONG_KEY = (
    "A stored secret was encrypted with a key that is neither in ASSIST_VAULT_KEYS nor in keys.json; "
    "put that key back, or enter the connection's secrets again."
)
NO_KEY = "A key of the vault is not 32 bytes in URL-safe base64; put back the one that was there."


class VaultError(Exception):
    """A stored secret cannot be read with the keys at hand."""


@dataclass(frozen=True, slots=True)
class Keys:
    secret_key: str
    vault_keys: tuple[str, ...]


class Vault:
    """Encrypts small mappings with the first key, decrypts with any: rotation is putting a new key first.

    Raises VaultError for a key that is none.
    """

    def __init__(self, keys: Sequence[str]) -> None:
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError:
            raise VaultError(NO_KEY) from None

    def seal(self, values: Mapping[str, str]) -> bytes:
        return self._fernet.encrypt(json.dumps(dict(values)).encode())

    def open(self, sealed: bytes | None) -> dict[str, str]:
        """Raises VaultError when none of the keys fits."""
        if not sealed:
            return {}
        try:
            values: dict[str, str] = json.loads(self._fernet.decrypt(sealed))
        except InvalidToken:
            raise VaultError(WRONG_KEY) from None
        return values

    def reseal(self, sealed: bytes) -> bytes:
        """The same secret under the newest key. Raises VaultError when none of the keys fits."""
        try:
            return self._fernet.rotate(sealed)
        except InvalidToken:
            raise VaultError(WRONG_KEY) from None


def ensure_keys(path: Path) -> Keys:
    """The keys in `path`, made on first use and readable by the owner alone. Raises VaultError where the file
    is damaged: other keys in its place would lock every stored secret for good."""
    if not path.exists():
        _make(path)
    try:
        stored = json.loads(path.read_text())
        return Keys(secret_key=stored["secret_key"], vault_keys=tuple(stored["vault_keys"]))
    except (ValueError, KeyError, TypeError):
        raise VaultError(f"{path} is damaged; put it back from a backup.") from None


def _make(path: Path) -> None:
    """The file appears complete or not at all; of two processes that start together, one makes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    keys = {"secret_key": secrets.token_urlsafe(32), "vault_keys": [Fernet.generate_key().decode()]}
    descriptor, name = mkstemp(dir=path.parent, prefix=f".{path.name}-")
    with os.fdopen(descriptor, "w") as file:
        json.dump(keys, file)
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(name, path)
    Path(name).unlink()
