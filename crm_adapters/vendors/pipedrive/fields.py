"""The account's fields: what an admin mapped, what the numbers of its choices mean, and how they are described."""

from collections.abc import Mapping
from typing import Any

from crm_adapters.fieldmap import CUSTOM, FieldMap
from crm_adapters.lazy import lazy
from crm_adapters.model import FieldInfo, FieldOption, Kind
from crm_adapters.sampling import add_samples
from crm_adapters.vendors.pipedrive.api import V1, Api, Row

LISTS = {Kind.CUSTOMERS: "personFields", Kind.PRODUCTS: "productFields", Kind.ORDERS: "dealFields"}
OBJECTS = {Kind.CUSTOMERS: "persons", Kind.PRODUCTS: "products", Kind.ORDERS: "deals"}
TYPES = {
    "varchar": "text", "text": "text", "varchar_auto": "text", "phone": "text", "address": "text",
    "double": "number", "int": "number", "monetary": "number", "boolean": "boolean", "date": "datetime",
    "time": "datetime", "enum": "choice", "set": "choice", "status": "choice",
}  # fmt: skip
PERSONAL = frozenset(
    {"name", "first_name", "last_name", "emails", "phones", "im", "postal_address", "birthday", "job_title"}
)
OWN: Mapping[Kind, Mapping[str, str]] = {
    Kind.CUSTOMERS: {
        "name": "name", "first_name": "given_name", "last_name": "family_name", "emails": "emails",
        "phones": "phones", "org_id": "company_ref",
    },
    Kind.PRODUCTS: {"code": "sku", "name": "name", "category": "category", "prices": "prices"},
    Kind.ORDERS: {"status": "raw_status", "person_id": "customer_ref", "won_time": "placed_at"},
}  # fmt: skip
WRITABLE = ("name", "language", "country", "register", "offers_consent")
"""Pipedrive splits a name by itself. Arrays of addresses and telephones are left to its people."""


class Fields:
    """Asked for once, when a number of a choice is first seen."""

    def __init__(self, api: Api, mapping: FieldMap) -> None:
        self._api = api
        self.customer = mapping.of("customer", {})
        self.company = mapping.of("company", {})
        self.product = mapping.of("product", {})

    @lazy
    def person_choices(self) -> dict[str, dict[str, str]]:
        return _choices(self.list_fields("personFields"))

    @lazy
    def organization_choices(self) -> dict[str, dict[str, str]]:
        return _choices(self.list_fields("organizationFields"))

    @lazy
    def product_choices(self) -> dict[str, dict[str, str]]:
        return _choices(self.list_fields("productFields"))

    def list_fields(self, name: str) -> list[Row]:
        found, _ = self._api.ask(f"{V1}/{name}", {"limit": "500"})
        return [one for one in found or () if isinstance(one, dict)]

    def describe(self, kind: Kind, *, sample: int) -> list[FieldInfo]:
        if kind not in LISTS:
            return []
        own = {Kind.CUSTOMERS: self.customer, Kind.PRODUCTS: self.product}.get(kind, {})
        mapped = {**OWN[kind], **{theirs: ours for ours, theirs in own.items()}}
        described = [_describe(one, mapped, kind) for one in self.list_fields(LISTS[kind])]
        if not sample:
            return described
        rows = self._api.page(OBJECTS[kind], {"limit": str(min(sample, 500))}, None).rows
        return add_samples(described, [{**row, **(row.get("custom_fields") or {})} for row in rows])


def is_writable(name: str) -> bool:
    return name in WRITABLE or name.startswith(CUSTOM)


def _choices(found: list[Row]) -> dict[str, dict[str, str]]:
    return {
        str(one.get("field_code")): {str(option["id"]): str(option["label"]) for option in one["options"]}
        for one in found
        if one.get("options")
    }


def _describe(found: Mapping[str, Any], mapped: Mapping[str, str], kind: Kind) -> FieldInfo:
    name = str(found["field_code"])
    ours = mapped.get(name, "")
    options = [FieldOption(str(one["id"]), str(one["label"])) for one in found.get("options") or ()]
    own = len(name) == 40  # Pipedrive's name of a field that the account made
    return FieldInfo(
        name=name,
        label=str(found.get("field_name") or name),
        type=TYPES.get(str(found.get("field_type")), "other"),
        writable=kind is Kind.CUSTOMERS and is_writable(ours or (CUSTOM if own else "")),
        personal=name in PERSONAL,
        options=tuple(options),
        mapped=ours,
    )
