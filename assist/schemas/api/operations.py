"""How connections and the outbox stand."""

from marshmallow import fields, validate

from assist.schemas.api.parts import LARGEST_WHOLE, Answer, Asked, Moment, Text
from assist.store.outbox import STATES


class KindSchema(Answer):
    kind = fields.String()
    rows = fields.Integer()
    changed = fields.Integer()
    rejected = fields.Integer()
    running_since = Moment(allow_none=True)
    finished_at = Moment(allow_none=True)
    error = fields.String(allow_none=True)
    through_at = Moment(
        allow_none=True, metadata={"description": "Up to when it is complete; null where that is unknown."}
    )


class WebhookSchema(Answer):
    deliveries = fields.Integer()
    received_at = Moment(allow_none=True)
    refused = fields.Integer()
    refused_at = Moment(allow_none=True)
    waiting = fields.Integer()
    cause = fields.String(allow_none=True)


class ConnectionSchema(Answer):
    name = fields.String()
    adapter = fields.String()
    enabled = fields.Boolean()
    writes = fields.Boolean()
    shadow = fields.Boolean()
    notes_first = fields.Boolean()
    failing = fields.Boolean()
    running = fields.Boolean()
    synced_at = Moment(allow_none=True)
    kinds = fields.List(fields.Nested(KindSchema))
    webhook = fields.Nested(WebhookSchema, allow_none=True)
    lost_fields = fields.Integer(
        attribute="lost", metadata={"description": "Mapped ones that the CRM has no more."}
    )
    outbox = fields.Dict(
        attribute="counts",
        keys=fields.String(),
        values=fields.Integer(),
        metadata={"description": "Entries by state."},
    )


class ConnectionsSchema(Answer):
    connections = fields.List(fields.Nested(ConnectionSchema))


class OutboxQuerySchema(Asked):
    state = fields.String(validate=validate.OneOf(STATES))
    cause = Text(most=60, about="The kind of failure, as Unavailable.")
    attempts = fields.Integer(
        validate=validate.Range(min=0, max=LARGEST_WHOLE),
        metadata={"description": "At least as many."},
    )
    until = Moment(metadata={"description": "Written at or before."})
    before = fields.Integer(
        validate=validate.Range(min=1, max=LARGEST_WHOLE),
        metadata={"description": "What the page before said."},
    )


class EntrySchema(Answer):
    id = fields.Integer()
    connection = fields.String()
    customer_ref = fields.String(metadata={"description": "The customer's id in that CRM."})
    act = fields.String()
    product = fields.String()
    deal = fields.String()
    state = fields.String()
    attempts = fields.Integer()
    cause = fields.String(allow_none=True)
    created_at = Moment()
    due_at = Moment()
    delivered_at = Moment(allow_none=True)
    record_ref = fields.String(allow_none=True)
    may_replay = fields.Boolean()


class EntriesSchema(Answer):
    entries = fields.List(fields.Nested(EntrySchema), attribute="rows")
    before = fields.Integer(
        allow_none=True, metadata={"description": "What to ask for the next page with; null on the last."}
    )
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())


class ReplayedSchema(Answer):
    id = fields.Integer()
    replayed = fields.Boolean()
