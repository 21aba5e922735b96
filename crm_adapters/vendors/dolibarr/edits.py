"""Changes of a customer's fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm_adapters.errors import Conflict, NotFound, ValidationFailed
from crm_adapters.fieldmap import CUSTOM
from crm_adapters.locales import normalise_language
from crm_adapters.vendors.dolibarr import records
from crm_adapters.vendors.dolibarr.api import Api, Row
from crm_adapters.vendors.dolibarr.people import PATH, People
from crm_adapters.vendors.dolibarr.records import EXTRA, read_value

COUNTRIES = "setup/dictionary/countries/byCode"
COUNTRY, LANGUAGE = "country_code", "default_lang"
WRITABLE = ("name", "given_name", "family_name", "language", "country", "register", "offers_consent")
PLAIN = frozenset(
    {"name", "name_alias", "ref_ext", LANGUAGE, COUNTRY, "address", "zip", "town", "url", "note_public"}
)
"""Fields of a third party that may be written; complementary attributes beside them."""


@dataclass(frozen=True, slots=True)
class Edits:
    """Dolibarr takes unknown fields and values without a word and keeps what it likes, so that what it answers is
    compared with what was written (seen on 20)."""

    api: Api
    people: People

    def update(self, ref: str, patch: Mapping[str, str], *, expected_version: str | None) -> None:
        """Dolibarr guards nothing: the version is compared just before."""
        fields = self.people.fields.customer
        refused = {name: why for name, value in patch.items() if (why := _refuse(name, value, fields))}
        if refused:
            raise ValidationFailed(f"cannot change {', '.join(sorted(refused))}", fields=refused)
        row = self.people.get(ref)
        if row is None:
            raise NotFound("Dolibarr has no such customer")
        current = records.to_customer(row, (), {}, self.people.fields, country=None).version
        if expected_version not in {None, current}:
            raise Conflict("the third party was changed in between", existing=current)
        values = {fields[name]: _written(fields[name], value) for name, value in patch.items()}
        answer = self.api.send("PUT", f"{PATH}/{ref}", self._body(row, values))
        _compare(answer, {name: values[fields[name]] for name in patch}, fields)

    def _body(self, row: Row, values: Mapping[str, str]) -> dict[str, Any]:
        """Complementary attributes are replaced all together on some versions, so that those which stay are
        written too."""
        body: dict[str, Any] = {}
        for theirs, value in values.items():
            if theirs == COUNTRY:
                body["country_id"] = self._country_id(value)
            elif theirs.startswith(EXTRA):
                known = body.setdefault("array_options", dict(row.get("array_options") or {}))
                known[theirs.partition(".")[2]] = value
            else:
                body[theirs] = value
        return body

    def _country_id(self, code: str) -> int:
        """By number only; a code would be taken, and the country kept."""
        if not code:
            return 0
        found = self.api.get(f"{COUNTRIES}/{code}")
        if found is None:
            raise ValidationFailed("cannot change country", fields={"country": "Dolibarr does not know it"})
        return int(found["id"])


def is_writable(name: str, theirs: str) -> bool:
    return (name in WRITABLE or name.startswith(CUSTOM)) and (theirs in PLAIN or theirs.startswith(EXTRA))


def _refuse(name: str, value: str, fields: Mapping[str, str]) -> str | None:
    if name not in fields or not is_writable(name, fields[name]):
        return "cannot be changed"
    if name == "name" and not value.strip():
        return "must not be empty"
    if fields[name] == COUNTRY and value and not (len(value) == 2 and value.isascii() and value.isupper()):
        return "two capital letters, as ES"
    return (
        "not a language, as es-MX"
        if fields[name] == LANGUAGE and value and not normalise_language(value)
        else None
    )


def _written(theirs: str, value: str) -> str:
    return (normalise_language(value) or "").replace("-", "_") if theirs == LANGUAGE else value.strip()


def _compare(answer: Any, wanted: Mapping[str, str], fields: Mapping[str, str]) -> None:
    kept = {name: read_value(answer, fields[name]) for name in wanted}
    refused = {name: "Dolibarr did not take the value" for name in wanted if kept[name] != wanted[name]}
    if refused:
        raise ValidationFailed(f"Dolibarr did not take {', '.join(sorted(refused))}", fields=refused)
