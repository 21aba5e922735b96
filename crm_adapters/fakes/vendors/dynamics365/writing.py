"""What an environment takes and refuses to take. §6, §7."""

import re
from collections.abc import Mapping
from typing import Any

from crm_adapters.fakes.store import Row
from crm_adapters.fakes.vendors.dynamics365.answers import fault, invalid, missing
from crm_adapters.fakes.vendors.dynamics365.environment import COLUMNS, CURRENCY, Environment
from crm_adapters.fakes.wire import Refused

BINDS = {
    "objectid_contact": ("_objectid_value", "contacts"),
    "opportunityid": ("_opportunityid_value", "opportunities"),
    "productid": ("_productid_value", "products"),
    "uomid": ("_uomid_value", ""),
}
"""Names by which a record is bound to another, capitals and all."""
FIXED = frozenset({"createdon", "modifiedon", "fullname", "merged"})


def upsert(
    env: Environment, name: str, ref: str, values: Mapping[str, Any], headers: Mapping[str, str]
) -> Row:
    row = env.table(name).get(ref)
    if headers.get("If-None-Match") == "*" and row:
        told = "A record with matching key values already exists."
        raise Refused(fault(412, "0x80040237", told))
    wanted = headers.get("If-Match")
    if wanted and row is None:
        raise missing(name)
    if row and wanted not in {None, "*", f'W/"{row.values["version"]}"'}:
        told = "The version of the existing record doesn't match the RowVersion property provided."
        raise Refused(fault(412, "0x80060882", told))
    held = _read(env, name, values)
    if name == "opportunityproducts" and row is None:
        held |= _priced(env, held)
    return env.change(name, row, held) if row else env.add(name, held, ref=ref)


def _read(env: Environment, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Unknown names are refused; whatever a record is bound to must be there."""
    held: dict[str, Any] = {}
    for given, value in values.items():
        bound, bind, _ = given.partition("@odata.bind")
        if bind:
            column, ref = _bind(env, bound, str(value))
            held[column] = ref
        elif given not in COLUMNS[name] or given in FIXED or given.startswith("_"):
            raise invalid(f"Invalid property '{given}' was found in entity", "0x80048d19")
        else:
            held[given] = value
    return held


def _bind(env: Environment, bound: str, value: str) -> tuple[str, str]:
    match = re.fullmatch(r"/(\w+)\(([0-9a-f-]{36})\)", value)
    if bound not in BINDS or match is None:
        raise invalid(f"An undeclared property '{bound}' was found in the payload", "0x80048d19")
    column, table = BINDS[bound]
    if table:
        env.row(table, match[2])
    return column, match[2]


def _priced(env: Environment, held: Mapping[str, Any]) -> dict[str, Any]:
    """§6: by the opportunity's price list, unless a price of its own is stated. One that is not there is taken all
    the same, and flagged."""
    deal = env.row("opportunities", held["_opportunityid_value"])
    if deal.values["statecode"] != 0:
        raise invalid("The opportunity has already been closed.", "0x80048408")
    price_list = deal.values["_pricelevelid_value"]
    listed = [
        row.values["amount"]
        for row in env.table("productpricelevels").live()
        if row.values["_productid_value"] == held["_productid_value"]
        and row.values["_pricelevelid_value"] == price_list
    ]
    price = held.get("priceperunit") if held.get("ispriceoverridden") else next(iter(listed), None)
    return {"priceperunit": price, "isproductoverridden": False, CURRENCY: deal.values[CURRENCY]}
