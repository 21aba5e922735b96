"""What the sidebar's page may send. Unknown fields are refused; every text has a bound."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

READABLE = validate.Regexp(r"[^\x00-\x1f\x7f\ud800-\udfff]*\Z", error="Holds characters nobody can read.")
"""For what is kept as it comes: PostgreSQL refuses NUL, and half a surrogate pair has no UTF-8."""
CONTEXT = [validate.Length(min=1, max=200), READABLE]
IDENTIFIER = [validate.Length(min=1, max=64), READABLE]
MOST_SEEN = 10


@dataclass(frozen=True, slots=True)
class CardBody:
    context: str
    email: str | None = None
    phone: str | None = None
    ref: str | None = None
    customer: int | None = None


@dataclass(frozen=True, slots=True)
class CustomerBody:
    context: str
    customer: int


@dataclass(frozen=True, slots=True)
class OutcomeBody:
    suggestion: str
    act: str
    channel: str | None = None
    reason: str | None = None
    days: int | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class SeenBody:
    kind: str
    suggestions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LineBody:
    suggestion: str
    deal: str
    id: str


@dataclass(frozen=True, slots=True)
class AnswerBody:
    context: str
    customer: int
    fact: str
    value: str | None
    """None takes the answer back."""


@dataclass(frozen=True, slots=True)
class WalletBody:
    context: str
    suggestions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GiveBody:
    suggestion: str
    id: str


@dataclass(frozen=True, slots=True)
class StateBody:
    customer: int
    suggestions: tuple[str, ...] = ()
    """Of which to tell what became of their lines."""


@dataclass(frozen=True, slots=True)
class WhyNotBody:
    context: str
    customer: int
    product: str
    decision: str | None = None
    """The list on the page, whose log is told beside what holds now."""


@dataclass(frozen=True, slots=True)
class PersonaBody:
    context: str
    customer: int
    persona: str | None = None
    """None: none of them."""
    proposed: bool = False
    """Back to what is proposed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What a chat tool's own page posts to open the sidebar on a customer."""

    email: str | None = None
    phone: str | None = None
    ref: str | None = None
    conversation: str | None = None
    name: str | None = None
    theme: str | None = None
    locale: str | None = None


class Body(Schema):
    makes: ClassVar[type]

    @post_load
    def make(self, data: Mapping[str, Any], **_options: Any) -> Any:
        return self.makes(**data)


class CardSchema(Body):
    makes = CardBody
    context = fields.String(required=True, validate=CONTEXT)
    email = fields.String(allow_none=True, validate=validate.Length(max=254))
    phone = fields.String(allow_none=True, validate=validate.Length(max=40))
    ref = fields.String(allow_none=True, validate=validate.Length(max=120))
    customer = fields.Integer(allow_none=True, strict=True, validate=validate.Range(min=1))


class CustomerSchema(Body):
    makes = CustomerBody
    context = fields.String(required=True, validate=CONTEXT)
    customer = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))


class OutcomeSchema(Body):
    makes = OutcomeBody
    suggestion = fields.String(required=True, validate=IDENTIFIER)
    act = fields.String(
        required=True, validate=validate.OneOf(["offered", "accepted", "declined", "wrong_data"])
    )
    channel = fields.String(allow_none=True, validate=validate.OneOf(["insert", "copy", "voice"]))
    reason = fields.String(allow_none=True, validate=[validate.Length(max=40), READABLE])
    days = fields.Integer(allow_none=True, strict=True, validate=validate.Range(min=1, max=365))
    id = fields.String(allow_none=True, validate=validate.Regexp(r"[0-9a-f]{32}\Z"))

    @validates_schema
    def check_channel(self, data: Mapping[str, Any], **_options: Any) -> None:
        if data.get("act") == "offered" and not data.get("channel"):
            raise ValidationError("An offer says how it was made: insert, copy or voice.", "channel")


class SeenSchema(Body):
    makes = SeenBody
    kind = fields.String(required=True, validate=validate.OneOf(["shown", "viewed"]))
    suggestions = fields.List(
        fields.String(validate=IDENTIFIER), required=True, validate=validate.Length(min=1, max=MOST_SEEN)
    )

    @post_load
    def make(self, data: Mapping[str, Any], **_options: Any) -> SeenBody:
        return SeenBody(data["kind"], tuple(data["suggestions"]))


class LineSchema(Body):
    makes = LineBody
    suggestion = fields.String(required=True, validate=IDENTIFIER)
    deal = fields.String(required=True, validate=[validate.Length(min=1, max=2_000), READABLE])
    id = fields.String(required=True, validate=validate.Regexp(r"[0-9a-f]{32}\Z"))


class AnswerSchema(Body):
    makes = AnswerBody
    context = fields.String(required=True, validate=CONTEXT)
    customer = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    fact = fields.String(required=True, validate=[validate.Length(min=1, max=120), READABLE])
    value = fields.String(
        required=True, allow_none=True, validate=[validate.Length(min=1, max=200), READABLE]
    )


class WalletSchema(Body):
    makes = WalletBody
    context = fields.String(required=True, validate=CONTEXT)
    suggestions = fields.List(
        fields.String(validate=IDENTIFIER), required=True, validate=validate.Length(min=1, max=MOST_SEEN)
    )

    @post_load
    def make(self, data: Mapping[str, Any], **_options: Any) -> WalletBody:
        return WalletBody(data["context"], tuple(data["suggestions"]))


class GiveSchema(Body):
    makes = GiveBody
    suggestion = fields.String(required=True, validate=IDENTIFIER)
    id = fields.String(required=True, validate=validate.Regexp(r"[0-9a-f]{32}\Z"))


class StateSchema(Body):
    makes = StateBody
    customer = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    suggestions = fields.List(fields.String(validate=IDENTIFIER), validate=validate.Length(max=MOST_SEEN))

    @post_load
    def make(self, data: Mapping[str, Any], **_options: Any) -> StateBody:
        return StateBody(data["customer"], tuple(data.get("suggestions", ())))


class WhyNotSchema(Body):
    makes = WhyNotBody
    context = fields.String(required=True, validate=CONTEXT)
    customer = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    product = fields.String(required=True, validate=[validate.Length(min=1, max=120), READABLE])
    decision = fields.String(allow_none=True, validate=IDENTIFIER)


class PersonaSchema(Body):
    makes = PersonaBody
    context = fields.String(required=True, validate=CONTEXT)
    customer = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    persona = fields.String(allow_none=True, validate=[validate.Length(min=1, max=80), READABLE])
    proposed = fields.Boolean()


class EntrySchema(Body):
    """Lenient where the others are strict: a chat tool that posts one field too many gets its sidebar."""

    makes = Entry
    email = fields.String(validate=validate.Length(max=254))
    phone = fields.String(validate=validate.Length(max=40))
    ref = fields.String(validate=validate.Length(max=120))
    conversation = fields.String(validate=validate.Length(max=120))
    name = fields.String(validate=validate.Length(max=120))
    theme = fields.String(validate=validate.OneOf(["light", "dark"]))
    locale = fields.String(validate=validate.Length(max=20))
