"""Who buys: customers, what they can be found by, and their companies."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from crm_adapters.model.sales import Money

NOTHING: Mapping[str, str] = MappingProxyType({})


class KeyKind(StrEnum):
    """What a customer can be looked up by."""

    EMAIL = "email"
    PHONE = "phone"
    REF = "ref"
    DECLARED = "declared"
    """`system:id` of `Customer.declared_ids`, as `shop:8841` or `whatsapp:+5511999990000`."""


@dataclass(frozen=True, slots=True)
class Email:
    value: str
    """Lower case, as the CRM compares it."""
    verified: bool = False
    """The CRM vouches that this person reads it; only then do two connections' records become one person."""


@dataclass(frozen=True, slots=True)
class Phone:
    raw: str
    e164: str | None = None
    """None where the digits do not make a possible number; `raw` is then only shown, never matched."""


@dataclass(frozen=True, slots=True)
class Consent:
    """A person's stated wish about being offered things; no record at all means nobody asked."""

    purpose: str
    """`offers`, or the CRM's own word."""
    granted: bool
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Customer:
    ref: str
    name: str
    given_name: str = ""
    family_name: str = ""
    emails: tuple[Email, ...] = ()
    phones: tuple[Phone, ...] = ()
    language: str | None = None
    """BCP 47, as `es-MX`."""
    country: str | None = None
    """ISO 3166-1 alpha-2."""
    company: str | None = None
    company_ref: str | None = None
    register: str | None = None
    """`formal`, `neutral` or `informal`, where the CRM records the form of address."""
    declared_ids: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    """Identifiers this person is known by elsewhere, as `{"shop": "8841"}`."""
    consents: tuple[Consent, ...] = ()
    custom: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    created_at: datetime | None = None
    updated_at: datetime | None = None
    version: str | None = None
    """What `update_customer(expected_version=…)` compares, where the CRM has it."""


@dataclass(frozen=True, slots=True)
class Company:
    """The organisation a customer buys for."""

    ref: str
    name: str
    domain: str | None = None
    country: str | None = None
    """ISO 3166-1 alpha-2."""
    industry: str | None = None
    """The CRM's own word."""
    employees: int | None = None
    revenue: Money | None = None
    """Per year."""
    custom: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CustomerKey:
    kind: KeyKind
    value: str


@dataclass(frozen=True, slots=True)
class CustomerMatch:
    customer: Customer
    matched_on: KeyKind
    confidence: float
    """1.0 for equality after normalising; less where the CRM only searched for something alike."""
