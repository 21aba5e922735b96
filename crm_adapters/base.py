"""What every CRM adapter is: settings, declared capabilities, and the calls the application makes."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, NoReturn

from marshmallow import Schema, ValidationError

from crm_adapters.errors import BadSettings, Unsupported
from crm_adapters.model import (
    Customer,
    CustomerKey,
    CustomerMatch,
    FieldInfo,
    Health,
    KeyKind,
    Kind,
    Order,
    ProductRelation,
    SuggestionOutcome,
    SyncCursor,
    SyncPage,
    WriteResult,
)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a CRM can do; anything not declared is refused with `Unsupported`, never silently skipped."""

    kinds: frozenset[Kind]
    """What `changes` lists."""
    keys: frozenset[KeyKind]
    """What `find_customers` understands."""
    log_outcome: bool = False
    update_customer: bool = False
    relations: bool = False
    cases: bool = False
    stock: bool = False
    consents: bool = False
    reports_deletes: bool = False


class CRMAdapter(ABC):
    """One connection to one CRM. Instances are cheap, hold no open connection across calls and are used by
    one thread at a time; several may point at the same CRM from several processes."""

    name: ClassVar[str]
    capabilities: ClassVar[Capabilities]

    class Settings(Schema):
        """Override with the vendor's fields; secrets carry `metadata={"secret": True}` and are kept
        encrypted, never shown, logged or exported."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        """`settings` as `load_settings` returned them."""
        self.settings = settings

    @classmethod
    def load_settings(cls, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Raises BadSettings, naming each wrong setting and those the adapter knows."""
        schema = cls.Settings()
        try:
            loaded: dict[str, Any] = schema.load(raw)
        except ValidationError as error:
            raise BadSettings(_explain(cls.name, error.messages_dict, sorted(schema.fields))) from None
        return loaded

    @classmethod
    def secret_names(cls) -> frozenset[str]:
        fields = cls.Settings().fields
        return frozenset(name for name, field in fields.items() if field.metadata.get("secret"))

    @abstractmethod
    def check(self) -> Health:
        """Try everything the connection will need and say what is missing; never raises for a CRM's failing."""

    @abstractmethod
    def find_customers(self, key: CustomerKey, *, limit: int = 5) -> list[CustomerMatch]:
        """All customers that carry the key, at most `limit`; more than one is for a person to choose from."""

    @abstractmethod
    def get_customer(self, ref: str) -> Customer:
        """Raises NotFound, or Merged with the surviving ref."""

    @abstractmethod
    def orders(self, customer_ref: str, *, since: datetime | None = None) -> Iterator[Order]:
        """With lines, newest first."""

    @abstractmethod
    def changes(self, kind: Kind, cursor: SyncCursor | None) -> SyncPage:
        """The next page of what changed since `cursor`; None starts from the beginning.
        At-least-once: a record may be listed again, none is left out."""

    def relations(self, product_ref: str) -> list[ProductRelation]:
        self._refuse("keeps no relations between products")

    def log_outcome(self, outcome: SuggestionOutcome, *, key: str) -> WriteResult:
        """Idempotent by `key`: writing the same key again changes nothing and returns the first record."""
        self._refuse("takes no notes")

    def find_outcome(self, key: str) -> WriteResult | None:
        """Whether a write whose answer was lost did happen."""
        self._refuse("takes no notes")

    def update_customer(
        self, ref: str, patch: Mapping[str, str], *, expected_version: str | None = None
    ) -> Customer:
        """Raises Conflict where `expected_version` is no longer the current one."""
        self._refuse("does not let us change customers")

    def describe_fields(self, kind: Kind) -> list[FieldInfo]:
        return []

    def _refuse(self, what: str) -> NoReturn:
        raise Unsupported(f"{self.name} {what}")


def _explain(adapter: str, messages: Mapping[str, Any], known: list[str]) -> str:
    wrong = "; ".join(f"{name}: {' '.join(_flat(reason))}" for name, reason in messages.items())
    return f"{adapter}: {wrong} (settings it knows: {', '.join(known) or 'none'})"


def _flat(reason: Any) -> list[str]:
    if isinstance(reason, dict):
        return [text for part in reason.values() for text in _flat(part)]
    return [str(part) for part in reason] if isinstance(reason, list) else [str(reason)]
