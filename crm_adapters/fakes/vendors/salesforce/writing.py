"""What an org takes and refuses to take. §6, §7."""

from collections.abc import Mapping
from typing import Any

from crm_adapters.fakes.store import Row
from crm_adapters.fakes.vendors.salesforce.answers import fault, invalid
from crm_adapters.fakes.vendors.salesforce.org import FIXED, KEY, Org
from crm_adapters.fakes.wire import Refused

NEEDED = {
    "Task": ("Subject", "Status"),
    "OpportunityLineItem": ("OpportunityId", "PricebookEntryId", "Quantity"),
    "Contact": ("LastName",),
}


def create(org: Org, name: str, values: Mapping[str, Any]) -> Row:
    lacking = [one for one in NEEDED[name] if values.get(one) in {None, ""}]
    if lacking:
        told = f"Required fields are missing: {lacking}"
        raise invalid("REQUIRED_FIELD_MISSING", told, *lacking)
    _check(org, name, values, "createable")
    if name == "OpportunityLineItem":
        return org.tables[name].add(dict(values) | _priced(org, values))
    if values.get("WhoId") and org.tables["Contact"].get(values["WhoId"]) is None:
        raise invalid("ENTITY_IS_DELETED", "entity is deleted", "WhoId")
    return org.tables[name].add(values)


def change(org: Org, name: str, row: Row, values: Mapping[str, Any]) -> None:
    _check(org, name, values, "updateable")
    if any(values.get(one, "kept") in {None, ""} for one in NEEDED.get(name, ())):
        raise invalid("REQUIRED_FIELD_MISSING", "Required fields are missing", *NEEDED[name])
    org.tables[name].change(row, values)


def upsert(org: Org, name: str, key: str, value: str, values: Mapping[str, Any]) -> tuple[Row, bool]:
    """The field must be an external id, and is not to be in the body."""
    if key != KEY or key not in org.names(name):
        raise invalid("INVALID_FIELD", f"Field name provided, {key} is not an External ID or indexed field")
    if key in values:
        raise invalid("INVALID_FIELD", f"The {key} field should not be specified in the sobject data.")
    found = [row for row in org.tables[name].live() if str(row.values.get(key)).lower() == value.lower()]
    if found:
        change(org, name, found[0], values)
        return found[0], False
    row = create(org, name, values)
    row.values[key] = value
    return row, True


def _check(org: Org, name: str, values: Mapping[str, Any], right: str) -> None:
    if right not in org.rights.get(name, set()):
        told = "insufficient access rights on object id"
        raise Refused(fault(403, "INSUFFICIENT_ACCESS_OR_READONLY", told))
    unknown = [one for one in values if one not in org.names(name)]
    if unknown:
        raise invalid("INVALID_FIELD", f"No such column '{unknown[0]}' on sobject of type {name}")
    fixed = [one for one in values if one in FIXED]
    if fixed:
        told = "Unable to create/update fields. Please check the security settings"
        raise invalid("INVALID_FIELD_FOR_INSERT_UPDATE", told, *fixed)


def _priced(org: Org, values: Mapping[str, Any]) -> dict[str, Any]:
    """The entry must be active, of the opportunity's price book and currency; a price or a total, not both. The
    first line sets the price book."""
    entry = org.tables["PricebookEntry"].get(values["PricebookEntryId"])
    deal = org.row("Opportunity", values["OpportunityId"])
    fits = entry and entry.values["IsActive"] and _same(org, entry, deal)
    if entry is None or not fits or "UnitPrice" not in values or "TotalPrice" in values:
        raise invalid("FIELD_INTEGRITY_EXCEPTION", "field integrity exception", "PricebookEntryId")
    org.tables["Opportunity"].change(deal, {"Pricebook2Id": entry.values["Pricebook2Id"]})
    return {name: value for name, value in entry.values.items() if name in {"Product2Id", "CurrencyIsoCode"}}


def _same(org: Org, entry: Row, deal: Row) -> bool:
    book = deal.values.get("Pricebook2Id")
    currency = org.currency or deal.values.get("CurrencyIsoCode")
    return book in {None, entry.values["Pricebook2Id"]} and entry.values["CurrencyIsoCode"] == currency
