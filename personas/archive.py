"""A release as one zip file, for those who have a browser and no command line; nothing of it is unpacked unseen."""

import re
import zlib
from io import BytesIO
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from personas.catalogue import PERSONAS
from personas.content import InvalidContent
from personas.release import Release, read_release, write_file

LARGEST_ARCHIVE = 512 * 1024
LARGEST_CONTENT = 1024 * 1024
"""Bytes of all files together, unpacked."""
MOST_FILES = 300
ENCRYPTED = 0x1
_NAME = re.compile(rf"(?:{PERSONAS}/)?[A-Za-z0-9_-]{{1,80}}\.yaml")
_LEFT_BEHIND = ("__MACOSX/", ".DS_Store")
_SAME_MOMENT = (1980, 1, 1, 0, 0, 0)
"""Of every file, so that the same release is the same archive."""


def write_archive(release: Release) -> bytes:
    written = BytesIO()
    with ZipFile(written, "w", ZIP_DEFLATED) as archive:
        for path, value in release.document.items():
            archive.writestr(ZipInfo(path, _SAME_MOMENT), write_file(value), ZIP_DEFLATED)
    return written.getvalue()


def read_archive(data: bytes) -> Release:
    """The files may stand in one folder. Raises InvalidContent."""
    if len(data) > LARGEST_ARCHIVE:
        raise InvalidContent("zip", f"larger than {LARGEST_ARCHIVE // 1024} KiB")
    try:
        with ZipFile(BytesIO(data)) as archive:
            texts = _read_files(archive)
    except (BadZipFile, zlib.error, EOFError, RuntimeError, OSError, ValueError):
        raise InvalidContent("zip", "it cannot be read as a zip file") from None
    with TemporaryDirectory() as folder:
        _lay_out(texts, Path(folder))
        return read_release(Path(folder))


def _read_files(archive: ZipFile) -> dict[str, bytes]:
    files = [one for one in archive.infolist() if not one.is_dir() and not _is_left_behind(one.filename)]
    if len(files) > MOST_FILES:
        raise InvalidContent("zip", f"more than {MOST_FILES} files")
    if sum(one.file_size for one in files) > LARGEST_CONTENT:
        raise InvalidContent("zip", f"more than {LARGEST_CONTENT // 1024} KiB once unpacked")
    names = _name(files)
    if len(set(names)) < len(names):
        raise InvalidContent("zip", "a file is there twice")
    return {name: _read(archive, one) for name, one in zip(names, files, strict=True)}


def _is_left_behind(name: str) -> bool:
    """By a system's own packer."""
    return name.startswith(_LEFT_BEHIND[0]) or PurePosixPath(name).name in _LEFT_BEHIND


def _name(files: list[ZipInfo]) -> list[str]:
    """Without the folder that all stand in, where there is one. Raises InvalidContent for any other path."""
    tops = {one.filename.partition("/")[0] for one in files}
    inside = len(tops) == 1 and tops != {PERSONAS} and all("/" in one.filename for one in files)
    names = [one.filename.partition("/")[2] if inside else one.filename for one in files]
    for name in names:
        if not _NAME.fullmatch(name):
            raise InvalidContent(
                ascii(name[:80]),
                f"only files as icp.yaml and {PERSONAS}/early_upgrader.yaml belong in a release",
            )
    return names


def _read(archive: ZipFile, file: ZipInfo) -> bytes:
    """zipfile reads no more than the size that was told, and refuses what is not as long or of another sum."""
    if file.flag_bits & ENCRYPTED or file.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise InvalidContent(file.filename, "it is encrypted, or packed in an unusual way")
    return archive.read(file)


def _lay_out(texts: dict[str, bytes], folder: Path) -> None:
    (folder / PERSONAS).mkdir()
    for name, text in texts.items():
        (folder / name).write_bytes(text)
