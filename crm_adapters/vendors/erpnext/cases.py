"""Issues, as far as they are a customer's."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm_adapters.model import Case
from crm_adapters.vendors.erpnext.api import Row
from crm_adapters.vendors.erpnext.records import text
from crm_adapters.vendors.erpnext.site import Site

ISSUE = "Issue"
ISSUE_KEYS = (
    "name", "customer", "subject", "status", "issue_type", "opening_date", "opening_time", "creation", "modified",
)  # fmt: skip
CLOSED = frozenset({"Resolved", "Closed"})


@dataclass(frozen=True, slots=True)
class Cases:
    site: Site
    complaint_type: str
    """The type of issues that are complaints."""

    def read(self, rows: Sequence[Row]) -> list[Case]:
        """Of somebody whom ERPNext does not know there is nobody's case."""
        return [self._to_case(row) for row in rows if row["customer"]]

    def _to_case(self, row: Row) -> Case:
        local = self.site.time
        opened = local.read_parts(row["opening_date"], row["opening_time"]) or local.read(row["creation"])
        return Case(
            ref=row["name"],
            customer_ref=row["customer"],
            subject=text(row["subject"]),
            complaint=text(row["issue_type"]).casefold() == self.complaint_type.casefold(),
            open=text(row["status"]) not in CLOSED,
            opened_at=opened or self.site.now(),
            updated_at=local.read(row["modified"]),
        )
