"""A small shop's exports, written into a test's folder."""

from dataclasses import dataclass
from pathlib import Path

from crm_adapters.model import Customer, Kind, Order, Product, RejectedRow, SyncCursor
from crm_adapters.testing.listing import list_pages
from crm_adapters.vendors.csvfiles import Adapter

CUSTOMERS = """id,name,email,phone,country
c1,Ana Núñez,Ana@Example.com,(11) 99123-4567,Brasil
c2,Bo Larsen,both@example.com,,DK
c3,Bea Larsen,both@example.com,,DK
"""
PRODUCTS = """sku,title,family,price
P1,Phone,phones,500.00
P2,Case,cases,
"""
LINES = """order,customer,date,sku,qty,price,state
o1,c1,2026-01-05 10:00,P1,1,500.00,shipped
o1,c1,2026-01-05 10:00,P2,2,19.90,shipped
o2,c1,2026-02-05,P1,-1,500.00,returned
o3,c2,2026-01-07,P2,1,19.90,odd
"""
MAPPING = """
currency: EUR
country: BR
customers:
  file: customers.csv
  columns: {id: id, name: name, email: email, phone: phone, country: country}
products:
  file: products.csv
  columns: {id: sku, name: title, family: family, price: price}
order_lines:
  file: lines.csv
  columns:
    {order: order, customer: customer, date: date, product: sku, quantity: qty, unit_price: price,
     status: state}
statuses:
  won: [Shipped, delivered]
  refunded: returned
"""
LINES_ONLY = """
currency: EUR
order_lines:
  file: lines.csv
  columns: {order: order, customer: customer, date: date, product: sku, quantity: qty, unit_price: price}
"""


@dataclass(frozen=True, slots=True)
class Shop:
    folder: Path

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def lines(self, *rows: str) -> None:
        self.write(
            "lines.csv", "order,customer,date,sku,qty,price,state\n" + "".join(f"{row}\n" for row in rows)
        )

    def adapter(self, **settings: str) -> Adapter:
        return Adapter(Adapter.load_settings({"path": str(self.folder), **settings}))

    def read(self, kind: Kind, cursor: SyncCursor | None = None) -> tuple[list[object], list[RejectedRow]]:
        pages = list_pages(self.adapter(), kind, cursor)
        return [item for page in pages for item in page.items], [
            row for page in pages for row in page.rejected
        ]

    def orders(self) -> list[Order]:
        return [item for item in self.read(Kind.ORDERS)[0] if isinstance(item, Order)]

    def products(self) -> list[Product]:
        return [item for item in self.read(Kind.PRODUCTS)[0] if isinstance(item, Product)]

    def customers(self) -> list[Customer]:
        return [item for item in self.read(Kind.CUSTOMERS)[0] if isinstance(item, Customer)]

    def rejected(self, kind: Kind = Kind.ORDERS) -> list[tuple[int, str]]:
        return [(row.line, row.reason) for row in self.read(kind)[1]]


def open_shop(folder: Path, mapping: str = MAPPING) -> Shop:
    shop = Shop(folder)
    shop.write("mapping.yaml", mapping)
    shop.write("customers.csv", CUSTOMERS)
    shop.write("products.csv", PRODUCTS)
    shop.write("lines.csv", LINES)
    return shop
