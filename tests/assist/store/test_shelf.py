"""What can be sold now, where several connections may sell the same thing."""

from assist.services.desk import Desk
from assist.services.sync import sync
from assist.store.shelf import find_products, list_unavailable
from crm_adapters.model import Kind, Product
from tests.assist.crms import connect, product
from tests.assist.databases import on_both_databases


def stock(desk: Desk, name: str, *products: Product) -> None:
    connect(desk, name).put(*products)
    sync(desk, name)


def unavailable(desk: Desk) -> list[str]:
    with desk.database.reading() as session:
        return sorted(list_unavailable(session))


@on_both_databases
def test_inactive_sold_out_and_deleted_products_are_not_sold(desk: Desk) -> None:
    shop = connect(desk)
    shop.put(product("HERE"), product("LEFT", stock=1), product("OUT", stock=0), product("OLD", active=False))
    shop.put(product("GONE"))
    sync(desk, "shop")
    shop.crm.delete(Kind.PRODUCTS, "GONE")
    sync(desk, "shop")
    assert unavailable(desk) == ["GONE", "OLD", "OUT"]


@on_both_databases
def test_one_connection_that_sells_it_is_enough(desk: Desk) -> None:
    stock(desk, "old shop", product("A", sku="CASE", active=False), product("B", sku="GLASS", stock=0))
    stock(desk, "new shop", product("C", sku="CASE"), product("D", sku="GLASS", active=False))
    assert unavailable(desk) == ["GLASS"]
    with desk.database.reading() as session:
        assert find_products(session, ["CASE"])["CASE"].active
