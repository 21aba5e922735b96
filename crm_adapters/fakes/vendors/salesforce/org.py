"""What an org keeps: objects with fields, some of them worked out from others, and who may see them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from crm_adapters.fakes.store import NO_LAG, Row, Table
from crm_adapters.fakes.vendors.salesforce.answers import invalid, missing

Values = dict[str, Any]
KEY = "SA_Key__c"
SYSTEM = ("Id", "CreatedDate", "SystemModstamp", "LastModifiedDate", "IsDeleted")
FIELDS: Mapping[str, tuple[str, ...]] = {
    "Contact": (
        "FirstName", "LastName", "Name", "Email", "Phone", "MobilePhone", "HomePhone", "OtherPhone", "AccountId",
        "MailingCountry", "HasOptedOutOfEmail", "MasterRecordId", "Language__c", "Shop__c", "Store__c", "Offers__c",
    ),
    "Account": ("Name", "Website", "Industry", "BillingCountry", "NumberOfEmployees", "AnnualRevenue"),
    "Product2": ("Name", "ProductCode", "Family", "IsActive", "Description", "Line__c"),
    "Pricebook2": ("Name", "IsStandard"),
    "PricebookEntry": ("Product2Id", "Pricebook2Id", "UnitPrice", "IsActive"),
    "Opportunity": (
        "Name", "Amount", "StageName", "IsWon", "IsClosed", "CloseDate", "AccountId", "Pricebook2Id",
    ),
    "OpportunityLineItem": (
        "OpportunityId", "PricebookEntryId", "Product2Id", "Quantity", "UnitPrice", "Description", KEY,
    ),
    "OpportunityContactRole": ("OpportunityId", "ContactId", "IsPrimary"),
    "Order": ("OrderNumber", "Status", "StatusCode", "EffectiveDate", "BillToContactId", "AccountId"),
    "OrderItem": ("OrderId", "Product2Id", "Quantity", "UnitPrice", "Description"),
    "Case": ("CaseNumber", "Subject", "Type", "IsClosed", "ContactId"),
    "Task": ("WhoId", "WhatId", "Subject", "Description", "Status", "ActivityDate", "IsClosed", KEY),
}  # fmt: skip
PREFIXES = {
    "Contact": "003", "Account": "001", "Product2": "01t", "Pricebook2": "01s", "PricebookEntry": "01u",
    "Opportunity": "006", "OpportunityLineItem": "00k", "OpportunityContactRole": "00K", "Order": "801",
    "OrderItem": "802", "Case": "500", "Task": "00T",
}  # fmt: skip
MONEY = frozenset({"PricebookEntry", "Opportunity", "OpportunityLineItem", "Order", "OrderItem", "Account"})
RELATIONS = {"Account": "AccountId", "Product2": "Product2Id", "Pricebook2": "Pricebook2Id"}
TYPES = {
    "Email": "email", "Description": "textarea", "Amount": "currency", "UnitPrice": "currency",
    "AnnualRevenue": "currency", "Quantity": "double", "NumberOfEmployees": "int", "CloseDate": "date",
    "EffectiveDate": "date", "ActivityDate": "date", "Id": "id", "StageName": "picklist", "Type": "picklist",
} | dict.fromkeys(("CreatedDate", "SystemModstamp", "LastModifiedDate"), "datetime")  # fmt: skip
FIXED = frozenset({*SYSTEM, "Name", "MasterRecordId", "IsWon", "IsClosed"})
"""In a contact; nobody writes them."""
WON, LOST, OPEN = "Closed Won", "Closed Lost", "Negotiation/Review"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def widen(short: str) -> str:
    """§1: fifteen signs, where case counts, and three that say which of them are capitals."""
    parts = (short[0:5], short[5:10], short[10:15])
    return short + "".join(
        ALPHABET[sum(1 << place for place, sign in enumerate(part) if "A" <= sign <= "Z")] for part in parts
    )


def _ids(prefix: str) -> Iterator[str]:
    return (widen(f"{prefix}Qz{number:010d}") for number in count(1))


@dataclass(slots=True)
class Org:
    now: Callable[[], datetime]
    lag: timedelta = NO_LAG
    currency: str = ""
    """Of an org with one; empty where records name theirs."""
    hidden: set[tuple[str, str]] = field(default_factory=set)
    """Fields that we may not see."""
    unseen: set[str] = field(default_factory=set)
    """Objects that we may not see."""
    rights: dict[str, set[str]] = field(default_factory=dict)
    """What may be done, beside reading, to which object."""
    tables: dict[str, Table] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tables = {name: Table(self.now, self.lag, _ids(prefix)) for name, prefix in PREFIXES.items()}
        edits = {"createable", "updateable"}
        self.rights = {"Contact": {"updateable"}, "Task": set(edits), "OpportunityLineItem": set(edits)}

    def names(self, name: str) -> list[str]:
        """Of the fields we may see. §8: an object that is hidden is said not to be there."""
        if name not in self.tables or name in self.unseen:
            raise invalid("INVALID_TYPE", f"sObject type '{name}' is not supported.")
        money = () if self.currency or name not in MONEY else ("CurrencyIsoCode",)
        return [one for one in (*SYSTEM, *FIELDS[name], *money) if (name, one) not in self.hidden]

    def row(self, name: str, ref: str) -> Row:
        """By both forms of an id."""
        row = self.tables[name].get(ref if len(ref) == 18 else widen(ref)) if ref else None
        if row is None:
            raise missing()
        return row

    def read(self, name: str, row: Row, path: str) -> Any:
        """A field, or one of a related record. §2, §8: hidden and unknown fields are refused alike."""
        relation, dot, rest = path.partition(".")
        if dot and RELATIONS.get(relation) in self.names(name):
            other = self.tables[relation].rows.get(self.values(name, row).get(RELATIONS[relation]) or "")
            return self.read(relation, other, rest) if other else None
        if dot or path not in self.names(name):
            told = f"No such column '{path}' on entity '{name}'."
            raise invalid("INVALID_FIELD", told)
        return self.values(name, row).get(path)

    def values(self, name: str, row: Row) -> Values:
        """With what Salesforce works out."""
        found = row.values | {
            "Id": row.id,
            "CreatedDate": row.values.get("CreatedDate") or show(row.created_at),
            "SystemModstamp": show(row.modified_at),
            "LastModifiedDate": show(row.modified_at),
            "IsDeleted": row.deleted_at is not None,
            "MasterRecordId": row.merged_into,
        }
        if name == "Contact":
            found["Name"] = " ".join(filter(None, (found.get("FirstName"), found.get("LastName"))))
        if name == "Opportunity":
            stage = found.get("StageName")
            found |= {"IsWon": stage == WON, "IsClosed": stage in {WON, LOST}}
        return found

    def remove(self, name: str, ref: str, *, into: str | None = None) -> None:
        """§4: lines go with what they are part of."""
        self.tables[name].remove(self.row(name, ref), into=into)
        for child, parent in (("OpportunityLineItem", "OpportunityId"), ("OrderItem", "OrderId")):
            for row in self.tables[child].live():
                if row.values.get(parent) == ref:
                    self.tables[child].remove(row)

    def merge(self, ref: str, into: str) -> None:
        """§1: the loser goes to the bin and names the survivor; what hung on it hangs on that."""
        self.remove("Contact", ref, into=into)
        for name, parent in (
            ("OpportunityContactRole", "ContactId"), ("Order", "BillToContactId"), ("Case", "ContactId"),
            ("Task", "WhoId"),
        ):  # fmt: skip
            for row in self.tables[name].live():
                if row.values.get(parent) == ref:
                    self.tables[name].change(row, {parent: into})


def show(moment: datetime) -> str:
    """§8: without a colon in its zone, and in whole seconds."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000+0000")
