"""The adapter of a folder of CSV exports."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from marshmallow import fields, post_load

from crm_adapters.base import Capabilities, CRMAdapter
from crm_adapters.errors import NotFound, Unavailable
from crm_adapters.model import (
    Customer,
    CustomerKey,
    CustomerMatch,
    FieldInfo,
    Finding,
    Health,
    KeyKind,
    Kind,
    Order,
    SuggestionOutcome,
    SyncCursor,
    SyncPage,
    WriteResult,
)
from crm_adapters.phones import e164, match_key
from crm_adapters.vendors.csvfiles.cache import Cache, choose_directory
from crm_adapters.vendors.csvfiles.cells import EPOCH
from crm_adapters.vendors.csvfiles.checks import check_files, check_index, check_outcomes
from crm_adapters.vendors.csvfiles.fieldlist import list_fields, sample_fields
from crm_adapters.vendors.csvfiles.index import Index
from crm_adapters.vendors.csvfiles.mapping import load_mapping
from crm_adapters.vendors.csvfiles.outcomes import Outcomes
from crm_adapters.vendors.csvfiles.position import starting_point

PAGE = 500
REJECTED_PAGE = 2_000
LONG_AGO = -(10**18)
PLAIN = frozenset(CRMAdapter.Settings().fields)
"""Settings that are no paths."""


class CsvFiles(CRMAdapter):
    name = "csvfiles"
    capabilities = Capabilities(
        kinds=frozenset({Kind.PRODUCTS, Kind.CUSTOMERS, Kind.ORDERS}),
        keys=frozenset({KeyKind.EMAIL, KeyKind.PHONE, KeyKind.REF}),
        log_outcome=True,
        writes_aside=True,
        unique_keys=True,
        stock=True,
        consents=True,
        describes_fields=True,
        reports_deletes=True,
    )

    class Settings(CRMAdapter.Settings):
        path = fields.Str(required=True)
        """The folder of the files."""
        mapping = fields.Str()
        """The mapping file; `mapping.yaml` in the folder."""
        outcomes = fields.Str()
        """The file that outcomes are appended to; `outcomes.csv` in the folder."""
        cache = fields.Str()
        """A folder for the index of the files."""

        @post_load
        def resolve(self, data: Mapping[str, str], **_: Any) -> dict[str, str]:
            """Commands and servers are started in different folders."""
            return {
                name: text if name in PLAIN else str(Path(text).expanduser().resolve())
                for name, text in data.items()
            }

    @property
    def folder(self) -> Path:
        return Path(self.settings["path"])

    @property
    def mapping_path(self) -> Path:
        return Path(self.settings.get("mapping") or self.folder / "mapping.yaml")

    @property
    def outcomes_path(self) -> Path:
        return Path(self.settings.get("outcomes") or self.folder / "outcomes.csv")

    def check(self, *, writes: bool = True) -> Health:
        if not self.folder.is_dir():
            return Health((Finding("folder", ok=False, message=f"There is no folder {self.folder}."),))
        return Health(
            (
                *check_files(self.folder, self.mapping_path),
                *((check_outcomes(self.outcomes_path),) if writes else ()),
                check_index(self.folder, self.settings.get("cache")),
            )
        )

    def find_customers(self, key: CustomerKey, *, limit: int = 5) -> list[CustomerMatch]:
        if key.kind not in self.capabilities.keys:
            self._refuse(f"finds nobody by {key.kind}")
        with self._index() as index:
            found = _find(index, key, limit)
        return [CustomerMatch(customer, key.kind, confidence=1.0) for customer in found]

    def get_customer(self, ref: str) -> Customer:
        with self._index() as index:
            found = index.customer(ref)
        if found is None:
            raise NotFound("no such customer in the files")
        return found

    def orders(self, customer_ref: str, *, since: datetime | None = None) -> Iterator[Order]:
        earliest = LONG_AGO if since is None else -((EPOCH - since) // timedelta(microseconds=1))
        with self._index() as index:
            yield from index.orders_of(customer_ref, since=earliest)

    def changes(self, kind: Kind, cursor: SyncCursor | None) -> SyncPage:
        """Unchanged files give an empty last page; changed ones a snapshot of all."""
        if kind not in self.capabilities.kinds:
            self._refuse(f"has no {kind}")
        with self._index() as index:
            start = starting_point(cursor, index.fingerprint)
            if start.done:
                return SyncPage((), start.to_cursor(), more=False)
            items, item, rows = index.page(kind, after=start.item, limit=PAGE)
            rejects = index.rejects(kind, after=start.rejected, limit=REJECTED_PAGE)
            more = len(items) == PAGE or len(rejects.rows) == REJECTED_PAGE
            reached = replace(start, item=item, rejected=rejects.last, done=not more)
            return SyncPage(
                items=tuple(items),
                next_cursor=reached.to_cursor(),
                more=more,
                snapshot=True,
                rejected=rejects.rows,
                total_hint=index.count(kind),
                rows_read=rows + rejects.lost,
            )

    def log_outcome(self, outcome: SuggestionOutcome, *, key: str) -> WriteResult:
        return self._outcomes().write(outcome, key=key)

    def find_outcome(self, key: str, *, customer_ref: str) -> WriteResult | None:  # noqa: ARG002 - keys are unique
        return self._outcomes().find(key)

    def describe_fields(self, kind: Kind, *, sample: int = 0) -> list[FieldInfo]:
        found = list_fields(load_mapping(self.mapping_path), kind)
        if not sample or not found:
            return found
        with self._index() as index:
            records, _, _ = index.page(kind, after=0, limit=sample)
        return sample_fields(found, records)

    def _outcomes(self) -> Outcomes:
        return Outcomes(self.outcomes_path, self._cache_directory())

    def _cache_directory(self) -> Path:
        return choose_directory(self.folder, self.settings.get("cache"))

    @contextmanager
    def _index(self) -> Iterator[Index]:
        cache = Cache(self.folder, self.mapping_path, self._cache_directory())
        try:
            yield cache.open()
        except sqlite3.DatabaseError:
            cache.discard()
            raise Unavailable("the index of the files was damaged; the next try builds it anew") from None


def _find(index: Index, key: CustomerKey, limit: int) -> list[Customer]:
    value = key.value.strip()
    if key.kind is KeyKind.REF:
        found = index.customer(value)
        return [found] if found else []
    if key.kind is KeyKind.EMAIL:
        return index.find(key.kind, value.lower(), limit=limit)
    number = e164(value)
    return index.find(key.kind, match_key(number), limit=limit) if number else []
