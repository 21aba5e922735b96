import gzip
from pathlib import Path

import numpy as np
import pytest

from recommender.catalogue import read_catalogue
from recommender.errors import PurchasesError
from recommender.purchases import read_purchases

HEADER = "customer_id,order_id,ts,product_id,quantity,unit_price,country\n"


def write(path: Path, text: str) -> Path:
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["sales.csv", "sales.csv.gz"])
def test_lines_become_interactions(tmp_path: Path, name: str) -> None:
    text = HEADER + "b,2,2024-01-02 12:00:00,q,2,9.5,PT\na,1,2024-01-01,p,1,,ES\na,1,2024-01-01,p,2,3,ES\n"
    data = read_purchases(write(tmp_path / name, text))
    assert (data.customers, data.products) == (("a", "b"), ("p", "q"))
    assert data.customer.tolist() == [0, 1]
    assert data.quantity.tolist() == [3, 2]
    assert np.diff(data.day).tolist() == [1.5]


def test_what_is_no_purchase_is_counted(tmp_path: Path) -> None:
    text = (
        HEADER + "a,1,2024-01-01,p,1,1,\na,1,2024-01-01,p,-1,1,\n,1,2024-01-01,p,1,1,\na,1,2024-01-01,,1,1,\n"
    )
    data = read_purchases(write(tmp_path / "sales.csv", text))
    assert len(data) == 1
    assert str(data.left_out) == "1 returns, 1 without customer, 1 without product"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty file"),
        ("customer_id,order_id,ts,quantity,unit_price\n", "line 1: no column product_id"),
        (HEADER + "a,1,2024-01-01,p,1,1,\na,1,31/12/2024,p,1,1,\n", "line 3: unreadable date '31/12/2024'"),
        (HEADER + 'a,1,2024-01-01,p,1,"9,95",\n', "line 2: .*with a point"),
        (HEADER + "a,1\n", "line 2: 2 fields where the header has 7"),
    ],
)
def test_bad_files_are_refused_with_line_and_remedy(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path / "sales.csv", text)
    with pytest.raises(PurchasesError, match=message) as caught:
        read_purchases(path)
    assert str(path) in str(caught.value)


def test_another_encoding_is_named(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    path.write_bytes((HEADER + "José,1,2024-01-01,p,1,1,\n").encode("latin-1"))
    with pytest.raises(PurchasesError, match="not UTF-8"):
        read_purchases(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PurchasesError, match=r"nowhere\.csv: cannot be read"):
        read_purchases(tmp_path / "nowhere.csv")


def test_a_catalogue_needs_only_ids(tmp_path: Path) -> None:
    catalogue = read_catalogue(write(tmp_path / "products.csv", "product_id\np\n"))
    item = catalogue.find("p")
    assert item is not None
    assert (item.price, item.family) == (None, None)


def test_prices_are_listed_or_else_the_median_paid(tmp_path: Path) -> None:
    lines = "".join(f"c{n},{n},2024-01-01,{product},1,{n},\n" for n in (1, 2, 6) for product in "pq")
    data = read_purchases(write(tmp_path / "sales.csv", HEADER + lines + "c,9,2024-01-01,r,1,,\n"))
    products = write(tmp_path / "products.csv", "product_id,list_price,family\np,5,f\nq,,\n")
    catalogue = read_catalogue(products)
    assert catalogue.prices(data)[:2].tolist() == [5, 2]
    assert np.isnan(catalogue.prices(data)[2])
    assert catalogue.families(data.products)[1].tolist() == [0, -1, -1]
