"""A shop's own choices: what a decline does, who may be offered what, what patience costs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from personas.concessions import Concessions, parse_concessions
from personas.content import Fields, InvalidContent, read_translated
from personas.facts import find_fact
from personas.languages import Translated
from personas.sensitivity import is_barred


class Scope(StrEnum):
    PRODUCT = "product"
    OFFER = "offer"
    CATEGORY = "category"
    CONVERSATION = "conversation"
    PERSON = "person"


class EffectKind(StrEnum):
    LOWER_PRICE_BAND = "lower_price_band"
    PROPOSE_CHEAPER = "propose_cheaper"
    OWNED = "owned"
    SUPPRESS = "suppress"
    DOUBLE_COST = "double_cost"
    SNOOZE = "snooze"
    CLOSE_GATE = "close_gate"
    DATA_NOTE = "data_note"
    EXCLUDE_FROM_LEARNING = "exclude_from_learning"
    OBJECTION = "objection"


UNSAID = "no_reason"
"""What a decline without a reason counts as."""


@dataclass(frozen=True, slots=True)
class Effect:
    kind: EffectKind
    scope: Scope
    days: int | None = None
    """0: in this conversation only; None: until taken back, or as chosen."""
    choices: tuple[int, ...] = ()
    """Days to choose from, where it is for the agent to say."""


@dataclass(frozen=True, slots=True)
class DeclineReason:
    key: str
    name: Translated
    said_by: str
    """`customer` or `agent`."""
    negative: Decimal
    """How much it counts against the offer's rank, 0 to 1."""
    effects: tuple[Effect, ...]


class Stance(StrEnum):
    UNTIL_OBJECTION = "until_objection"
    ASKED_ONLY = "asked_only"
    AFTER_CONSENT = "after_consent"


@dataclass(frozen=True, slots=True)
class ConsentPolicy:
    """What a wish that is not known means."""

    existing: Stance
    strangers: Stance


@dataclass(frozen=True, slots=True)
class Weighing:
    """The constants of the expected value; money in the currency of the prices."""

    prior: Decimal
    margin_rate: Decimal
    attention: Mapping[str, Decimal]
    """By currency."""
    attention_other: Decimal
    per_recent_offer: Decimal
    per_recent_decline: Decimal


@dataclass(frozen=True, slots=True)
class Policies:
    decline_reasons: tuple[DeclineReason, ...]
    """In the order in which they are shown."""
    consent_default: ConsentPolicy
    consent_by_country: Mapping[str, ConsentPolicy]
    weighing: Weighing
    concessions: Concessions | None = None
    """None: agents give nothing away."""
    unlocked: Mapping[str, Translated] = field(default_factory=dict)
    """Barred facts that conditions may rest on all the same, each with its reason: whoever approves the release
    approves of it."""
    most_offers: int | None = None
    """To one customer within 30 days, over all agents and channels; None: as many as are worth their attention."""

    def decline_reason(self, key: str) -> DeclineReason:
        """Raises KeyError for an unknown reason."""
        return {reason.key: reason for reason in self.decline_reasons}[key]

    def negative_of(self, reason: str | None) -> Decimal:
        """How much a decline counts, 0 to 1. A reason that there is not any more counts as none given."""
        weights = {one.key: one.negative for one in self.decline_reasons}
        return weights.get(reason or UNSAID, weights.get(UNSAID, Decimal(0)))

    def consent_for(self, country: str | None) -> ConsentPolicy:
        return self.consent_by_country.get((country or "").upper(), self.consent_default)


def parse_policies(raw: object, *, path: str) -> Policies:
    """Raises InvalidContent with the place of the mistake."""
    fields = Fields(raw, path)
    reasons = Fields(fields.raw("decline_reasons"), fields.at("decline_reasons"))
    consent = Fields(fields.raw("consent"), fields.at("consent"))
    policies = Policies(
        decline_reasons=tuple(_reason(reasons.raw(key), reasons.at(key), key) for key in reasons),
        consent_default=_consent(consent.raw("default"), consent.at("default")),
        consent_by_country=consent.entries("countries", _consent),
        weighing=_weighing(fields.raw("arbitration"), fields.at("arbitration")),
        concessions=parse_concessions(fields.raw("concessions"), fields.at("concessions"))
        if "concessions" in fields
        else None,
        unlocked=fields.entries("unlocked", read_translated) if "unlocked" in fields else {},
        most_offers=_contact(fields.raw("contact"), fields.at("contact")) if "contact" in fields else None,
    )
    consent.finish()
    fields.finish()
    for name in policies.unlocked:
        if find_fact(name) is None or not is_barred(name):
            raise InvalidContent(fields.at("unlocked"), f"{name} is no fact that is barred")
    return policies


def _reason(raw: object, path: str, key: str) -> DeclineReason:
    fields = Fields(raw, path)
    reason = DeclineReason(
        key=key,
        name=fields.translated("name"),
        said_by=fields.choice("said_by", ("customer", "agent")),
        negative=Decimal(fields.number("negative", 0, 1)),
        effects=fields.items("effects", _effect),
    )
    fields.finish()
    return reason


def _effect(raw: object, path: str) -> Effect:
    fields = Fields(raw, path)
    effect = Effect(
        kind=EffectKind(fields.choice("kind", list(EffectKind))),
        scope=Scope(fields.choice("scope", list(Scope))),
        days=fields.whole("days", 0, 3650) if "days" in fields else None,
        choices=fields.items("choices", _days),
    )
    fields.finish()
    return effect


def _days(raw: object, path: str) -> int:
    if not isinstance(raw, int) or not 0 < raw <= 3650:
        raise InvalidContent(path, "days from 1 to 3650 are wanted")
    return raw


def _consent(raw: object, path: str) -> ConsentPolicy:
    fields = Fields(raw, path)
    existing, strangers = (fields.choice(name, list(Stance)) for name in ("existing", "strangers"))
    fields.finish()
    return ConsentPolicy(Stance(existing), Stance(strangers))


def _contact(raw: object, path: str) -> int:
    fields = Fields(raw, path)
    most = fields.whole("offers_in_30_days", 1, 1_000)
    fields.finish()
    return most


def _weighing(raw: object, path: str) -> Weighing:
    fields = Fields(raw, path)
    attention = Fields(fields.raw("attention"), fields.at("attention"))
    currencies = Fields(attention.raw("currencies"), attention.at("currencies"))
    weighing = Weighing(
        prior=Decimal(fields.number("prior", 0, 1)),
        margin_rate=Decimal(fields.number("margin_rate", 0, 1)),
        attention={code: Decimal(currencies.number(code, 0, 10**6)) for code in currencies},
        attention_other=Decimal(attention.number("other", 0, 10**6)),
        per_recent_offer=Decimal(attention.number("per_recent_offer", 0, 10)),
        per_recent_decline=Decimal(attention.number("per_recent_decline", 0, 10)),
    )
    attention.finish()
    fields.finish()
    return weighing
