"""Looking a customer up, what to offer them, and what became of it."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from assist.schemas.api.parts import Amount, Answer, Asked, Identifier, Moment, Number, PriceSchema, Text


class LookUpSchema(Asked):
    """At least one of these; the surest that finds somebody wins."""

    email = Text(most=254)
    phone = Text(most=40)
    ref = Text(most=120)
    customer = Number()

    @validates_schema
    def check_key(self, data: Mapping[str, Any], **_options: Any) -> None:
        if not data:
            raise ValidationError("Name the customer by email, phone, ref or customer.")


class HeaderSchema(Answer):
    customer_id = fields.Integer()
    name = fields.String()
    register = fields.String(allow_none=True)
    language = fields.String(allow_none=True)
    country = fields.String(allow_none=True)
    company = fields.String(allow_none=True)
    matched_on = fields.String()
    connections = fields.List(fields.String())
    orders = fields.Integer()
    months = fields.Integer(allow_none=True)
    lifecycle = fields.String()


class PersonaSchema(Answer):
    key = fields.String()
    name = fields.String()
    score = fields.Float()
    coverage = fields.Float()
    reasons = fields.List(fields.String())
    against = fields.List(fields.String())
    missing = fields.List(fields.String())


class PersonasSchema(Answer):
    state = fields.String()
    personas = fields.List(fields.Nested(PersonaSchema))


class IcpSchema(Answer):
    grade = fields.String(allow_none=True)
    reasons = fields.List(fields.String())
    missing = fields.List(fields.String())


class GateSchema(Answer):
    code = fields.String()
    subject = fields.String()
    days = fields.Integer(allow_none=True)


class PurchaseSchema(Answer):
    at = Moment()
    name = fields.String()
    quantity = Amount()
    price = fields.Nested(PriceSchema, allow_none=True)
    order_number = fields.String()
    status = fields.String()


class ChoiceSchema(Answer):
    id = fields.Integer()
    name = fields.String()
    company = fields.String(allow_none=True)
    country = fields.String(allow_none=True)
    connection = fields.String()
    last_order_at = Moment(allow_none=True)
    masked_key = fields.String()


class WriteBackSchema(Answer):
    waiting = fields.Integer()
    failed = fields.Integer()
    delivered_at = Moment(allow_none=True)
    shadow = fields.Boolean()
    kept = fields.Integer()
    supported = fields.Boolean()
    held = fields.Boolean(metadata={"description": "Writes are switched off for all."})


class CardSchema(Answer):
    state = fields.String(
        metadata={"description": "match; ambiguous, then pick one of `choices`; or unknown."}
    )
    customer = fields.Nested(HeaderSchema, attribute="header", allow_none=True)
    persona = fields.Nested(PersonasSchema, allow_none=True)
    icp = fields.Nested(IcpSchema, allow_none=True)
    gate = fields.Nested(GateSchema, allow_none=True)
    history = fields.List(fields.Nested(PurchaseSchema))
    more_purchases = fields.Integer()
    choices = fields.List(fields.Nested(ChoiceSchema))
    write_back = fields.Nested(WriteBackSchema, allow_none=True)
    complaints_visible = fields.Boolean()


class DecideSchema(Asked):
    customer = Number(required=True)
    context = Text(most=200, required=True, about="The caller's key of the conversation.")


class EvidenceSchema(Answer):
    anchor = fields.String()
    buyers = fields.Integer()
    also = fields.Integer()
    days = fields.Integer()
    shop_wide = fields.Float()
    low = fields.Float()
    high = fields.Float()


class OutcomeSchema(Answer):
    id = fields.String()
    act = fields.String()
    reason = fields.String(allow_none=True)
    undo_until = Moment()


class SuggestionSchema(Answer):
    id = fields.String()
    position = fields.Integer()
    kind = fields.String()
    sku = fields.String()
    name = fields.String()
    price = fields.Nested(PriceSchema, allow_none=True)
    difference = fields.Nested(PriceSchema, allow_none=True)
    anchor = fields.String(allow_none=True)
    popular = fields.Boolean()
    linked = fields.Boolean()
    evidence = fields.Nested(EvidenceSchema, allow_none=True)
    talk_track = fields.String()
    language = fields.String()
    stock = fields.Integer(allow_none=True)
    messages = fields.List(fields.String())
    given = fields.String(allow_none=True)
    outcome = fields.Nested(OutcomeSchema, allow_none=True)


class SuggestionsSchema(Answer):
    decision_id = fields.String(allow_none=True)
    suggestions = fields.List(fields.Nested(SuggestionSchema))
    silence = fields.String(allow_none=True, metadata={"description": "Why nothing is offered."})
    gate = fields.Nested(GateSchema, allow_none=True)
    messages = fields.List(fields.String())
    model_version = fields.String(allow_none=True)


class ActSchema(Asked):
    suggestion = Identifier(required=True)
    act = fields.String(
        required=True, validate=validate.OneOf(["offered", "accepted", "declined", "wrong_data"])
    )
    channel = fields.String(
        validate=validate.OneOf(["insert", "copy", "voice"]),
        metadata={"description": "How it was offered; needed for `offered`."},
    )
    reason = Text(most=40, about="Of a decline: one of those in policies.yaml.")
    days = fields.Integer(strict=True, validate=validate.Range(min=1, max=365))
    id = Identifier(metadata={"description": "The caller's own, new for each outcome."})


class UndoneSchema(Answer):
    id = fields.String()
    undone = fields.Boolean()
