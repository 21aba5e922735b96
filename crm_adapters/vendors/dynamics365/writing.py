"""What we write to Dynamics 365: notes on contacts, lines of opportunities, and columns of a contact.

Records are made under ids worked out from our keys: the environment itself refuses the second.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm_adapters.errors import Conflict, NotFound, ValidationFailed
from crm_adapters.fieldmap import CUSTOM
from crm_adapters.locales import name_country
from crm_adapters.marks import make_guid
from crm_adapters.model import NewLine, SuggestionOutcome, WriteResult
from crm_adapters.vendors.dynamics365.api import Api, Row
from crm_adapters.vendors.dynamics365.catalogue import Catalogue
from crm_adapters.vendors.dynamics365.contacts import Contacts
from crm_adapters.vendors.dynamics365.odata import read_guid
from crm_adapters.vendors.dynamics365.records import CURRENCY, currency_of, text

LONGEST_SUBJECT = 500
LONGEST_TEXT = 100_000
WRITABLE = ("given_name", "family_name", "language", "country", "register")
DEAL = ("opportunityid", "statecode", "_pricelevelid_value", CURRENCY)


@dataclass(frozen=True, slots=True)
class Writing:
    api: Api
    contacts: Contacts
    catalogue: Catalogue

    def find_note(self, key: str) -> WriteResult | None:
        return self._find("annotations", "annotationid", key)

    def _find(self, table: str, column: str, key: str) -> WriteResult | None:
        guid = make_guid(key)
        return WriteResult(guid, created=False) if self.api.get(table, guid, (column,)) else None

    def add_note(self, outcome: SuggestionOutcome, key: str) -> WriteResult:
        self.contacts.get(outcome.customer_ref)
        found = self.find_note(key)
        if found:
            return found
        first = (outcome.note.splitlines() or [""])[0] or outcome.product_name
        values = {
            "subject": first[:LONGEST_SUBJECT],
            "notetext": outcome.note[:LONGEST_TEXT],
            "objectid_contact@odata.bind": f"/contacts({outcome.customer_ref})",
        }
        return self._create("annotations", "annotationid", key, values)

    def _create(self, table: str, column: str, key: str, values: Mapping[str, Any]) -> WriteResult:
        try:
            return self.api.create(table, make_guid(key), values)
        except Conflict:
            # Somebody else has written it meanwhile; a rule against duplicates would say the same.
            found = self._find(table, column, key)
            if found is None:
                raise
            return found

    def add_line(self, deal_ref: str, line: NewLine, key: str) -> WriteResult:
        guid = read_guid(deal_ref)
        if guid is None:
            raise NotFound("Dynamics 365 has no such opportunity")
        table, column = "opportunityproducts", "opportunityproductid"
        found = self._find(table, column, key)
        return found or self._create(table, column, key, self._line(guid, line))

    def _line(self, guid: str, line: NewLine) -> dict[str, Any]:
        deal = self._deal(guid)
        product = self._product(line.product_ref, text(deal, "_pricelevelid_value"))
        values = {
            "opportunityid@odata.bind": f"/opportunities({guid})",
            "productid@odata.bind": f"/products({product['productid']})",
            "uomid@odata.bind": f"/uoms({product['_defaultuomid_value']})",
            "quantity": float(line.quantity),
        }
        price = line.unit_price
        currency = currency_of(deal, self.catalogue.currencies) if price else ""
        if price and price.currency != currency:
            told = "the price is not in the opportunity's currency"
            raise ValidationFailed(told, fields={"unit_price": currency})
        return values | ({"ispriceoverridden": True, "priceperunit": float(price.amount)} if price else {})

    def _deal(self, guid: str) -> Row:
        deal = self.api.get("opportunities", guid, DEAL)
        if deal is None:
            raise NotFound("Dynamics 365 has no such opportunity")
        if deal.get("statecode") != 0:
            raise Conflict("the opportunity was closed")
        return deal

    def _product(self, ref: str, price_list: str) -> Row:
        """Of the opportunity's price list: elsewhere Dynamics 365 takes the line, and flags it as not priced."""
        guid = read_guid(ref)
        columns = ("productid", "_defaultuomid_value")
        product = self.api.get("products", guid, columns) if guid else None
        where = f"_productid_value eq {guid} and _pricelevelid_value eq {price_list}"
        listed = (
            product and price_list and self.api.find("productpricelevels", ("productpricelevelid",), where)
        )
        if product is None or not listed:
            told = "the product is not in the opportunity's price list"
            raise ValidationFailed(told, fields={"product_ref": "unknown"})
        return product

    def update(self, ref: str, patch: Mapping[str, str], *, expected_version: str | None) -> None:
        """Dynamics 365 itself compares the version."""
        values = self._values(patch)
        row = self.contacts.get(ref)
        self.api.change("contacts", row["contactid"], values, version=expected_version or "*")

    def _values(self, patch: Mapping[str, str]) -> dict[str, str | None]:
        fields = self.contacts.fields.contact
        refused = {name: reason for name, value in patch.items() if (reason := _refusal(name, value, fields))}
        if refused:
            raise ValidationFailed(f"cannot change {', '.join(sorted(refused))}", fields=refused)
        return {fields[name]: _written(name, value) for name, value in patch.items()}


def is_writable(name: str) -> bool:
    return name in WRITABLE or name.startswith(CUSTOM)


def _refusal(name: str, value: str, fields: Mapping[str, str]) -> str | None:
    if name not in fields or not is_writable(name):
        return "cannot be changed"
    return "two capital letters, as ES" if name == "country" and value and not name_country(value) else None


def _written(name: str, value: str) -> str | None:
    return name_country(value) if name == "country" else value or None
