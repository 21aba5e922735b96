"""Outcomes as lines of a customer's metafield, the latest on top; written only where it is still what was read."""

from dataclasses import dataclass

from crm_adapters.errors import Conflict, NotFound, OutcomeUnknown, Unavailable, VendorChanged
from crm_adapters.marks import make_mark
from crm_adapters.model import SuggestionOutcome, WriteResult
from crm_adapters.vendors.shopify.api import Api, Row, is_id, to_gid, to_ref
from crm_adapters.vendors.shopify.queries import READ_OUTCOMES, SET_METAFIELDS

NAMESPACE, KEY, TYPE = "sales_assist", "outcomes", "multi_line_text_field"
MOST_BYTES = 60_000
"""Of 65,536 that Shopify keeps; then the oldest lines go."""
LONGEST_NOTE = 1_000
ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Outcomes:
    api: Api

    def find(self, key: str, customer_ref: str) -> WriteResult | None:
        held = self._read(customer_ref)
        mark = make_mark(key)
        found = held is not None and mark in _text(held)
        return WriteResult(_ref(customer_ref, mark), created=False) if found else None

    def add(self, outcome: SuggestionOutcome, key: str) -> WriteResult:
        """Where somebody else writes at the same moment, their line is read and kept."""
        mark = make_mark(key)
        for _ in range(ATTEMPTS):
            held = self._read(outcome.customer_ref)
            if held is None:
                raise NotFound("the shop has no such customer")
            text = _text(held)
            if mark in text:
                return WriteResult(_ref(outcome.customer_ref, mark), created=False)
            try:
                self._set(held, _shorten(f"{_line(outcome, mark)}\n{text}"), mark)
            except Conflict:
                continue
            return WriteResult(_ref(outcome.customer_ref, mark), created=True)
        raise Unavailable("others are writing to the customer all the time")

    def _read(self, customer_ref: str) -> Row | None:
        """The customer with the metafield; None for nobody."""
        if not is_id(customer_ref):
            return None
        asked = {"id": to_gid("Customer", customer_ref), "namespace": NAMESPACE, "key": KEY}
        row: Row | None = self.api.ask(READ_OUTCOMES, **asked)["told"]
        if row and to_ref(row) != customer_ref:
            raise VendorChanged("this is no answer to the question")
        return row

    def _set(self, customer: Row, text: str, mark: str) -> None:
        """Without a digest it is set only where there is none yet."""
        digest = (customer.get("metafield") or {}).get("compareDigest")
        place = {"ownerId": customer["id"], "namespace": NAMESPACE, "key": KEY, "type": TYPE}
        made = self.api.change(SET_METAFIELDS, metafields=[{**place, "value": text, "compareDigest": digest}])
        if not any(mark in str(one.get("value")) for one in made.get("metafields") or ()):
            raise OutcomeUnknown("the answer is to another write")


def _text(customer: Row) -> str:
    return str((customer.get("metafield") or {}).get("value") or "")


def _ref(customer_ref: str, mark: str) -> str:
    """A line has no id of its own."""
    return f"{customer_ref}#{mark}"


def _line(outcome: SuggestionOutcome, mark: str) -> str:
    told = " ".join((outcome.note or outcome.product_name).split())[:LONGEST_NOTE]
    return f"{outcome.at:%Y-%m-%d} · {told} · {mark}"


def _shorten(text: str) -> str:
    """Whole lines."""
    kept: list[str] = []
    size = 0
    for line in text.splitlines():
        size += len(line.encode()) + 1
        if size > MOST_BYTES:
            break
        kept.append(line)
    return "\n".join(kept)
