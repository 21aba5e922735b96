"""What a Tryton holds, and what its user may do with it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NoReturn

from crm_adapters.fakes.store import Row
from crm_adapters.fakes.vendors.tryton import filling
from crm_adapters.fakes.vendors.tryton.database import Database
from crm_adapters.fakes.vendors.tryton.wire import Failed

CATALOGUE = ("product.product", "product.template", "product.category", "res.user", "ir.model.access")
"""Which people of sales may read, and not change."""
CHANGES = ("write", "create", "delete")


class Office:
    def __init__(self, now: Callable[[], datetime]) -> None:
        self.database = Database(now)
        self.administrator = False
        self.company: int | None = 1
        self.denied = {(model, mode) for model in CATALOGUE for mode in CHANGES}
        """What the user has no right to: a model, and read, write, create or delete."""
        self.taxes: list[int] = []
        """On every new line of a sale."""
        filling.furnish(self.database)

    def require(self, model: str, mode: str) -> None:
        """In words, for whoever sits before the client; nothing tells it from a value that is refused."""
        if not self.allows(model, mode):
            sentence = f'You are not allowed to access "{model}".'
            raise Failed("UserError", [sentence, "Within groups: Sales", None])

    def allows(self, model: str, mode: str) -> bool:
        return self.administrator or (model, mode) not in self.denied

    def require_row(self, model: str, number: Any) -> Row:
        row = self.database.get(model, number)
        if row is None:
            refuse(f'You are trying to read records "{number}" of "{model}" that don\'t exist.')
        return row


def refuse(sentence: str) -> NoReturn:
    raise Failed("UserError", [sentence, "", None])
