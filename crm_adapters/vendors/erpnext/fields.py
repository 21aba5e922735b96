"""ERPNext's fields, as an admin maps them, and what may be written to them.

Frappe takes fields that it does not know without a word and drops them, so that each is looked up before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from crm_adapters.errors import ValidationFailed, VendorChanged
from crm_adapters.fieldmap import CUSTOM
from crm_adapters.model import FieldInfo, FieldOption, Kind
from crm_adapters.sampling import add_samples
from crm_adapters.vendors.erpnext.api import Api, Row
from crm_adapters.vendors.erpnext.cases import ISSUE
from crm_adapters.vendors.erpnext.records import CUSTOMER, ITEM, Fields
from crm_adapters.vendors.erpnext.sales import ORDER
from crm_adapters.vendors.erpnext.writing import Writing

META_METHOD = "frappe.desk.form.load.getdoctype"
DOCTYPES = {Kind.CUSTOMERS: CUSTOMER, Kind.PRODUCTS: ITEM, Kind.ORDERS: ORDER, Kind.CASES: ISSUE}
TYPES = {
    **dict.fromkeys(
        (
            "Data", "Text", "Small Text", "Long Text", "Text Editor", "Link", "Dynamic Link", "Read Only", "Phone",
            "Autocomplete",
        ),
        "text",
    ),
    **dict.fromkeys(("Int", "Float", "Currency", "Percent", "Rating", "Duration"), "number"),
    **dict.fromkeys(("Date", "Datetime", "Time"), "datetime"),
    "Check": "boolean",
    "Select": "choice",
}  # fmt: skip
LAYOUT = frozenset(
    {"Section Break", "Column Break", "Tab Break", "HTML", "Button", "Fold", "Heading", "Image"}
)
PERSONAL = frozenset(
    {
        "name", "customer_name", "email_id", "mobile_no", "primary_address", "tax_id", "website", "customer_details",
        "customer_primary_contact", "customer_primary_address", "image", "gender", "raised_by", "contact",
        "contact_display", "contact_email", "contact_mobile", "contact_phone", "address_display", "subject",
        "description", "customer", "title",
    }
)  # fmt: skip
KEYS: Mapping[str, Mapping[str, str]] = {
    CUSTOMER: {"name": "ref", "customer_primary_contact": "emails", "territory": "country"},
    ITEM: {"name": "sku", "item_name": "name", "variant_of": "family"},
    ORDER: {
        "name": "number",
        "transaction_date": "placed_at",
        "status": "raw_status",
        "customer": "customer_ref",
    },
    ISSUE: {"subject": "subject", "status": "open", "issue_type": "complaint", "customer": "customer_ref"},
}
WRITABLE = ("name", "language", "given_name", "family_name", "register", "offers_consent")


def describe(api: Api, kind: Kind, fields: Fields, *, sample: int) -> list[FieldInfo]:
    doctype = DOCTYPES[kind]
    own = {CUSTOMER: fields.customer, ITEM: fields.product}.get(doctype, {})
    mapped = {**KEYS[doctype], **{theirs: ours for ours, theirs in own.items()}}
    found = read_meta(api, doctype)
    infos = [_field(one, mapped.get(name, ""), doctype) for name, one in sorted(found.items())]
    if not sample:
        return infos
    names = [info.name for info in infos if info.type != "other"]
    return add_samples(infos, api.find(doctype, [], ["name"], may_lack=names, limit=sample))


def read_meta(api: Api, doctype: str) -> dict[str, Row]:
    """All of a doctype's own fields that hold something, those that were added on the site too."""
    docs = api.load(META_METHOD, doctype=doctype).get("docs")
    fields = next((doc.get("fields") for doc in docs or () if doc.get("name") == doctype), None)
    if not isinstance(fields, list):
        raise VendorChanged("the answer describes no fields")
    name = {"fieldname": "name", "label": "ID", "fieldtype": "Data", "read_only": 1}
    return {one["fieldname"]: one for one in (name, *fields) if one["fieldtype"] not in LAYOUT}


def _field(found: Row, ours: str, doctype: str) -> FieldInfo:
    return FieldInfo(
        name=found["fieldname"],
        label=str(found.get("label") or found["fieldname"]),
        type=TYPES.get(found["fieldtype"], "other"),
        writable=doctype == CUSTOMER and _may_write(ours or CUSTOM, found),
        personal=doctype in {CUSTOMER, ISSUE, ORDER} and found["fieldname"] in PERSONAL,
        options=tuple(FieldOption(one, one) for one in _options(found)),
        mapped=ours,
    )


def _may_write(ours: str, found: Row) -> bool:
    """A higher level of permission is for few."""
    plain = found["fieldtype"] in TYPES and not found.get("read_only") and not found.get("permlevel")
    return plain and (ours in WRITABLE or ours.startswith(CUSTOM))


def _options(found: Row) -> list[str]:
    given = str(found.get("options") or "") if found["fieldtype"] == "Select" else ""
    return [one for one in given.split("\n") if one]


@dataclass(frozen=True, slots=True)
class Edits:
    writing: Writing

    def update(self, ref: str, patch: Mapping[str, str], *, expected_version: str | None) -> None:
        """What the version is compared with is Frappe's own guard."""
        values, links = self._values(patch)
        name = self.writing.require(ref)["name"]
        guard = {"modified": expected_version} if expected_version else {}
        try:
            self.writing.api.change(CUSTOMER, name, {**values, **guard})
        except ValidationFailed as error:
            told = str(error)
        else:
            return
        raise ValidationFailed(told, fields=dict.fromkeys(links, "ERPNext knows no such value"))

    def _values(self, patch: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
        """And which of our names lead to other documents: of those only ERPNext knows whether they exist."""
        names = self.writing.people.fields.customer
        meta = read_meta(self.writing.api, CUSTOMER)
        values: dict[str, Any] = {}
        refused: dict[str, str] = {}
        for ours, value in patch.items():
            found = meta.get(names.get(ours, ""))
            try:
                values[names.get(ours, "")] = _value(ours, value, found)
            except _RefusedError as refusal:
                refused[ours] = str(refusal)
        if refused:
            raise ValidationFailed(f"cannot change {', '.join(sorted(refused))}", fields=refused)
        return values, [ours for ours in patch if meta[names[ours]]["fieldtype"] == "Link"]


class _RefusedError(Exception):
    """Why a value is not written."""


def _value(ours: str, value: str, found: Row | None) -> Any:
    if found is None or not _may_write(ours, found):
        raise _RefusedError("cannot be changed")
    if not value.strip():
        return _nothing(ours, found)
    match TYPES[found["fieldtype"]]:
        case "number":
            return _number(value, whole=found["fieldtype"] == "Int")
        case "boolean":
            return _boolean(value)
        case "choice" if value not in _options(found):
            raise _RefusedError(f"one of: {', '.join(_options(found))}")
        case "datetime":
            raise _RefusedError("cannot be changed")
    return value


def _nothing(ours: str, found: Row) -> int | str:
    if ours == "name" or found.get("reqd"):
        raise _RefusedError("must not be empty")
    return 0 if found["fieldtype"] == "Check" else ""


def _boolean(value: str) -> int:
    if value.lower() not in {"0", "1", "true", "false"}:
        raise _RefusedError("true or false")
    return int(value.lower() in {"1", "true"})


def _number(value: str, *, whole: bool) -> int | float:
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise _RefusedError("a number") from None
    if not number.is_finite() or (whole and number != int(number)):
        raise _RefusedError("a whole number" if whole else "a number")
    return int(number) if whole else float(number)
