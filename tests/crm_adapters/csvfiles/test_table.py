"""Files as they come: encodings, delimiters, bad rows. Each is reported, none stops the others."""

import gzip

import pytest

from crm_adapters.errors import BadSettings
from crm_adapters.model import Kind
from tests.crm_adapters.csvfiles.shop import CUSTOMERS, LINES, MAPPING, Shop

ACCENTED = "id,name,email,phone,country\nc1,José Muñoz,,,\nc2,Zoë,,,\nc3,Plain,,,\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16"])
@pytest.mark.parametrize("declared", [False, True])
def test_every_usual_encoding_is_read(shop: Shop, encoding: str, declared: bool) -> None:
    shop.write("customers.csv", ACCENTED.encode(encoding))
    if declared:
        shop.write("mapping.yaml", MAPPING.replace("customers:", f"customers:\n  encoding: {encoding}"))
    assert [customer.name for customer in shop.customers()] == ["José Muñoz", "Zoë", "Plain"]


@pytest.mark.parametrize(
    ("written", "declared", "better"),
    [("latin-1", "utf-8", "latin-1"), ("utf-8", "latin-1", "utf-8"), ("utf-16", "utf-8", "utf-16")],
)
def test_a_wrong_encoding_of_the_whole_file_is_fatal(
    shop: Shop, written: str, declared: str, better: str
) -> None:
    shop.write("customers.csv", ACCENTED.encode(written))
    shop.write("mapping.yaml", MAPPING.replace("customers:", f"customers:\n  encoding: {declared}"))
    with pytest.raises(BadSettings, match=f"customers.csv is not {declared}.*say `encoding: {better}`"):
        shop.customers()


def test_one_line_of_foreign_bytes_is_rejected(shop: Shop) -> None:
    shop.write("customers.csv", CUSTOMERS.encode() + b"c4,Jos\xe9,,,\n" + "c5,Zoë,,,\n".encode())
    assert [customer.ref for customer in shop.customers()] == ["c1", "c2", "c3", "c5"]
    assert shop.rejected(Kind.CUSTOMERS) == [(5, "has bytes that are not utf-8 text")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(shop: Shop, delimiter: str) -> None:
    shop.write("lines.csv", LINES.replace(",", delimiter))
    assert len(shop.orders()) == 3


def test_packed_files_and_windows_line_ends_are_read(shop: Shop) -> None:
    shop.write("lines.csv.gz", gzip.compress(LINES.replace("\n", "\r\n").encode()))
    shop.write("mapping.yaml", MAPPING.replace("lines.csv", "lines.csv.gz"))
    assert len(shop.orders()) == 3


def test_a_decimal_comma_is_declared(shop: Shop) -> None:
    shop.write("mapping.yaml", MAPPING + 'decimal: ","\n')
    shop.write("products.csv", "sku;title;family;price\nP1;Phone;;1.234,50\nP2;Case;;19,9\n")
    shop.write("lines.csv", LINES.replace(",", ";").replace(".00", ",00").replace(".90", ",90"))
    assert [str(product.prices[0].amount) for product in shop.products()] == ["1234.50", "19.9"]
    assert str(shop.orders()[0].lines[1].unit_price) == "Money(amount=Decimal('19.90'), currency='EUR')"


BAD_ROWS = [
    (",c1,2026-01-05,P1,1,5,", "has no order number"),
    ("o9,,2026-01-05,P1,1,5,", "has no customer number"),
    ("o9,c1,2026-01-05,,1,5,", "has no product number"),
    ("o9,c1,,P1,1,5,", "date (column date) is empty"),
    ("o9,c1,31/31/2026,P1,1,5,", "date (column date) is not a date (ISO, as 2026-01-31)"),
    ("o9,c1,2026-02-30,P1,1,5,", "date (column date) is not a date (ISO, as 2026-01-31)"),
    ("o9,c1,2026-01-05,P1,x,5,", "quantity (column qty) is not a number"),
    ("o9,c1,2026-01-05,P1,,5,", "quantity (column qty) is empty"),
    ("o9,c1,2026-01-05,P1,NaN,5,", "quantity (column qty) is not a usable number"),
    ("o9,c1,2026-01-05,P1,1,-5,", "unit_price (column price) is negative"),
    ("o9,c1,2026-01-05,P1,1,5", "has 6 columns where the header has 7"),
    ("o9,c1,2026-01-05,P1,1,5,,", "has 8 columns where the header has 7"),
    ('o9,"c1"x,2026-01-05,P1,1,5,', "is not CSV: a quote in the wrong place, or far too long"),
    ("o9,c1,2026-01-05,P\x001,1,5,", "has bytes that are not utf-8 text"),
    ("o1,c2,2026-01-05,P1,1,5,", "names another customer than the order's first line"),
]


@pytest.mark.parametrize(("row", "reason"), BAD_ROWS)
def test_a_bad_row_is_reported_and_the_others_read(shop: Shop, row: str, reason: str) -> None:
    shop.lines("o1,c1,2026-01-05,P1,1,5,", row, "o2,c1,2026-01-05,P1,1,5,")
    assert [order.ref for order in shop.orders()] == ["o1", "o2"]
    assert shop.rejected() == [(3, reason)]


def test_a_quote_left_open_costs_only_its_own_lines(shop: Shop) -> None:
    shop.lines(
        "o1,c1,2026-01-05,P1,1,5,",
        'o2,c1,2026-01-05,P1,1,5,"',
        'o3,c1,2026-01-05,"P1",1,5,',
        "o4,c1,2026-01-05,P1,1,5,",
    )
    assert [order.ref for order in shop.orders()] == ["o1", "o4"]
    assert shop.rejected() == [
        (3, "opens a quote that is not closed in its place: lines 3 to 4 cannot be read")
    ]


def test_a_quote_left_open_at_the_end_is_reported(shop: Shop) -> None:
    shop.lines("o1,c1,2026-01-05,P1,1,5,", 'o2,c1,2026-01-05,P1,1,5,"', "o3,c1,2026-01-05,P1,1,5,")
    assert [order.ref for order in shop.orders()] == ["o1"]
    assert [line for line, _ in shop.rejected()] == [3]


def test_a_cell_may_hold_line_ends(shop: Shop) -> None:
    shop.lines('o1,c1,2026-01-05,P1,1,5,"a\nb"', "o2,c1,x,P1,1,5,")
    assert shop.orders()[0].raw_status == "a\nb"
    assert [line for line, _ in shop.rejected()] == [4]


def test_lines_of_unknown_products_and_customers_are_kept_and_reported(shop: Shop) -> None:
    shop.lines("o1,c9,2026-01-05,P9,1,5,")
    (order,) = shop.orders()
    assert (order.lines[0].product_ref, order.lines[0].name) == (None, "P9")
    assert order.customer_ref in {customer.ref for customer in shop.customers()}
    assert [reason for _, reason in shop.rejected()] == [
        "names a product that no products file lists: kept without it",
        "names a customer that no customers file lists: kept by number only",
    ]


def test_customers_and_products_listed_twice_are_kept_once(shop: Shop) -> None:
    shop.write("customers.csv", CUSTOMERS + "c1,Other,,,\n")
    shop.write("products.csv", "sku,title,family,price\nP1,A,,1\nP1,B,,2\nP2,C,,-1\n")
    assert [customer.name for customer in shop.customers()] == ["Ana Núñez", "Bo Larsen", "Bea Larsen"]
    assert [product.name for product in shop.products()] == ["A"]
    assert shop.rejected(Kind.CUSTOMERS) == [(5, "has the number of an earlier customer")]
    assert shop.rejected(Kind.PRODUCTS) == [
        (3, "has the number of an earlier product"),
        (4, "price is negative"),
    ]


def test_reasons_hold_nothing_of_the_rows(shop: Shop) -> None:
    shop.write(
        "customers.csv", CUSTOMERS + "c4,MARKER,MARKER,MARKER,MARKER\nc4,MARKER,,,\nMARKER\n,MARKER,,,\n"
    )
    shop.lines(
        *(
            "MARKER".join(cells)
            for cells in (["", ",c1,x,P1,1,5,"], ["o1,c1,", ",P1,1,5,"], ["o1,c1,2026-01-05,P1,", ",5,"])
        )
    )
    told = [reason for kind in (Kind.CUSTOMERS, Kind.ORDERS) for _, reason in shop.rejected(kind)]
    assert len(told) >= 6
    assert not any("MARKER" in reason for reason in told)


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [
        ("lines.csv", "", "lines.csv is empty"),
        ("lines.csv", "\n", "lines.csv is empty"),
        ("lines.csv", None, "There is no readable file lines.csv"),
        (
            "lines.csv",
            LINES.replace("qty,", "quantity,"),
            "no column 'qty', which the mapping gives for quantity",
        ),
        ("lines.csv", LINES.replace("price,", "Price,"), "no column 'price'.*Did you mean 'Price'"),
        ("lines.csv", LINES.replace("sku,", "qty,"), "2 columns called 'qty'|no column 'sku'"),
        ("customers.csv", CUSTOMERS.replace("email,", "e-mail,"), "Did you mean 'e-mail'"),
    ],
)
def test_what_makes_a_file_unusable_is_told(shop: Shop, file: str, text: str | None, told: str) -> None:
    if text is None:
        (shop.folder / file).unlink()
    else:
        shop.write(file, text)
    with pytest.raises(BadSettings, match=told):
        shop.orders()


def test_a_header_alone_is_an_empty_shop(shop: Shop) -> None:
    shop.lines()
    assert shop.orders() == []
    assert "lines.csv has a header and no rows" in [
        f"{finding.name} {finding.message}" for finding in shop.adapter().check().findings
    ]
