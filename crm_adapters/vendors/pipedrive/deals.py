"""Deals with their products: what Pipedrive knows of purchases, and of what may become one."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from crm_adapters.errors import VendorChanged
from crm_adapters.model import OpenDeal, Order, RejectedRow
from crm_adapters.vendors.pipedrive import records
from crm_adapters.vendors.pipedrive.api import Api, Row, ref_of

EVERY = ("deals", "deals/archived")
"""Archived deals are listed apart, and are purchases all the same."""


@dataclass(frozen=True, slots=True)
class Deals:
    api: Api

    def of_person(self, ref: str) -> list[Order]:
        params = {"person_id": ref, "sort_by": "id"}
        rows = [row for path in EVERY for row in self.api.list_all(path, params)]
        return list(self.load(_of(rows, ref))[0])

    def open_of(self, ref: str) -> list[OpenDeal]:
        params = {"person_id": ref, "status": "open", "sort_by": "id"}
        rows = [row for row in _of(self.api.list_all("deals", params), ref) if records.is_open(row)]
        lines = self.lines(rows)
        found = [records.to_open_deal(row, lines[ref_of(row)]) for row in rows]
        return sorted(found, key=lambda deal: (deal.updated_at is not None, deal.updated_at), reverse=True)

    def load(self, rows: Sequence[Row]) -> tuple[tuple[Order, ...], tuple[RejectedRow, ...]]:
        """As orders; a deal of an organization alone is nobody's."""
        whose = [row for row in rows if row.get("person_id")]
        lines = self.lines(whose)
        rejected = [row for row in rows if not row.get("person_id")]
        return (
            tuple(records.to_order(row, lines[ref_of(row)]) for row in whose),
            tuple(RejectedRow(f"deal {ref_of(row)}", 0, "it has no person") for row in rejected),
        )

    def lines(self, rows: Sequence[Row]) -> defaultdict[str, list[Row]]:
        """By the deal's ref, oldest first."""
        asked = [ref_of(row) for row in rows]
        found: defaultdict[str, list[Row]] = defaultdict(list)
        for line in self.api.by_ids("deals/products", asked, "deal_ids"):
            found[str(line["deal_id"])].append(line)
        if not found.keys() <= set(asked):
            raise VendorChanged("the answer holds what was not asked for")
        for lines in found.values():
            lines.sort(key=lambda line: int(line["id"]))
        return found


def _of(rows: Sequence[Row], ref: str) -> list[Row]:
    if not all(str(row.get("person_id")) == ref for row in rows):
        raise VendorChanged("the answer holds what was not asked for")
    return list(rows)
