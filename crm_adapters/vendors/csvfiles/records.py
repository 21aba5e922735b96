"""One row of a file to one record. A refused row raises CellError; a doubtful cell is only remarked on."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache, partial
from typing import TypeVar
from zoneinfo import ZoneInfo

from crm_adapters.model import Consent, Customer, Email, Money, Phone, Product
from crm_adapters.phones import parse as parse_phone
from crm_adapters.vendors.csvfiles.cells import (
    CellError,
    country_reader,
    read_currency,
    read_language,
    read_moment,
    read_number,
    read_yes_no,
    show_moment,
)
from crm_adapters.vendors.csvfiles.mapping import Column
from crm_adapters.vendors.csvfiles.table import Getter, Table

T = TypeVar("T")
Reader = Callable[[list[str]], T | None]
REGISTERS = frozenset({"formal", "neutral", "informal"})


def reader(table: Table, field: str, parse: Callable[[str], T]) -> Reader[T]:
    """None for an empty cell and for a field that the mapping leaves out."""
    getter = table.getter(field)
    if getter is None:
        return lambda _: None
    remembered = lru_cache(1 << 12)(parse)
    label = field_label(table, field)

    def read(cells: list[str]) -> T | None:
        text = getter(cells)
        try:
            return remembered(text) if text else None
        except CellError as error:
            raise CellError(f"{label} {error}") from None

    return read


def field_label(table: Table, field: str) -> str:
    names = table.mapping.columns[field].names
    return f"{field} (column {', '.join(names)})" if names else field


def text_getter(table: Table, field: str) -> Getter:
    return table.getter(field) or (lambda _: "")


def number_reader(table: Table, field: str) -> Reader[Decimal]:
    return reader(table, field, partial(read_number, decimal=table.mapping.decimal))


def moment_reader(table: Table, field: str) -> Reader[int]:
    return reader(table, field, moment_parser(table))


def moment_parser(table: Table) -> Callable[[str], int]:
    zone = UTC if table.mapping.timezone == "UTC" else ZoneInfo(table.mapping.timezone)
    return partial(read_moment, formats=table.mapping.date_formats, zone=zone)


def read_money(amount: str, currency: str, *, decimal: str) -> Money | None:
    """None without an amount."""
    if not amount:
        return None
    number = read_number(amount, decimal=decimal)
    if number < 0:
        raise CellError("is negative")
    if not currency:
        raise CellError("has no currency beside it")
    return Money(number, read_currency(currency))


class ProductReader:
    def __init__(self, table: Table) -> None:
        self._texts = {
            field: text_getter(table, field)
            for field in ("id", "sku", "name", "family", "category", "description")
        }
        self._decimal = table.mapping.decimal
        self._amount, self._currency = text_getter(table, "price"), text_getter(table, "currency")
        self._tier, self._stock = number_reader(table, "tier"), number_reader(table, "stock")
        self._active = reader(table, "active", read_yes_no)
        self._updated_at = moment_reader(table, "updated_at")

    def __call__(self, cells: list[str]) -> Product:
        ref, sku, name, family, category, description = (get(cells) for get in self._texts.values())
        if not ref:
            raise CellError("has no product number")
        price = self._read_price(cells)
        tier, stock = self._tier(cells), self._stock(cells)
        updated_at = self._updated_at(cells)
        return Product(
            ref=ref,
            sku=sku or ref,
            name=name or sku or ref,
            family=family or None,
            category=category or None,
            tier=None if tier is None else int(tier),
            prices=(price,) if price else (),
            active=self._active(cells) is not False,
            stock=None if stock is None else int(stock),
            description=description,
            updated_at=None if updated_at is None else show_moment(updated_at),
        )

    def _read_price(self, cells: list[str]) -> Money | None:
        try:
            return read_money(self._amount(cells), self._currency(cells), decimal=self._decimal)
        except CellError as error:
            raise CellError(f"price {error}") from None


class CustomerReader:
    """Gives the customer and remarks on cells that were left out of it."""

    def __init__(self, table: Table, countries: Mapping[str, str]) -> None:
        self._texts = {
            field: text_getter(table, field)
            for field in ("id", "name", "given_name", "family_name", "company", "register", "language")
        }
        self._emails, self._phones = table.getters("email"), table.getters("phone")
        self._home = table.mapping.country
        self._country = reader(table, "country", country_reader(countries))
        self._verified = reader(table, "email_verified", read_yes_no)
        self._consent = reader(table, "offers_consent", read_yes_no)
        self._created, self._updated = moment_reader(table, "created_at"), moment_reader(table, "updated_at")
        self._custom = _named_getters(table, table.mapping.custom)
        self._ids = _named_getters(table, table.mapping.declared_ids)

    def __call__(self, cells: list[str]) -> tuple[Customer, list[str]]:
        ref, name, given, family, company, register, language = (get(cells) for get in self._texts.values())
        if not ref:
            raise CellError("has no customer number")
        remarks: list[str] = []
        country = self._country(cells)
        customer = Customer(
            ref=ref,
            name=name or f"{given} {family}".strip() or company or ref,
            given_name=given,
            family_name=family,
            emails=self._read_emails(cells, remarks),
            phones=self._read_phones(cells, country),
            language=read_language(language),
            country=country,
            company=company or None,
            register=register.lower() if register.lower() in REGISTERS else None,
            declared_ids={name: text for name, get in self._ids.items() if (text := get(cells))},
            consents=self._read_consents(cells, remarks),
            custom={name: text for name, get in self._custom.items() if (text := get(cells))},
            created_at=_moment(self._created, cells, remarks),
            updated_at=_moment(self._updated, cells, remarks),
        )
        return customer, remarks

    def _read_emails(self, cells: list[str], remarks: list[str]) -> tuple[Email, ...]:
        verified = _or_remark(self._verified, cells, remarks) is True
        written = [text for get in self._emails for text in re.split(r"[;,\s]+", get(cells)) if text]
        addresses = [text.lower() for text in written if re.fullmatch(r"[^@]+@[^@]+", text)]
        if len(addresses) < len(written):
            remarks.append("email is no address: kept without it")
        return tuple(Email(address, verified=verified) for address in dict.fromkeys(addresses))

    def _read_phones(self, cells: list[str], country: str | None) -> tuple[Phone, ...]:
        written = [text for get in self._phones if (text := get(cells))]
        return tuple(parse_phone(text, country=country or self._home) for text in dict.fromkeys(written))

    def _read_consents(self, cells: list[str], remarks: list[str]) -> tuple[Consent, ...]:
        granted = _or_remark(self._consent, cells, remarks)
        return () if granted is None else (Consent("offers", granted=granted),)


def _named_getters(table: Table, columns: Mapping[str, Column]) -> dict[str, Getter]:
    return {name: table.column_getter(column) for name, column in columns.items()}


def _or_remark(read: Reader[T], cells: list[str], remarks: list[str]) -> T | None:
    try:
        return read(cells)
    except CellError as error:
        remarks.append(f"{error}: kept without it")
        return None


def _moment(read: Reader[int], cells: list[str], remarks: list[str]) -> datetime | None:
    microseconds = _or_remark(read, cells, remarks)
    return None if microseconds is None else show_moment(microseconds)
