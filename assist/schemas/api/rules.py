"""Releases of what is said to whom."""

from marshmallow import fields

from assist.schemas.api.parts import Answer, Asked, Moment, Text


class ListedReleaseSchema(Answer):
    digest = fields.String(metadata={"description": "Or `shipped`, of what ships with the product."})
    note = fields.String()
    imported_at = Moment(allow_none=True)
    approved_at = Moment(allow_none=True)
    in_force = fields.Boolean()
    simulated_at = Moment(allow_none=True, metadata={"description": "Against what is in force now."})


class ReleasesSchema(Answer):
    releases = fields.List(fields.Nested(ListedReleaseSchema))


class ReleaseSchema(Answer):
    digest = fields.String()
    document = fields.Dict(
        keys=fields.String(),
        metadata={"description": "By file. The order of fields counts: do not sort them."},
    )


class NewReleaseSchema(Asked):
    document = fields.Dict(keys=fields.String(), required=True)
    note = Text(least=0, most=500, load_default="")


class ImportedSchema(Answer):
    digest = fields.String()
    new = fields.Boolean(metadata={"description": "False: the same content was there already."})


class DigestSchema(Answer):
    digest = fields.String(
        allow_none=True, metadata={"description": "Null: what ships with the product is in force."}
    )


class ActivateSchema(Asked):
    begins_at = Moment(metadata={"description": "Else now."})
    why = Text(least=0, most=500, load_default="")


class WhySchema(Asked):
    why = Text(least=0, most=500, load_default="")


class SimulationSchema(Answer):
    release = fields.String()
    against = fields.String()
    made_at = Moment()
    report = fields.Dict(keys=fields.String())
