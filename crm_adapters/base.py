"""What every CRM adapter is: settings, declared capabilities, and the calls the application makes."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, NoReturn
from urllib.parse import urlsplit

from marshmallow import Schema, ValidationError, fields, validate

from crm_adapters.errors import BadSettings, Unsupported
from crm_adapters.model import (
    ChangeHint,
    Company,
    Customer,
    CustomerKey,
    CustomerMatch,
    FieldInfo,
    Health,
    KeyKind,
    Kind,
    NewLine,
    OpenDeal,
    Order,
    ProductRelation,
    SuggestionOutcome,
    SyncCursor,
    SyncPage,
    WebhookRequest,
    WebhookSetup,
    WriteResult,
)
from crm_adapters.oauth import OAuth
from crm_adapters.transport import Transport

NOTE_LANGUAGES = ("en", "es", "pt-BR")


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a CRM can do; anything not declared is refused with `Unsupported`, never silently skipped.
    An instance may declare less than its class, where settings or the CRM's edition lack something."""

    kinds: frozenset[Kind]
    """What `changes` lists."""
    keys: frozenset[KeyKind]
    """What `find_customers` understands."""
    log_outcome: bool = False
    unique_keys: bool = False
    """The CRM itself refuses a second outcome with the same key: writers at the same time need not know of each
    other. Elsewhere somebody must see to it that an outcome has one writer at a time."""
    writes_aside: bool = False
    """What we write goes to a file of its own or to a toy: there is nothing that it could spoil."""
    update_customer: bool = False
    relations: bool = False
    cases: bool = False
    stock: bool = False
    consents: bool = False
    companies: bool = False
    open_deals: bool = False
    add_line: bool = False
    webhooks: bool = False
    describes_fields: bool = False
    reports_deletes: bool = False
    reports_merges: bool = False
    """A merged customer is listed in `SyncPage.merged`, and refused with `Merged`; elsewhere it is deleted."""


class CRMAdapter(ABC):
    """One connection to one CRM. Instances are cheap, hold no open connection across calls and are used by
    one thread at a time; several may point at the same CRM from several processes."""

    name: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    other_hosts: ClassVar[tuple[str, ...]] = ()
    """Those that the CRM sends us to beside the hosts of the settings, as `*.salesforce.com`."""
    webhook_setup: ClassVar[WebhookSetup] = WebhookSetup()
    """Told to whoever sets webhooks up, where `capabilities.webhooks`."""

    class Settings(Schema):
        """Override with the vendor's fields; secrets carry `metadata={"secret": True}` and are kept
        encrypted, never shown, logged or exported."""

        note_language = fields.String(validate=validate.OneOf(NOTE_LANGUAGES))
        """Of the people who read the CRM."""

    def __init__(self, settings: Mapping[str, Any], transport: Transport | None = None) -> None:
        """`settings` as `load_settings` returned them. Asks nothing of the CRM yet."""
        self.settings = settings
        self.transport = transport or Transport()

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
        known = cls.Settings().fields
        return frozenset(name for name, field in known.items() if field.metadata.get("secret"))

    @property
    def note_language(self) -> str:
        """What `SuggestionOutcome.note` is to be written in."""
        return str(self.settings.get("note_language", NOTE_LANGUAGES[0]))

    @classmethod
    def hosts(cls, settings: Mapping[str, Any]) -> frozenset[str]:
        """All that a connection with these settings, as loaded, may call."""
        urls = [value for value in settings.values() if isinstance(value, str) and "://" in value]
        named = {urlsplit(url).hostname or "" for url in urls}
        return frozenset({*filter(None, named), *cls.other_hosts})

    def sign_in(self) -> OAuth | None:
        """How an admin signs the connection in by browser; None where its settings are enough."""
        return None

    @abstractmethod
    def check(self, *, writes: bool = True) -> Health:
        """Try everything the connection will need, say what is missing and what is too much; never raises for
        a CRM's failing. `writes`: outcomes and changes will be written too; without, leave to write is excess."""

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

    def get_company(self, ref: str) -> Company:
        """By `Customer.company_ref`. Raises NotFound."""
        self._refuse("keeps no companies")

    def open_deals(self, customer_ref: str) -> list[OpenDeal]:
        """What the customer has not closed yet, with lines, latest change first; none of nobody."""
        self._refuse("keeps no open deals or quotes")

    def relations(self, product_ref: str) -> list[ProductRelation]:
        self._refuse("keeps no relations between products")

    def log_outcome(self, outcome: SuggestionOutcome, *, key: str) -> WriteResult:
        """Idempotent by `key`: writing the same key again changes nothing and returns the first record."""
        self._refuse("takes no notes")

    def find_outcome(self, key: str, *, customer_ref: str) -> WriteResult | None:
        """Whether a write whose answer was lost did happen."""
        self._refuse("takes no notes")

    def add_line(self, deal_ref: str, line: NewLine, *, key: str) -> WriteResult:
        """Put a product on an open deal, quote or order. Idempotent by `key`, so after OutcomeUnknown it is
        simply called again. Raises NotFound, ValidationFailed for the product, Conflict where it was closed."""
        self._refuse("takes no lines from us")

    def update_customer(
        self, ref: str, patch: Mapping[str, str], *, expected_version: str | None = None
    ) -> Customer:
        """`patch`: our names (see `FieldInfo.mapped`) → values; empty text takes a value away.

        Raises Conflict where `expected_version` is no longer the current one, and ValidationFailed.
        """
        self._refuse("does not let us change customers")

    def describe_fields(self, kind: Kind, *, sample: int = 0) -> list[FieldInfo]:
        """`sample`: from how many records fill rates and examples are taken; 0 asks for none."""
        return []

    def read_webhook(self, request: WebhookRequest) -> list[ChangeHint]:
        """Raises NotTrusted before anything is believed: a wrong signature or secret, or an old one repeated.
        Nothing is asked of the CRM here. A greeting without news is an empty list."""
        self._refuse("sends no webhooks")

    def _refuse(self, what: str) -> NoReturn:
        raise Unsupported(f"{self.name} {what}")


def _explain(adapter: str, messages: Mapping[str, Any], known: list[str]) -> str:
    wrong = "; ".join(f"{name}: {' '.join(_flat(reason))}" for name, reason in messages.items())
    return f"{adapter}: {wrong} (settings it knows: {', '.join(known) or 'none'})"


def _flat(reason: Any) -> list[str]:
    if isinstance(reason, dict):
        return [text for part in reason.values() for text in _flat(part)]
    return [str(part) for part in reason] if isinstance(reason, list) else [str(reason)]
