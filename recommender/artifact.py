"""A model on disk: arrays as .npy, everything else as JSON, each file with its checksum; nothing is executed
when it is read. Arrays are memory-mapped, so that all workers share them."""

import json
import os
import shutil
from collections.abc import Mapping
from hashlib import file_digest
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np

from recommender.errors import ArtifactError

FORMAT = 2
MANIFEST = "manifest.json"


def publish(directory: Path, document: Mapping[str, Any], arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
    """`directory` appears complete or not at all; a model that was there before is replaced."""
    directory.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        _write(fresh, document, arrays)
        fresh.chmod(0o755)
        _swap(fresh, directory)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def read(directory: Path) -> tuple[dict[str, Any], dict[str, np.ndarray[Any, Any]]]:
    """The document and the arrays, memory-mapped and read-only. Raises ArtifactError."""
    sums = _manifest(directory)
    for name, expected in sums.items():
        _verify(directory / name, expected)
    try:
        document = json.loads((directory / "model.json").read_bytes())
        arrays = {name.removesuffix(".npy"): _map(directory / name) for name in sums if name.endswith(".npy")}
    except (OSError, ValueError) as error:
        raise ArtifactError(f"{directory}: unreadable ({error}); use another version") from error
    return document, arrays


def _write(fresh: Path, document: Mapping[str, Any], arrays: Mapping[str, np.ndarray[Any, Any]]) -> None:
    for name, values in arrays.items():
        np.save(fresh / f"{name}.npy", np.ascontiguousarray(values), allow_pickle=False)
    (fresh / "model.json").write_text(json.dumps(document, ensure_ascii=False, allow_nan=False))
    sums = {path.name: _checksum(path) for path in sorted(fresh.iterdir())}
    (fresh / MANIFEST).write_text(json.dumps({"format": FORMAT, "sha256": sums}, indent=1))
    for path in (*fresh.iterdir(), fresh):
        _sync(path)


def _swap(fresh: Path, directory: Path) -> None:
    if not directory.exists():
        fresh.rename(directory)
    else:
        old = Path(mkdtemp(prefix=f".{directory.name}-old-", dir=directory.parent))
        directory.rename(old / "model")
        fresh.rename(directory)
        shutil.rmtree(old)
    _sync(directory.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _manifest(directory: Path) -> dict[str, str]:
    path = directory / MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
        version, sums = manifest["format"], dict(manifest["sha256"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ArtifactError(f"{path}: no readable manifest; use another version or train again") from error
    if version != FORMAT:
        raise ArtifactError(f"{path}: format {version}, this release reads {FORMAT}; train again")
    return sums


def _verify(path: Path, expected: str) -> None:
    try:
        found = _checksum(path)
    except OSError as error:
        raise ArtifactError(f"{path}: missing; use another version") from error
    if found != expected:
        raise ArtifactError(f"{path}: altered since it was written; use another version")


def _checksum(path: Path) -> str:
    with path.open("rb") as stream:
        return file_digest(stream, "sha256").hexdigest()


def _map(path: Path) -> np.ndarray[Any, Any]:
    # An array of no elements cannot be mapped, and has nothing to share.
    try:
        return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    except ValueError:
        return np.asarray(np.load(path, allow_pickle=False))
