"""Odoo's fields, as an admin maps them, and what may be written to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from crm_adapters.errors import Conflict, NotFound, ValidationFailed, VendorChanged
from crm_adapters.fieldmap import CUSTOM
from crm_adapters.locales import normalise_language
from crm_adapters.model import FieldInfo, FieldOption, Kind
from crm_adapters.sampling import add_samples
from crm_adapters.vendors.odoo.api import Api
from crm_adapters.vendors.odoo.records import PARTNER, PRODUCT, Fields, to_customer
from crm_adapters.vendors.odoo.sales import ORDER
from crm_adapters.vendors.odoo.search import PERSONS, Search

MODELS = {Kind.CUSTOMERS: PARTNER, Kind.PRODUCTS: PRODUCT, Kind.ORDERS: ORDER}
TYPES = {
    "char": "text", "text": "text", "html": "text", "integer": "number", "float": "number", "monetary": "number",
    "boolean": "boolean", "date": "datetime", "datetime": "datetime", "selection": "choice",
}  # fmt: skip
ATTRIBUTES = ["string", "type", "readonly", "selection", "store"]
HEAVY = frozenset({"binary", "html", "one2many", "many2many", "properties", "reference"})
"""Types of which no sample is taken."""
PERSONAL = frozenset(
    {
        "city", "comment", "company_name", "complete_name", "contact_address", "display_name", "email",
        "email_formatted", "email_normalized", "function", "mobile", "name", "phone", "phone_sanitized", "street",
        "street2", "vat", "website", "zip",
    }
)  # fmt: skip
KEYS = {
    PARTNER: {
        "email": "emails",
        "phone": "phones",
        "mobile": "phones",
        "commercial_partner_id": "company_ref",
    },
    PRODUCT: {"default_code": "sku", "display_name": "name", "lst_price": "prices", "qty_available": "stock"},
    ORDER: {"date_order": "placed_at", "state": "raw_status", "partner_id": "customer_ref", "name": "number"},
}
WRITABLE = ("name", "given_name", "family_name", "language", "country", "register", "offers_consent")
Described = Mapping[str, Any]


def describe(api: Api, kind: Kind, fields: Fields, *, sample: int) -> list[FieldInfo]:
    model = MODELS.get(kind)
    if model is None:
        return []
    found = _describe(api, model)
    own = {PARTNER: fields.customer, PRODUCT: fields.product}.get(model, {})
    mapped = KEYS[model] | {theirs: ours for ours, theirs in own.items()}
    infos = [_field(name, one, mapped.get(name, ""), model) for name, one in sorted(found.items())]
    if not sample:
        return infos
    names = [name for name, one in found.items() if one.get("store") and one["type"] not in HEAVY]
    rows = api.call(
        model, "search_read", domain=[PERSONS] if model == PARTNER else [], fields=names, limit=sample
    )
    return add_samples(
        infos, [{name: _sampled(found[name], row.get(name)) for name in names} for row in rows]
    )


def _describe(api: Api, model: str, names: list[str] | None = None) -> dict[str, Described]:
    asked: dict[str, Any] = {"allfields": names} if names else {}
    found = api.call(model, "fields_get", attributes=ATTRIBUTES, **asked)
    if not isinstance(found, dict):
        raise VendorChanged("the answer describes no fields")
    return found


def _field(name: str, found: Described, ours: str, model: str) -> FieldInfo:
    return FieldInfo(
        name=name,
        label=str(found.get("string") or name),
        type=TYPES.get(str(found["type"]), "other"),
        writable=model == PARTNER and not found.get("readonly") and _may_write(ours or CUSTOM, found),
        personal=name in PERSONAL,
        options=tuple(FieldOption(str(value), str(label)) for value, label in found.get("selection") or ()),
        mapped=ours,
    )


def _may_write(ours: str, found: Described) -> bool:
    return ours == "country" or ((ours in WRITABLE or ours.startswith(CUSTOM)) and found["type"] in TYPES)


def _sampled(found: Described, value: Any) -> Any:
    """False is how Odoo writes that there is nothing, but for what is true or false."""
    if isinstance(value, list):
        return str(value[1]) if len(value) == 2 else None
    return None if value is False and found["type"] != "boolean" else value


@dataclass(frozen=True, slots=True)
class Edits:
    """Changes of a partner. Odoo takes a value of the wrong type without a word and writes nothing instead, so that
    each is compared with the field's description before."""

    api: Api
    search: Search

    def update(self, ref: str, patch: Mapping[str, str], *, expected_version: str | None) -> None:
        """Odoo guards nothing: the version is compared just before."""
        values = self._values(patch)
        row = self.search.get(ref)
        if row is None:
            raise NotFound("Odoo has no such partner")
        current = to_customer(row, self.search.fields, country=None).version
        if expected_version not in {None, current}:
            raise Conflict("the partner was changed in between", existing=current)
        self.api.write(PARTNER, ref, values)

    def _values(self, patch: Mapping[str, str]) -> dict[str, Any]:
        fields = self.search.fields.customer
        named = sorted({fields[name] for name in patch if name in fields})
        found = _describe(self.api, PARTNER, named) if named else {}
        values: dict[str, Any] = {}
        refused: dict[str, str] = {}
        for name, value in patch.items():
            described = found.get(fields.get(name, ""))
            try:
                values[fields.get(name, "")] = self._value(name, value, described)
            except _RefusedError as refusal:
                refused[name] = str(refusal)
        if refused:
            raise ValidationFailed(f"cannot change {', '.join(sorted(refused))}", fields=refused)
        return values

    def _value(self, name: str, value: str, found: Described | None) -> Any:
        if found is None or found.get("readonly") or not _may_write(name, found):
            raise _RefusedError("cannot be changed")
        if not value.strip():
            return _nothing(name)
        if name == "country" and found["type"] == "many2one":
            return self._country(value)
        if name == "language":
            return _language(value, found)
        return _typed(value, found)

    def _country(self, code: str) -> int:
        """By code; a name would be taken, and the country lost."""
        rows = self.api.search("res.country", [["code", "=", code]], ["code"])
        if len(rows) != 1 or rows[0]["code"] != code:
            raise _RefusedError("two capital letters, as ES")
        return int(rows[0]["id"])


class _RefusedError(Exception):
    """Why a value is not written."""


def _nothing(name: str) -> bool:
    if name == "name":
        raise _RefusedError("must not be empty")
    return False


def _language(value: str, found: Described) -> str:
    for code, _ in found.get("selection") or ():
        if normalise_language(str(code)) == normalise_language(value):
            return str(code)
    raise _RefusedError("not one of the languages that are installed")


def _typed(value: str, found: Described) -> Any:
    match TYPES[found["type"]]:
        case "number":
            return _number(value, whole=found["type"] == "integer")
        case "boolean":
            if value.lower() not in {"true", "false"}:
                raise _RefusedError("true or false")
            return value.lower() == "true"
        case "choice":
            options = [str(code) for code, _ in found.get("selection") or ()]
            if value not in options:
                raise _RefusedError(f"one of: {', '.join(options)}")
        case "datetime":
            raise _RefusedError("cannot be changed")
    return value


def _number(value: str, *, whole: bool) -> int | float:
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise _RefusedError("a number") from None
    if not number.is_finite() or (whole and number != int(number)):
        raise _RefusedError("a whole number" if whole else "a number")
    return int(number) if whole else float(number)
