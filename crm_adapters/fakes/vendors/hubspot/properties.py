"""The properties of the objects, as far as anybody asks for them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Property:
    name: str
    type: str = "string"
    """`string`, `number`, `bool`, `datetime`, `enumeration` or `phone_number`."""
    unique: bool = False
    fixed: bool = False
    """HubSpot's own to write."""
    options: tuple[str, ...] = ()

    def describe(self) -> dict[str, Any]:
        """§2."""
        return {
            "name": self.name,
            "label": self.name.replace("_", " ").capitalize(),
            "type": self.type,
            "fieldType": "text",
            "options": [{"label": option.upper(), "value": option} for option in self.options],
            "hasUniqueValue": self.unique,
            "calculated": self.fixed,
            "modificationMetadata": {"readOnlyValue": self.fixed, "archivable": False},
        }


LANGUAGES = ("en", "es", "es-mx", "pt-br", "pt", "de", "da")
KEY = Property("sales_assist_key", unique=True)
STAMPS = (
    Property("hs_object_id", "number", fixed=True),
    Property("hs_createdate", "datetime", fixed=True),
    Property("hs_lastmodifieddate", "datetime", fixed=True),
)


def _all(*properties: Property) -> Mapping[str, Property]:
    return {one.name: one for one in (*properties, *STAMPS)}


PROPERTIES: Mapping[str, Mapping[str, Property]] = {
    "contacts": _all(
        Property("firstname"),
        Property("lastname"),
        Property("email", unique=True),
        Property("hs_additional_emails", fixed=True),
        Property("phone", "phone_number"),
        Property("mobilephone", "phone_number"),
        Property("hs_searchable_calculated_phone_number", "phone_number", fixed=True),
        Property("hs_searchable_calculated_mobile_number", "phone_number", fixed=True),
        Property("company"),
        Property("associatedcompanyid", "number"),
        Property("country"),
        Property("hs_language", "enumeration", options=LANGUAGES),
        Property("createdate", "datetime", fixed=True),
        Property("lastmodifieddate", "datetime", fixed=True),
        Property("hs_merged_object_ids", fixed=True),
        Property("shop_number"),
        Property("nearest_store"),
        Property("offers_ok", "bool"),
    ),
    "companies": _all(
        Property("name"),
        Property("domain"),
        Property("country"),
        Property("industry", "enumeration"),
        Property("numberofemployees", "number"),
        Property("annualrevenue", "number"),
    ),
    "deals": _all(
        Property("dealname"),
        Property("amount", "number"),
        Property("deal_currency_code", "enumeration"),
        Property("dealstage", "enumeration"),
        Property("pipeline", "enumeration"),
        Property("closedate", "datetime"),
        Property("createdate", "datetime", fixed=True),
        Property("hs_is_closed", "bool", fixed=True),
        Property("hs_is_closed_won", "bool", fixed=True),
    ),
    "line_items": _all(
        Property("name"),
        Property("hs_product_id", "number"),
        Property("hs_sku"),
        Property("quantity", "number"),
        Property("price", "number"),
        Property("hs_line_item_currency_code", "enumeration"),
        KEY,
    ),
    "products": _all(
        Property("name"),
        Property("hs_sku"),
        Property("price", "number"),
        Property("description"),
        Property("product_line"),
        Property("product_type"),
    ),
    "notes": _all(Property("hs_timestamp", "datetime"), Property("hs_note_body"), KEY),
}
