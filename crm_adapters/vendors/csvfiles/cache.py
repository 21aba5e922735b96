"""Where the index lies, whether it is still that of the files, and building it when it is not."""

import hashlib
import json
import os
import sqlite3
import sys
import tempfile
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from crm_adapters.errors import BadSettings, Unavailable
from crm_adapters.lockfile import locked
from crm_adapters.vendors.csvfiles import statements
from crm_adapters.vendors.csvfiles.index import Index
from crm_adapters.vendors.csvfiles.mapping import FilesMapping, load_mapping
from crm_adapters.vendors.csvfiles.staging import build_index
from crm_adapters.vendors.csvfiles.stamps import Stamps, stamp


@dataclass(frozen=True, slots=True)
class Cache:
    folder: Path
    mapping_path: Path
    directory: Path

    @property
    def path(self) -> Path:
        sources = f"{self.folder}\0{self.mapping_path}".encode()
        return self.directory / f"{hashlib.blake2b(sources, digest_size=6).hexdigest()}.sqlite"

    def open(self) -> Index:
        """The index of the files as they are. Raises BadSettings, or Unavailable during their writing."""
        index = self._current()
        if index is not None:
            return index
        with locked(self.path.with_suffix(".lock")):
            return self._current() or self._refresh()

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)

    def _current(self) -> Index | None:
        meta = _read_meta(self.path)
        if not meta or meta.get("version") != statements.VERSION:
            return None
        stamps: Stamps = json.loads(meta["stamps"])
        same = stamps == stamp([Path(str(entry[0])) for entry in stamps])
        return Index(self.path, meta["fingerprint"]) if same else None

    def _refresh(self) -> Index:
        mapping = load_mapping(self.mapping_path)
        paths = [self.mapping_path, *(self.folder / one.file for one in mapping.files)]
        stamps, fingerprint = stamp(paths), digest(paths)
        if _read_meta(self.path).get("fingerprint") != fingerprint:
            building = self._build(mapping)
            if stamp(paths) != stamps:
                raise Unavailable("the files are being written; try again when they are whole")
            building.replace(self.path)
        _write_meta(self.path, fingerprint, stamps)
        return Index(self.path, fingerprint)

    def _build(self, mapping: FilesMapping) -> Path:
        building = self.path.with_suffix(".building")
        building.unlink(missing_ok=True)
        build_index(building, self.folder, mapping)
        return building


def digest(paths: list[Path]) -> str:
    total = hashlib.blake2b(statements.VERSION.encode(), digest_size=16)
    for path in paths:
        try:
            with path.open("rb") as stream:
                total.update(hashlib.file_digest(stream, "blake2b").digest())
        except OSError:
            raise BadSettings(f"There is no readable file {path.name} in {path.parent}.") from None
    return total.hexdigest()


def _read_meta(path: Path) -> dict[str, str]:
    """{} where there is no usable index."""
    if not path.exists():
        return {}
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            return dict(connection.execute(statements.META).fetchall())
    except sqlite3.DatabaseError:
        return {}


def _write_meta(path: Path, fingerprint: str, stamps: Stamps) -> None:
    values = {"version": statements.VERSION, "fingerprint": fingerprint, "stamps": json.dumps(stamps)}
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(statements.SET_META, values.items())


def choose_directory(folder: Path, wanted: str | None) -> Path:
    """The setting `cache`, else `.assist-index` beside the files, else a private temporary place."""
    if wanted:
        return _made(Path(wanted))
    beside = folder / ".assist-index"
    if os.access(beside if beside.exists() else folder, os.W_OK):
        return _made(beside)
    return _own(_made(Path(tempfile.gettempdir()) / f"assist-index-{_user()}"))


def _made(directory: Path) -> Path:
    """For its owner only: it holds what the files hold."""
    with suppress(OSError):
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not os.access(directory, os.W_OK):
        raise BadSettings(f"{directory} cannot hold the index: name a folder with the setting `cache`.")
    return directory


def _own(directory: Path) -> Path:
    """Where everybody may make folders, somebody else may have made this one first."""
    if _user() not in {directory.lstat().st_uid, -1}:
        raise BadSettings(f"{directory} is not ours: name a folder with the setting `cache`.")
    return directory


def _user() -> int:
    return os.getuid() if sys.platform != "win32" else -1
