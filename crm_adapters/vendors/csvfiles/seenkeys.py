"""Which keys an outcomes file holds, so that writing one line does not mean reading them all.

Only a copy: whenever the file is not exactly as we left it, it is read anew. Call under the file's lock.
"""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from crm_adapters.vendors.csvfiles.stamps import stamp

_SCHEMA = """
CREATE TABLE IF NOT EXISTS keys (key TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stamp (value TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class SeenKeys:
    outcomes: Path
    directory: Path
    read_keys: Callable[[], Iterable[str]]
    """Reads all keys from the outcomes file."""

    def holds(self, key: str) -> bool:
        try:
            return self._holds(key)
        except sqlite3.DatabaseError:
            self._path.unlink(missing_ok=True)
            return self._holds(key)

    def add(self, key: str) -> None:
        """After the line is on disk; a crash before this only costs a reading."""
        with self._connect() as connection:
            connection.execute("INSERT OR IGNORE INTO keys VALUES (?)", (key,))
            self._set_stamp(connection)

    def _holds(self, key: str) -> bool:
        with self._connect() as connection:
            if connection.execute("SELECT value FROM stamp").fetchone() != (self._stamp(),):
                self._read_anew(connection)
            return connection.execute("SELECT 1 FROM keys WHERE key = ?", (key,)).fetchone() is not None

    def _read_anew(self, connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM keys")
        connection.executemany("INSERT OR IGNORE INTO keys VALUES (?)", ((key,) for key in self.read_keys()))
        self._set_stamp(connection)

    def _set_stamp(self, connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM stamp")
        connection.execute("INSERT INTO stamp VALUES (?)", (self._stamp(),))

    def _stamp(self) -> str:
        return json.dumps(stamp([self.outcomes]))

    @property
    def _path(self) -> Path:
        name = hashlib.blake2b(str(self.outcomes).encode(), digest_size=6).hexdigest()
        return self.directory / f"{name}.keys.sqlite"

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path)) as connection, connection:
            connection.executescript(_SCHEMA)
            yield connection
