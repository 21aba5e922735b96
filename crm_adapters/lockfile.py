"""Locks between threads and processes of one machine; the system frees one when its holder dies."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

if sys.platform == "win32":
    import msvcrt

    def lock(stream: BinaryIO) -> None:
        """Waits for it; closing the stream gives it back."""
        stream.seek(0)
        msvcrt.locking(stream.fileno(), msvcrt.LK_LOCK, 1)

    def try_lock(stream: BinaryIO) -> bool:
        """Whether it was free."""
        stream.seek(0)
        try:
            msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def lock(stream: BinaryIO) -> None:
        """Waits for it; closing the stream gives it back."""
        fcntl.flock(stream, fcntl.LOCK_EX)

    def try_lock(stream: BinaryIO) -> bool:
        """Whether it was free."""
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Waits for the lock; the file stays behind, for removing it would let two holders in."""
    with path.open("ab") as stream:
        lock(stream)
        yield
