"""How a file's bytes are to be read: by its mark, by what decodes, and by what the mapping declares."""

import codecs
import gzip
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from crm_adapters.errors import BadSettings, Unavailable

CHUNK = 1 << 20
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Survey:
    """What a file would be as UTF-8."""

    utf16: bool
    lines: int
    """Counted only where some line is not UTF-8."""
    foreign: int
    """Lines that are not UTF-8."""
    accented: int
    """Lines that are, and hold more than ASCII; 1 stands for any number where no line is foreign."""
    nul: bool = False
    """Somewhere is a NUL, which no database takes for text."""


@contextmanager
def open_bytes(path: Path) -> Iterator[BinaryIO]:
    """Unpacks .gz. Raises BadSettings for what is not there or not gzip, Unavailable for a torn one."""
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as stream:
            yield cast("BinaryIO", stream)
    except FileNotFoundError:
        raise BadSettings(f"There is no file {path.name} in {path.parent}.") from None
    except gzip.BadGzipFile:
        raise BadSettings(f"{path.name} is not packed with gzip: rename it or pack it.") from None
    except (EOFError, zlib.error):
        raise Unavailable(
            f"{path.name} ends too early: still being copied, or damaged. Copy it again."
        ) from None
    except OSError as error:
        raise BadSettings(f"{path.name} cannot be read: {error.strerror}.") from None


def survey(path: Path) -> Survey:
    decoder = codecs.getincrementaldecoder("utf-8")()
    accented = nul = False
    with open_bytes(path) as stream:
        first = stream.read(CHUNK)
        if first.startswith(_UTF16_MARKS):
            return Survey(utf16=True, lines=0, foreign=0, accented=0)
        try:
            for chunk in _chunks(first, stream):
                accented = not decoder.decode(chunk).isascii() or accented
                nul = b"\0" in chunk or nul
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return _survey_lines(path)
    return Survey(utf16=False, lines=0, foreign=0, accented=int(accented), nul=nul)


def _chunks(first: bytes, stream: BinaryIO) -> Iterator[bytes]:
    chunk = first.removeprefix(codecs.BOM_UTF8)
    while chunk:
        yield chunk
        chunk = stream.read(CHUNK)


def _survey_lines(path: Path) -> Survey:
    lines = foreign = accented = 0
    nul = False
    with open_bytes(path) as stream:
        for line in stream:
            lines += 1
            nul = b"\0" in line or nul
            if line.isascii():
                continue
            try:
                line.decode("utf-8")
                accented += 1
            except UnicodeDecodeError:
                foreign += 1
    return Survey(utf16=False, lines=lines, foreign=foreign, accented=accented, nul=nul)


def choose_encoding(path: Path, declared: str) -> tuple[str, bool]:
    """The codec, and whether every line is sure to be text with it.

    Raises BadSettings where the whole file is not what the mapping declares.
    """
    found = survey(path)
    codec = _choose(path, declared, found)
    decodes = codec == "latin-1" or (codec == "utf-8-sig" and not found.foreign)
    return codec, decodes and not found.nul


def _choose(path: Path, declared: str, found: Survey) -> str:
    if found.utf16 or declared == "utf-16":
        return _utf16(path, declared, marked=found.utf16)
    mostly_foreign = found.foreign > found.accented
    if declared == "auto":
        return "cp1252" if mostly_foreign else "utf-8-sig"
    if declared in {"utf-8", "utf-8-sig"}:
        if mostly_foreign and found.foreign > 1 and found.foreign * 100 >= found.lines:
            raise BadSettings(_wrong(path, declared, "latin-1"))
        return "utf-8-sig"
    if found.accented and not found.foreign:
        raise BadSettings(_wrong(path, declared, "utf-8"))
    return declared


def _utf16(path: Path, declared: str, *, marked: bool) -> str:
    if not marked:
        raise BadSettings(f"{path.name} lacks the mark of UTF-16: leave `encoding` out of the mapping.")
    if declared not in {"auto", "utf-16"}:
        raise BadSettings(_wrong(path, declared, "utf-16"))
    return "utf-16"


def _wrong(path: Path, declared: str, better: str) -> str:
    return f"{path.name} is not {declared} as the mapping says but {better}: say `encoding: {better}`."
