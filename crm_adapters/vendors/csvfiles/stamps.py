"""Whether files are still those that were read, as far as the file system says."""

from pathlib import Path

Stamps = list[list[str | int]]
"""For each file [path, size, modified, changed]; plain lists, to be kept as JSON."""


def stamp(paths: list[Path]) -> Stamps:
    return [[str(path), *_stat(path)] for path in paths]


def _stat(path: Path) -> tuple[int, int, int]:
    try:
        found = path.stat()
    except OSError:
        return (-1, 0, 0)
    return (found.st_size, found.st_mtime_ns, found.st_ctime_ns)
