"""Figures are read beside whoever asks for them."""

from sqlalchemy import update

from assist.models.mirror import Product
from assist.services.desk import Desk
from assist.services.figures import FiguresShelf
from tests.assist.web.shops import open_shop


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def sell_out(desk: Desk) -> None:
    with desk.database.writing() as session:
        session.execute(update(Product).values(stock=0))


def add_product(desk: Desk) -> None:
    shop = open_shop(desk)
    with desk.database.writing() as session:
        session.add(
            Product(connection_id=shop.id, ref="P1", digest="", sku="CASE-1", name="Case", prices={}, stock=3)
        )


def test_old_figures_serve_until_new_ones_are_read(desk: Desk) -> None:
    add_product(desk)
    seconds = Seconds()
    shelf = FiguresShelf(desk.database, seconds=30, monotonic=seconds)
    assert shelf.current().unavailable == frozenset()
    sell_out(desk)
    seconds.now = 29.0
    assert shelf.current().unavailable == frozenset()
    seconds.now = 30.0
    shelf.current()
    shelf.settle()
    assert shelf.current().unavailable == {"CASE-1"}


def test_what_did_not_change_stays_the_same_set(desk: Desk) -> None:
    add_product(desk)
    sell_out(desk)
    seconds = Seconds()
    shelf = FiguresShelf(desk.database, seconds=30, monotonic=seconds)
    before = shelf.current()
    seconds.now = 30.0
    shelf.current()
    shelf.settle()
    assert shelf.current() is not before
    assert shelf.current().unavailable is before.unavailable


def test_a_database_that_is_away_leaves_the_old_figures(desk: Desk) -> None:
    seconds = Seconds()
    shelf = FiguresShelf(desk.database, seconds=30, monotonic=seconds)
    before = shelf.current()
    Product.metadata.tables[Product.__tablename__].drop(desk.database.engine)
    seconds.now = 31.0
    shelf.current()
    shelf.settle()
    assert shelf.current() is before
