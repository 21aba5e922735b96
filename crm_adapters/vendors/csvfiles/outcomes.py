"""The outcomes file: one line for each key, on disk before it is acknowledged, harmless in a spreadsheet."""

import csv
import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from crm_adapters.errors import OutcomeUnknown, PermissionDenied, Unavailable, ValidationFailed
from crm_adapters.lockfile import locked
from crm_adapters.model import SuggestionOutcome, WriteResult
from crm_adapters.vendors.csvfiles.seenkeys import SeenKeys

COLUMNS = (
    "key", "customer_ref", "act", "product_sku", "product_name", "kind", "anchor_sku", "reason", "channel",
    "price", "currency", "agent", "note", "at",
)  # fmt: skip
MARK = "\ufeff".encode()
"""Without it Excel reads the file in the machine's old code page."""
_SIGNS = "=+\\-@＝＋－＠"
_FORMULA = re.compile(rf"^(?=[\s\"']*[{_SIGNS}]|[\t\r])|(?<=[;\t])(?=[\s\"']*[{_SIGNS}])")
"""Where a spreadsheet may see a formula begin: at a cell's start, and at a `;` where that parts the cells."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class Outcomes:
    path: Path
    cache: Path
    """A folder for the list of keys already written."""

    def write(self, outcome: SuggestionOutcome, *, key: str) -> WriteResult:
        _check_key(key)
        with self._locked():
            mend(self.path)
            seen = SeenKeys(self.path, self.cache, self._read_keys)
            created = not seen.holds(disarm(key))
            if created:
                self._append(_values(outcome, key))
                seen.add(disarm(key))
        return WriteResult(ref=key, created=created)

    def find(self, key: str) -> WriteResult | None:
        if not self.path.exists():
            return None
        with self._locked():
            mend(self.path)
            held = SeenKeys(self.path, self.cache, self._read_keys).holds(disarm(key))
        return WriteResult(ref=key, created=False) if held else None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            with locked(self.path.with_name(f"{self.path.name}.lock")):
                yield
        except (PermissionError, FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise PermissionDenied(_not_writable(self.path), scope="write outcomes") from None

    def _read_keys(self) -> Iterator[str]:
        if _is_empty(self.path):
            return
        header, delimiter = read_header(self.path)
        place = header.index("key")
        with self.path.open(encoding="utf-8-sig", errors="replace", newline="") as text:
            for cells in csv.reader(text, delimiter=delimiter):
                if len(cells) > place:
                    yield cells[place]

    def _append(self, values: dict[str, str]) -> None:
        fresh = _is_empty(self.path)
        header, delimiter = (list(COLUMNS), ",") if fresh else read_header(self.path)
        line = _line([values.get(name, "") for name in header], delimiter)
        append(self.path, MARK + _line(header, delimiter) + line if fresh else line)
        if fresh:
            _sync_directory(self.path.parent)


def _is_empty(path: Path) -> bool:
    return not path.exists() or path.stat().st_size == 0


def append(path: Path, data: bytes) -> None:
    """All of it and on disk, or Unavailable and nothing of it, or OutcomeUnknown."""
    with path.open("ab", buffering=0) as stream:
        before = stream.tell()
        try:
            written = stream.write(data)
            if written != len(data):
                raise OSError("short write")  # noqa: TRY301 - handled as the full disk that it is
        except OSError as error:
            _take_back(path, before)
            raise Unavailable(f"{path.name} could not be written ({error.strerror or error})") from None
        try:
            os.fsync(stream.fileno())
        except OSError:
            raise OutcomeUnknown(f"{path.name} was written but may not be on disk") from None


def _take_back(path: Path, size: int) -> None:
    try:
        os.truncate(path, size)
    except OSError:
        raise OutcomeUnknown(f"{path.name} may hold half a line") from None


def mend(path: Path) -> None:
    """Takes away a last line that a crash cut off: it was never acknowledged, so it is written again."""
    with suppress(FileNotFoundError), path.open("r+b") as stream:
        start = _start_of_unended(stream)
        if start is None:
            return
        stream.seek(start)
        if _is_torn(path, stream.read(), first=start == 0):
            stream.truncate(start)
        else:
            stream.write(b"\n")
        os.fsync(stream.fileno())


def _start_of_unended(stream: io.BufferedRandom) -> int | None:
    """Where a last line without its end begins."""
    size = stream.seek(0, os.SEEK_END)
    start, tail = size, b""
    while start > 0 and b"\n" not in tail:
        step = min(4096, start)
        start -= step
        stream.seek(start)
        tail = stream.read(step) + tail
        if tail.endswith(b"\n"):
            return None
    return start + tail.rfind(b"\n") + 1 if size else None


def _is_torn(path: Path, tail: bytes, *, first: bool) -> bool:
    """Whether an unended line is half of ours; a spreadsheet leaves whole ones unended."""
    if first and (MARK + _line(list(COLUMNS), ",")).startswith(tail):
        return True
    header, delimiter = read_header(path)
    try:
        rows = list(csv.reader([tail.decode(errors="replace")], delimiter=delimiter, strict=True))
    except csv.Error:
        return True
    return len(rows) != 1 or len(rows[0]) != len(header)


def read_header(path: Path) -> tuple[list[str], str]:
    """The columns as somebody may have reordered or added to them, and the sign between cells.

    Raises ValidationFailed where they are not ours.
    """
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as text:
        first = text.readline(1 << 16)
    delimiter = max(",;\t", key=first.count)
    header = next(csv.reader([first], delimiter=delimiter), [])
    if not set(COLUMNS) <= set(header):
        raise ValidationFailed(
            f"{path.name} lacks columns of an outcomes file: move it away, a new one is begun"
        )
    return header, delimiter


def disarm(text: str) -> str:
    """A spreadsheet takes the result for text. Different texts stay different, but for control characters."""
    return _CONTROL.sub(" ", _FORMULA.sub("'", text))


def _check_key(key: str) -> None:
    if not key or _CONTROL.search(key):
        raise ValidationFailed("a key needs at least one sign and no control characters")


def _values(outcome: SuggestionOutcome, key: str) -> dict[str, str]:
    price = outcome.price
    return {
        "key": key,
        "customer_ref": outcome.customer_ref,
        "act": outcome.act.value,
        "product_sku": outcome.product_sku,
        "product_name": outcome.product_name,
        "kind": outcome.kind,
        "anchor_sku": outcome.anchor_sku or "",
        "reason": outcome.reason or "",
        "channel": outcome.channel or "",
        "price": str(price.amount) if price else "",
        "currency": price.currency if price else "",
        "agent": outcome.agent,
        "note": outcome.note,
        "at": outcome.at.isoformat(),
    }


def _line(cells: list[str], delimiter: str) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(disarm(cell) for cell in cells)
    return text.getvalue().encode("utf-8", errors="replace")


def _not_writable(path: Path) -> str:
    return f"{path} cannot be written: allow it, or name another file with the setting `outcomes`"


def _sync_directory(directory: Path) -> None:
    """So that a new file's name survives a power cut; some systems cannot."""
    with suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
