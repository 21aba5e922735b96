"""What the API's schemas are made of."""

import unicodedata
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

LARGEST_WHOLE = 2**31 - 1
"""Of a number that names a record."""
UNSEEN = frozenset({"Cc", "Cs"})
PATTERN = "^[^\\u0000-\\u001f\\u007f-\\u009f]*$"


class Asked(Schema):
    """A body or a query."""

    class Meta:
        unknown = RAISE


class Answer(Schema):
    """Every field is always there; one that may be unknown is null then."""

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:  # noqa: ARG002 - marshmallow's signature
        field_obj.required = True


class Text(fields.String):
    """Bounded, and without control signs: a database may refuse them, and nobody sees them."""

    def __init__(self, *, least: int = 1, most: int, about: str | None = None, **options: Any) -> None:
        bounds = validate.Length(min=least, max=most)
        told = {"pattern": PATTERN, **({"description": about} if about else {})}
        super().__init__(validate=(bounds, _refuse_unseen), metadata=told, **options)


class Identifier(fields.String):
    """32 hexadecimal digits."""

    def __init__(self, **options: Any) -> None:
        super().__init__(validate=validate.Regexp(r"^[0-9a-f]{32}$"), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> Any:
        # Python's $ also stands before a line's end.
        if isinstance(value, str) and value.endswith("\n"):
            raise ValidationError("String does not match expected pattern.")
        return super()._deserialize(value, attr, data, **options)


class Number(fields.Integer):
    """Of a record."""

    def __init__(self, **options: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(min=1, max=LARGEST_WHOLE), **options)


class Moment(fields.AwareDateTime):
    """ISO 8601 with its offset, in UTC from here on."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> datetime:
        found = super()._deserialize(value, attr, data, **options)
        try:
            return found.astimezone(UTC)
        except OverflowError:
            raise ValidationError("That moment is out of reach.") from None


class Amount(fields.String):
    """A decimal number as text, so that nothing is rounded on the way."""

    def _serialize(self, value: Decimal | None, attr: str | None, obj: Any, **_options: Any) -> str | None:  # type: ignore[override]  # noqa: ARG002 - marshmallow's signature
        return None if value is None else f"{value.normalize():f}"


class PriceSchema(Answer):
    amount = Amount()
    currency = fields.String()


class ProblemSchema(Schema):
    """RFC 9457."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    request_id = fields.String(
        required=True, metadata={"description": "Also in the header X-Request-Id, and in our log."}
    )
    errors = fields.Dict(
        keys=fields.String(), metadata={"description": "Of a body or query: what is wrong, by field."}
    )


def _refuse_unseen(text: str) -> None:
    if any(unicodedata.category(sign) in UNSEEN for sign in text):
        raise ValidationError("It must not hold control characters.")
