"""A release as a zip file: there and back the same, and nothing else gets in."""

from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile

import pytest

from personas.archive import LARGEST_ARCHIVE, read_archive, write_archive
from personas.content import InvalidContent
from personas.release import shipped, write_file


def pack(files: dict[str, str], *, method: int = ZIP_DEFLATED) -> bytes:
    written = BytesIO()
    with ZipFile(written, "w", method) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return written.getvalue()


def ours(folder: str = "") -> dict[str, str]:
    return {f"{folder}{path}": write_file(value) for path, value in shipped().document.items()}


def test_what_is_written_is_read_as_the_same_release() -> None:
    assert read_archive(write_archive(shipped())).digest == shipped().digest
    assert write_archive(shipped()) == write_archive(shipped())


def test_a_folder_packed_with_what_a_system_leaves_behind_is_read() -> None:
    files = ours("release/") | {"__MACOSX/release/._icp.yaml": "x", "release/.DS_Store": "x"}
    assert read_archive(pack(files)).digest == shipped().digest


@pytest.mark.parametrize(
    "name",
    [
        "../icp.yaml",
        "/etc/icp.yaml",
        "a/../icp.yaml",
        "personas/../x.yaml",
        "c:\\icp.yaml",
        "a/b/c.yaml",
        "x.py",
    ],
)
def test_other_paths_are_refused(name: str) -> None:
    with pytest.raises(InvalidContent, match="belong in a release"):
        read_archive(pack(ours() | {name: "x: 1"}))


def test_a_name_that_is_nearly_one_of_ours_is_told() -> None:
    with pytest.raises(InvalidContent, match=r"Did you mean rules\.yaml"):
        read_archive(pack(ours() | {"rule.yaml": "rules: []"}))


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "cannot be read as a zip"),
        (b"PK\x03\x04" + bytes(90), "cannot be read as a zip"),
        (bytes(LARGEST_ARCHIVE + 1), "larger than 512 KiB"),
        (pack({"icp.yaml": " " * 2_000_000}), "1024 KiB once unpacked"),
        (pack({f"personas/p{number}.yaml": "" for number in range(301)}), "more than 300 files"),
        (pack({"icp.yaml": "x"}, method=ZIP_BZIP2), "unusual way"),
    ],
)
def test_what_is_damaged_too_large_or_packed_oddly_is_refused(data: bytes, problem: str) -> None:
    with pytest.raises(InvalidContent, match=problem):
        read_archive(data)


def test_a_file_that_is_shorter_than_it_says_is_refused() -> None:
    data = bytearray(pack(ours()))
    data[len(data) // 2] ^= 0xFF
    with pytest.raises(InvalidContent):
        read_archive(bytes(data))
