"""What is gone: deleted, merged into another, or renamed, which is the same for whoever knows it by its name.

Deleting leaves a copy among the deleted documents; renaming and merging leave a remark on what lives on, in the
language of whoever did it, with both names in bold. Neither stamps the document, nor those that now name another one.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from crm_adapters.vendors.erpnext.api import Api, Filters, Row

REMARK, DELETED = "Comment", "Deleted Document"
REMARK_KEYS = ("name", "reference_name", "content", "creation")
BOLD = re.compile(r"<(b|strong)>(.*?)</\1>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Gone:
    deleted: tuple[str, ...] = ()
    merged: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Graveyard:
    api: Api

    def find(self, doctype: str, since: str) -> Gone:
        """`since`: in the site's time. What was made anew under the same name is not gone."""
        deleted = [["deleted_doctype", "=", doctype], ["creation", ">=", since]]
        dead = self.api.find(DELETED, deleted, ["name", "deleted_name"])
        remarks = self.api.find(REMARK, self.renamed(doctype, since=since), REMARK_KEYS)
        heirs = {
            old: row["reference_name"] for row in sorted(remarks, key=_age) for old in read_old_names(row)
        }
        names = {row["deleted_name"] for row in dead} | heirs.keys()
        living = self._existing(doctype, {*names, *heirs.values()})
        left = sorted(names - living)
        merged = {old: heirs[old] for old in left if heirs.get(old) in living}
        return Gone(tuple(name for name in left if name not in merged), merged)

    def find_heir(self, doctype: str, name: str) -> str | None:
        """Who lives on for one that is not there any more."""
        letters = "%".join(re.findall(r"\w+", name))
        filters = [*self.renamed(doctype), ["content", "like", f"%{letters}%"]]
        rows = self.api.find(REMARK, filters, REMARK_KEYS) if letters else []
        heirs = [row["reference_name"] for row in sorted(rows, key=_age) if name in read_old_names(row)]
        return next((one for one in reversed(heirs) if self._existing(doctype, {one})), None)

    def renamed(self, doctype: str, *, since: str = "") -> Filters:
        recent = [["creation", ">=", since]] if since else []
        return [["reference_doctype", "=", doctype], ["comment_type", "=", "Edit"], *recent]

    def _existing(self, doctype: str, names: set[str]) -> set[str]:
        rows = self.api.find(doctype, [["name", "in", sorted(names)]], ["name"]) if names else []
        return {row["name"] for row in rows}


def read_old_names(row: Row) -> list[str]:
    """All that stands there in bold, but for the name that lives on."""
    bold = (unescape(found[1]) for found in BOLD.findall(str(row["content"])))
    return [name for name in bold if name != row["reference_name"]]


def read_copy(row: Row) -> dict[str, Any]:
    """What a deleted document held; nothing where that cannot be read."""
    try:
        found = json.loads(row["data"])
    except (ValueError, TypeError):
        return {}
    return found if isinstance(found, dict) else {}


def _age(row: Row) -> tuple[str, str]:
    return str(row["creation"]), str(row["name"])


def read_links(rows: Sequence[Row]) -> list[str]:
    """The customers to whom contacts and addresses were linked that are deleted now."""
    links = [link for row in rows for link in read_copy(row).get("links") or ()]
    return [
        link["link_name"]
        for link in links
        if link.get("link_doctype") == "Customer" and link.get("link_name")
    ]
