"""One row of an order lines file to a line of the index. Made for millions: each text is understood once."""

from collections.abc import Callable
from functools import lru_cache, partial
from typing import TypeVar

from crm_adapters.model import OrderStatus
from crm_adapters.vendors.csvfiles.cells import CellError, country_reader, read_number
from crm_adapters.vendors.csvfiles.mapping import FilesMapping
from crm_adapters.vendors.csvfiles.records import field_label, moment_parser, read_money
from crm_adapters.vendors.csvfiles.schema import LINE_FIELDS
from crm_adapters.vendors.csvfiles.table import Table

T = TypeVar("T")
LineRow = tuple[str | int | None, ...]
_REMEMBERED = 1 << 14
"""How many distinct texts of a column keep their value: dates, prices and quantities repeat."""


class LineReader:
    """Gives the columns of the table `lines` after `source` and `line`; refuses a row with CellError."""

    def __init__(self, table: Table, mapping: FilesMapping) -> None:
        self._pick = table.picker(LINE_FIELDS)
        self._skip, self._prefix = mapping.skip_products, mapping.return_prefix
        self._quantity = _remembered(table, "quantity", partial(_read_quantity, table))
        self._price = _remembered(table, "unit_price", partial(_read_price, table))
        self._status = lru_cache(_REMEMBERED)(partial(_read_status, mapping))
        self._country = lru_cache(_REMEMBERED)(country_reader(mapping.countries))
        self._date, self._promised, self._delivered, self._updated = (
            _remembered(table, field, partial(_read_moment, moment_parser(table), needed=field == "date"))
            for field in ("date", "promised_at", "delivered_at", "updated_at")
        )

    def __call__(self, cells: list[str]) -> LineRow:
        (
            order, customer, product, date, quantity, price, currency, name, status, line, country,
            promised, delivered, updated,
        ) = self._pick(cells)  # fmt: skip
        order, customer, product = order.strip(), customer.strip(), product.strip()
        if not (order and customer and product):
            raise CellError(f"has no {_first_missing(order, customer)} number")
        if product in self._skip:
            raise CellError(f"{product} is no product, says skip_products")
        returned = bool(self._prefix) and order.startswith(self._prefix)
        return (
            order,
            customer,
            self._date(date),
            product,
            name.strip(),
            self._quantity(quantity, returned),
            *self._price(price, currency),
            *self._status(status, returned),
            line.strip(),
            self._country(country),
            self._promised(promised),
            self._delivered(delivered),
            self._updated(updated),
        )


def _remembered(table: Table, field: str, read: Callable[..., T]) -> Callable[..., T]:
    @lru_cache(_REMEMBERED)
    def named(*texts: str) -> T:
        try:
            return read(*texts)
        except CellError as error:
            raise CellError(f"{field_label(table, field)} {error}") from None

    return named


def _first_missing(order: str, customer: str) -> str:
    if not order:
        return "order"
    return "product" if customer else "customer"


def _read_moment(parse: Callable[[str], int], text: str, *, needed: bool) -> int | None:
    if not text.strip():
        if needed:
            raise CellError("is empty")
        return None
    return parse(text.strip())


def _read_quantity(table: Table, text: str, returned: bool) -> str:  # noqa: FBT001 - cached by position
    if not text.strip():
        if "quantity" in table.mapping.columns:
            raise CellError("is empty")
        text = "1"
    quantity = read_number(text.strip(), decimal=table.mapping.decimal)
    return str(-abs(quantity) if returned else quantity)


def _read_price(table: Table, amount: str, currency: str) -> tuple[str | None, str | None]:
    money = read_money(amount.strip(), currency.strip(), decimal=table.mapping.decimal)
    return (str(money.amount), money.currency) if money else (None, None)


def _read_status(mapping: FilesMapping, word: str, returned: bool) -> tuple[str, str]:  # noqa: FBT001 - as above
    """Our word and the file's."""
    word = word.strip()
    understood = mapping.statuses.get(word.lower(), OrderStatus.UNKNOWN) if word else mapping.default_status
    return (OrderStatus.REFUNDED if returned else understood).value, word
