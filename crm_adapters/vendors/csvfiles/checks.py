"""What a connection check says about a folder of files: found, readable, mapped, and the first rows parse."""

import os
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from crm_adapters.errors import BadSettings, CRMError
from crm_adapters.model import Finding
from crm_adapters.vendors.csvfiles.cache import choose_directory
from crm_adapters.vendors.csvfiles.lines import LineReader
from crm_adapters.vendors.csvfiles.mapping import FileMapping, FilesMapping, load_mapping
from crm_adapters.vendors.csvfiles.outcomes import read_header
from crm_adapters.vendors.csvfiles.records import CustomerReader, ProductReader
from crm_adapters.vendors.csvfiles.staging import parse_rows
from crm_adapters.vendors.csvfiles.table import Table, open_table

SAMPLE = 200
"""Rows of each file that are tried."""
Parser = Callable[[list[str]], object]


def check_files(folder: Path, mapping_path: Path) -> Iterator[Finding]:
    try:
        mapping = load_mapping(mapping_path)
    except BadSettings as error:
        yield Finding("mapping", ok=False, message=str(error))
        return
    yield Finding("mapping", ok=True, message=f"{mapping_path.name} is understood")
    for one in mapping.products:
        yield _check_file(folder, one, ProductReader)
    for one in mapping.customers:
        yield _check_file(folder, one, lambda table: CustomerReader(table, mapping.countries))
    for one in mapping.order_lines:
        yield _check_file(folder, one, lambda table: LineReader(table, mapping))
    yield from _absent(mapping)


def _check_file(folder: Path, one: FileMapping, parser: Callable[[Table], Parser]) -> Finding:
    try:
        table = open_table(folder, one)
        return _try_rows(table, parser(table))
    except (BadSettings, CRMError) as error:
        return Finding(one.file, ok=False, message=str(error))


def _try_rows(table: Table, parse: Parser) -> Finding:
    bad: list[str] = []
    rows = parse_rows(table, parse, lambda line, reason: bad.append(f"line {line} {reason}"))
    good = sum(1 for _ in islice(rows, SAMPLE))
    name = table.mapping.file
    if not good and not bad:
        return Finding(name, ok=True, message="has a header and no rows")
    first = f"; {len(bad)} cannot, as {bad[0]}" if bad else ""
    return Finding(name, ok=good > 0, message=f"{good} of the first rows can be read{first}")


def _absent(mapping: FilesMapping) -> Iterator[Finding]:
    for name, files in (("customers", mapping.customers), ("products", mapping.products)):
        if not files:
            yield Finding(name, ok=True, message=f"no file: {name} are taken from the order lines")


def check_outcomes(path: Path) -> Finding:
    target = path if path.exists() else path.parent
    if path.is_dir() or not os.access(target, os.W_OK) or not os.access(path.parent, os.W_OK):
        remedy = "allow it, or name another file with the setting `outcomes`"
        return Finding("outcomes", ok=False, message=f"{path} cannot be written: {remedy}")
    try:
        if path.exists() and path.stat().st_size:
            read_header(path)
    except CRMError as error:
        return Finding("outcomes", ok=False, message=str(error))
    return Finding("outcomes", ok=True, message=f"{path} can be written")


def check_index(folder: Path, wanted: str | None) -> Finding:
    try:
        directory = choose_directory(folder, wanted)
    except BadSettings as error:
        return Finding("index", ok=False, message=str(error))
    return Finding("index", ok=True, message=f"kept in {directory}")
