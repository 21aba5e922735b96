"""What an installation knows of its own fields, as far as anybody asks: Resources/metadata at the tag 10.0.0, and some
that an admin has made, whose names begin with c."""

from typing import Any

Def = dict[str, Any]


def _fields(kind: str, *names: str) -> dict[str, Def]:
    return {name: {"type": kind} for name in names}


def _custom(**kinds: str) -> dict[str, Def]:
    return {name: {"type": kind, "isCustom": True} for name, kind in kinds.items()}


STAMPS = {name: {"type": "datetime", "readOnly": True} for name in ("createdAt", "modifiedAt")}
PERSON = {
    name: {"type": kind, "isPersonalData": True}
    for name, kind in (("name", "personName"), ("emailAddress", "email"), ("phoneNumber", "phone"))
}
PROBABILITIES = {
    "Prospecting": 10,
    "Qualification": 20,
    "Proposal": 50,
    "Negotiation": 80,
    "Closed Won": 100,
    "Closed Lost": 0,
}
DOCUMENT = {
    **_fields("varchar", "name", "number"),
    **_fields("currency", "amount"),
    **_fields("bool", "isLocked"),
    **_fields("link", "account", "billingContact"),
    "itemList": {"type": "jsonArray"},
    **STAMPS,
}
SOLD = {"status": {"type": "enum", "options": ["Draft", "Ready", "Completed", "Canceled"]}}
QUOTED = {"status": {"type": "enum", "options": ["Draft", "Approved", "Rejected", "Canceled"]}}
FIELDS: dict[str, dict[str, Def]] = {
    "Contact": {
        **PERSON,
        **_fields("varchar", "firstName", "lastName", "addressCountry"),
        "salutationName": {"type": "enum", "options": ["", "Mr.", "Ms.", "Mrs.", "Dr."]},
        **_fields("bool", "doNotCall"),
        **_fields("link", "account"),
        **_custom(cLanguage="varchar", cShopNumber="varchar", cOffers="bool", cNote="varchar"),
        "cStore": {"type": "enum", "options": ["", "Porto", "Lisboa"], "isCustom": True},
        "cSegment": {"type": "varchar", "isCustom": True, "readOnly": True},
        **STAMPS,
    },
    "Account": {
        **_fields("varchar", "name", "billingAddressCountry"),
        **_fields("url", "website"),
        **_fields("enum", "industry"),
        **_custom(cEmployees="int", cRevenue="currency"),
        **STAMPS,
    },
    "Opportunity": {
        **_fields("varchar", "name"),
        **_fields("currency", "amount"),
        "stage": {"type": "enum", "options": [*PROBABILITIES], "probabilityMap": PROBABILITIES},
        **_fields("int", "probability"),
        **_fields("date", "closeDate"),
        **_fields("link", "contact"),
        **_custom(cSold="multiEnum"),
        **STAMPS,
    },
    "Case": {
        **_fields("varchar", "name"),
        **_fields("autoincrement", "number"),
        "status": {
            "type": "enum",
            "options": ["New", "Assigned", "Pending", "Closed", "Rejected", "Duplicate"],
            "notActualOptions": ["Closed", "Rejected", "Duplicate"],
        },
        "type": {"type": "enum", "options": ["", "Question", "Incident", "Problem"]},
        **_fields("link", "contact"),
        **STAMPS,
    },
    "Product": {
        **_fields("varchar", "name", "partNumber"),
        **_fields("text", "description"),
        **_fields("enum", "status", "type"),
        **_fields("link", "category"),
        **_fields("currency", "unitPrice", "listPrice"),
        **_fields("float", "quantity"),
        **_custom(cLine="varchar"),
        **STAMPS,
    },
    "Quote": {**DOCUMENT, **QUOTED},
    "SalesOrder": {**DOCUMENT, **SOLD, **_fields("date", "dateOrdered")},
    "Invoice": {**DOCUMENT, **SOLD, **_fields("date", "dateInvoiced")},
}
PACK = frozenset({"Product", "Quote", "SalesOrder", "Invoice"})
VERSIONED = frozenset({"Account", "Opportunity", "Case"})
"""Contacts are not among them."""
PARTS = {
    "currency": ("", "Currency"),
    "link": ("Id", "Name"),
    "email": ("", "Data", "IsOptedOut", "IsInvalid"),
    "phone": ("", "Data", "IsOptedOut", "IsInvalid", "Numeric"),
}
"""A field may be several attributes."""


def _attributes(fields: dict[str, Def]) -> tuple[str, ...]:
    return tuple(f"{name}{part}" for name, one in fields.items() for part in PARTS.get(one["type"], ("",)))


ENTITIES = {entity: _attributes(fields) for entity, fields in FIELDS.items()}


def describe(known: dict[str, dict[str, Def]], entities: set[str]) -> Def:
    """Of what the user may see at all (Tools/App/MetadataService)."""
    seen = {name: fields for name, fields in known.items() if name in entities}
    return {
        "entityDefs": {name: {"fields": fields} for name, fields in seen.items()},
        "scopes": {name: {"entity": True, "object": True} for name in seen},
    }
