"""What an installation holds, and how lists and single records show it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from itertools import count
from typing import Any

from crm_adapters.fakes.store import Row, Table, Values
from crm_adapters.fakes.vendors.espocrm.metadata import ENTITIES, PACK, VERSIONED

DATA = ("emailAddressData", "phoneNumberData")
UNLISTED = (*DATA, "itemList")
"""Core/FieldProcessing: the loaders of these run for a single record only."""


class Database:
    def __init__(self, now: Callable[[], datetime], *, pack: bool) -> None:
        self.now = now
        ids = _make_ids()
        names = [name for name in (*ENTITIES, "Note") if pack or name not in PACK]
        self.tables = {name: Table(now, ids=ids) for name in names}
        self.versioned = set(VERSIONED)
        """Whose optimistic concurrency control is on; an admin can switch it on for others."""
        self._items = map(str, count(1))

    def keep(self, entity: str, ref: str, values: Mapping[str, Any]) -> str:
        table = self.tables[entity]
        row = table.get(ref)
        return self.change(entity, row, values).id if row else table.add({**values, "versionNumber": 1}).id

    def change(self, entity: str, row: Row, values: Mapping[str, Any]) -> Row:
        """Core/Repositories/Database: who changes nothing leaves no stamp."""
        if all(row.values.get(name) == value for name, value in values.items()):
            return row
        number = row.values["versionNumber"] + 1
        return self.tables[entity].change(row, {**values, "versionNumber": number})

    def make_items(self, items: Sequence[Values]) -> list[Values]:
        """Those without an id are new; whoever is not named is no more. Not verified on a real Sales Pack."""
        return [{**one, "id": one.get("id") or f"item{next(self._items)}"} for one in items]

    def show(self, entity: str, row: Row, *, listed: bool) -> Values:
        """Moments in UTC, without a word of it; what is empty is null."""
        known = dict.fromkeys(ENTITIES.get(entity, ()))
        shown = {**known, **row.values, **self._links(entity, row.values)}
        made = row.values.get("createdAt") or show(row.created_at)
        shown |= {"id": row.id, "createdAt": made, "modifiedAt": show(row.modified_at)}
        shown |= _main(row.values) if "emailAddress" in known else {}
        if entity == "Contact":
            names = (row.values.get("firstName"), row.values.get("lastName"))
            shown["name"] = " ".join(filter(None, names))
        hidden = {*(UNLISTED if listed else ()), *(() if entity in self.versioned else ("versionNumber",))}
        return {name: value for name, value in shown.items() if name not in hidden}

    def _links(self, entity: str, values: Values) -> Values:
        """A link is shown as an id and a name."""
        account = self.tables["Account"].get(values.get("accountId") or "")
        return {"accountName": account.values["name"] if account else None} if entity == "Contact" else {}


def _main(values: Values) -> Values:
    """Lists tell the main address and telephone alone, and whether that one wants no mail."""
    found: Values = {}
    for name in ("emailAddress", "phoneNumber"):
        listed = values.get(f"{name}Data") or []
        main: Values = next((one for one in listed if one["primary"]), {})
        flags = {"IsOptedOut": "optOut", "IsInvalid": "invalid"}
        found |= {
            name: main.get(name),
            **{f"{name}{flag}": bool(main.get(key)) for flag, key in flags.items()},
        }
    return found


def show(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _make_ids() -> Iterator[str]:
    """Seventeen hexadecimal signs, or since 8.0 UUIDs: these come in no order, as the latter."""
    return (sha256(str(number).encode()).hexdigest()[:17] for number in count(1))
