"""What else we write to a shop: lines of draft orders, and fields of a customer. Neither is guarded by Shopify."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from crm_adapters.errors import Conflict, NotFound, OutcomeUnknown, ValidationFailed
from crm_adapters.fieldmap import CUSTOM
from crm_adapters.marks import make_mark
from crm_adapters.model import NewLine, WriteResult
from crm_adapters.vendors.shopify.api import Api, Row, is_id, to_gid, to_nodes
from crm_adapters.vendors.shopify.people import People
from crm_adapters.vendors.shopify.purchases import Draft, Purchases, is_open
from crm_adapters.vendors.shopify.queries import CHANGE_CUSTOMER, DELETE_METAFIELDS, PUT_LINES, READ_VARIANT
from crm_adapters.vendors.shopify.records import METAFIELDS, find_metafield

MARK = "_sales_assist"
"""An attribute of the line; the underscore keeps it from the customer's eyes."""
MOST_LINES = 250
"""That we put back; a draft may have 499."""
PLAIN = frozenset({"firstName", "lastName", "locale"})
WRITABLE = ("given_name", "family_name", "language", "register", "offers_consent")
TEXT = "single_line_text_field"
BY_HAND = ("title", "sku", "taxable", "requiresShipping", "weight", "originalUnitPriceWithCurrency")
"""What a line without a variant is made of."""
ANY_LINE = ("uuid", "quantity", "customAttributes", "appliedDiscount", "priceOverride")


@dataclass(frozen=True, slots=True)
class Writing:
    api: Api
    people: People
    purchases: Purchases

    def add_line(self, deal_ref: str, line: NewLine, key: str) -> WriteResult:
        """Shopify takes all lines of a draft or none. What somebody changes between our reading and our writing is
        lost, so that nothing else is asked in between."""
        known, mark = self._is_variant(line.product_ref), make_mark(key)
        draft = self.purchases.get_draft(deal_ref)
        if draft is None:
            raise NotFound("the shop has no such draft order")
        found = _find_line(draft.lines, mark)
        if found:
            return WriteResult(found, created=False)
        if not is_open(draft):
            raise Conflict("the draft order was completed")
        refused = _refuse_line(draft, line, known=known)
        if refused:
            raise ValidationFailed("the line cannot be put on the draft order", fields=refused)
        try:
            return WriteResult(self._put(draft, _new_line(line, mark), mark), created=True)
        except NotFound:
            raise Conflict("the draft order was completed or deleted in between") from None

    def _put(self, draft: Draft, line: Mapping[str, Any], mark: str) -> str:
        lines = [*map(_put_back, draft.lines), line]
        made = self.api.change(PUT_LINES, id=draft.row["id"], lines=lines, count=len(lines))
        changed = made.get("draftOrder")
        found = _find_line(to_nodes(changed["lineItems"]), mark) if changed else None
        if not found:
            raise OutcomeUnknown("the answer is to another write")
        return found

    def _is_variant(self, ref: str) -> bool:
        return is_id(ref) and bool(self.api.ask(READ_VARIANT, id=to_gid("ProductVariant", ref))["variant"])

    def update(self, ref: str, patch: Mapping[str, str], *, expected_version: str | None) -> None:
        """The version, which tells seconds, is compared just before."""
        fields = self.people.fields.customer
        refused = {name: "cannot be changed" for name in patch if not is_writable(name, fields.get(name, ""))}
        if refused:
            raise ValidationFailed(f"cannot change {', '.join(sorted(refused))}", fields=refused)
        row = self.people.get_row(ref)
        if row is None:
            raise NotFound("the shop has no such customer")
        if expected_version not in {None, row["updatedAt"]}:
            raise Conflict("the customer was changed in between", existing=row["updatedAt"])
        values = {fields[name]: value for name, value in patch.items()}
        self.api.change(CHANGE_CUSTOMER, input=_input(row, values))
        gone = [_place(row, path) for path, value in values.items() if _is_metafield(path) and not value]
        if gone:
            self.api.change(DELETE_METAFIELDS, metafields=gone)


def is_writable(name: str, theirs: str) -> bool:
    """Addresses are records of their own, and not ours to choose among."""
    return (name in WRITABLE or name.startswith(CUSTOM)) and (theirs in PLAIN or _is_metafield(theirs))


def _is_metafield(theirs: str) -> bool:
    return theirs.startswith(METAFIELDS) and theirs.count(".") >= 2


def _find_line(lines: Sequence[Row], mark: str) -> str | None:
    held = {"key": MARK, "value": mark}
    return next((str(line["uuid"]) for line in lines if held in (line.get("customAttributes") or ())), None)


def _refuse_line(draft: Draft, line: NewLine, *, known: bool) -> dict[str, str]:
    if not known:
        return {"product_ref": "unknown"}
    if line.quantity != int(line.quantity) or line.quantity < 1:
        return {"quantity": "whole pieces only"}
    currency = draft.row["presentmentCurrencyCode"]
    if line.unit_price and line.unit_price.currency != currency:
        return {"unit_price": f"the draft order is in {currency}"}
    if len(draft.lines) >= MOST_LINES:
        return {"deal_ref": "has too many lines to be written again"}
    bundled = any(one.get("components") for one in draft.lines)
    return {"deal_ref": "holds bundles, which would not survive"} if bundled else {}


def _new_line(line: NewLine, mark: str) -> dict[str, Any]:
    price = line.unit_price
    own = {"amount": f"{price.amount:f}", "currencyCode": price.currency} if price else None
    return {
        "variantId": to_gid("ProductVariant", line.product_ref),
        "quantity": int(line.quantity),
        "customAttributes": [{"key": MARK, "value": mark}],
        **({"priceOverride": own} if own else {}),
    }


def _put_back(line: Row) -> dict[str, Any]:
    """As it was read."""
    variant = line.get("variant")
    names = ANY_LINE if variant else (*ANY_LINE, *BY_HAND)
    kept = {name: line[name] for name in names if line.get(name) is not None}
    return kept | ({"variantId": variant["id"]} if variant else {})


def _input(row: Row, values: Mapping[str, str]) -> dict[str, Any]:
    plain = {path: value for path, value in values.items() if path in PLAIN}
    held = [_metafield(row, path, value) for path, value in values.items() if _is_metafield(path) and value]
    return {"id": row["id"], **plain, **({"metafields": held} if held else {})}


def _metafield(row: Row, path: str, value: str) -> dict[str, str]:
    """Of the type that it has; Shopify refuses another than its definition's."""
    found = find_metafield(row, path)
    place = {name: text for name, text in _place(row, path).items() if name != "ownerId"}
    return {**place, "value": value, "type": str(found["type"]) if found else TEXT}


def _place(row: Row, path: str) -> dict[str, str]:
    namespace, _, key = path.removeprefix(METAFIELDS).rpartition(".")
    return {"ownerId": row["id"], "namespace": namespace, "key": key}
