"""What a mapping file may say, and how it is told what is wrong with it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from crm_adapters.errors import BadSettings
from crm_adapters.model import Consent, Email, Kind, OrderStatus
from crm_adapters.vendors.csvfiles.mapping import load_mapping
from tests.crm_adapters.csvfiles.shop import LINES_ONLY, MAPPING, Shop

JOINED = """
currency: EUR
country: ES
customers:
  file: customers.csv
  columns:
    id: id
    name: [last, first]
    email: [mail, mail2]
    email_verified: {constant: "yes"}
    phone: [tel, tel2]
    offers_consent: optin
    created_at: since
    language: {constant: es_ES}
  custom: {segment: seg}
order_lines:
  file: lines.csv
  columns: {order: order, customer: customer, date: date, product: sku}
"""
TWO_FILES = """
customers:
- {file: customers.csv, columns: {id: id, name: name}}
- {file: shops.csv, columns: {id: number, company: company}}
order_lines:
  file: lines.csv
  columns: {order: order, customer: customer, date: date, product: sku}
"""


def refusal(tmp_path: Path, text: str) -> str:
    path = tmp_path / "mapping.yaml"
    path.write_text(text)
    with pytest.raises(BadSettings) as refused:
        load_mapping(path)
    return str(refused.value)


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("currency: EUR", "curency: EUR", "curency: is not a setting. Did you mean 'currency'?"),
        (
            "columns: {order",
            "colums: {order",
            "order_lines[1].colums: is not a setting. Did you mean 'columns'?",
        ),
        (
            "customer: customer",
            "custmer: customer",
            "columns.custmer: is not a setting. Did you mean 'customer'?",
        ),
        ("date: date, ", "", "order_lines[1].columns.date: is needed"),
        ("currency: EUR", "", "lines.csv has prices: say `currency: EUR`"),
        ("file: lines.csv", "file: ../lines.csv", "must name a file in the folder"),
        ("file: lines.csv", "file: /etc/passwd", "must name a file in the folder"),
        ("currency: EUR", "currency: euro", "currency: must be three capitals"),
        ("currency: EUR", "currency: EUR\ntimezone: Europe/Madrit", "Did you mean 'Europe/Madrid'?"),
        ("currency: EUR", "currency: EUR\ndate_format: '%d/%q/%Y'", "is no date format"),
        ("currency: EUR", "currency: EUR\ndate_format: dd/mm/yyyy", "names no day"),
        ("currency: EUR", "currency: EUR\nencoding: utf8", "must be one of: auto, utf-8"),
        ("currency: EUR", "currency: EUR\ndecimal: ,", "line 3: this is not YAML"),
        ("currency: EUR", "currency: EUR\nstatuses: {won: [x], gone: [y]}", "must be one of: won, open"),
        ("date: date", "date: {constnat: x}", "is not a column's name"),
    ],
)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, right: str, wrong: str, told: str) -> None:
    assert right in LINES_ONLY
    assert told in refusal(tmp_path, LINES_ONLY.replace(right, wrong))


@pytest.mark.parametrize("text", ["", "- a", "just words"])
def test_what_is_no_mapping_is_refused(tmp_path: Path, text: str) -> None:
    assert "is not a table of settings" in refusal(tmp_path, text)


def test_a_missing_mapping_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"no mapping file nowhere\.yaml"):
        load_mapping(tmp_path / "nowhere.yaml")


def test_codes_are_never_taken_for_truth_values_or_numbers(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(
        LINES_ONLY.replace("currency: EUR", "currency: EUR\ncountry: NO\nskip_products: [007, 1e3]")
    )
    mapping = load_mapping(path)
    assert mapping.order_lines[0].country == "NO"
    assert mapping.skip_products == {"007", "1e3"}


def test_options_of_a_file_go_before_those_of_all(shop: Shop) -> None:
    shop.write(
        "mapping.yaml", MAPPING.replace("file: lines.csv", "file: lines.csv\n  date_format: '%d/%m/%Y'")
    )
    shop.lines("o1,c1,05/01/2026,P1,1,5,")
    assert shop.orders()[0].placed_at == datetime(2026, 1, 5, tzinfo=UTC)


def test_names_are_joined_and_other_columns_become_several_values(shop: Shop) -> None:
    shop.write(
        "customers.csv",
        "id,first,last,mail,mail2,tel,tel2,optin,since,seg\n"
        "c1,Ana,Ruiz,A@x.com,b@x.com; a@x.com,612345678,,no,2020-05-01,gold\n",
    )
    shop.write("mapping.yaml", JOINED)
    (customer, *_) = shop.customers()
    assert customer.name == "Ruiz Ana"
    assert customer.emails == (Email("a@x.com", verified=True), Email("b@x.com", verified=True))
    assert [phone.e164 for phone in customer.phones] == ["+34612345678"]
    assert customer.consents == (Consent("offers", granted=False),)
    assert customer.language == "es-ES"
    assert customer.custom == {"segment": "gold"}
    assert customer.created_at == datetime(2020, 5, 1, tzinfo=UTC)


def test_several_customer_files_are_one_list(shop: Shop) -> None:
    shop.write("shops.csv", "number,company\nr1,Bikes & Co\nc1,again\n")
    shop.write("mapping.yaml", TWO_FILES)
    assert [customer.name for customer in shop.customers()] == [
        "Ana Núñez",
        "Bo Larsen",
        "Bea Larsen",
        "Bikes & Co",
    ]
    assert shop.rejected(Kind.CUSTOMERS) == [(3, "has the number of an earlier customer")]


def test_returns_are_known_by_their_number(shop: Shop) -> None:
    shop.write("mapping.yaml", MAPPING + "return_prefix: C\n")
    shop.lines("C1,c1,2026-01-05,P1,2,5,shipped", "2,c1,2026-01-05,P1,2,5,shipped")
    returned, sold = shop.orders()
    assert returned.status is OrderStatus.REFUNDED
    assert returned.lines[0].quantity == -2
    assert sold.status is OrderStatus.WON


def test_the_time_zone_of_the_export_counts(shop: Shop) -> None:
    shop.write("mapping.yaml", MAPPING + "timezone: America/Sao_Paulo\n")
    shop.lines("o1,c1,2026-01-05 23:30,P1,1,5,", "o2,c1,2026-01-05T23:30+01:00,P1,1,5,")
    first, second = shop.orders()
    assert first.placed_at == datetime(2026, 1, 6, 2, 30, tzinfo=UTC)
    assert second.placed_at == datetime(2026, 1, 5, 22, 30, tzinfo=UTC)
