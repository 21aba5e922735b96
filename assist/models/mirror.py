"""The local mirror of what the CRMs know: read first, so that a CRM that is slow or down changes only freshness."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Numeric, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from assist.db import Base, UtcDateTime


class Mirrored:
    """A record of one connection, under the name its CRM gives it."""

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(190))
    digest: Mapped[str] = mapped_column(String(32))
    """Of the record as it was read: an unchanged record is not written again."""
    seen_run: Mapped[int] = mapped_column(default=0)
    deleted: Mapped[bool] = mapped_column(default=False)

    @declared_attr
    def connection_id(cls) -> Mapped[int]:  # noqa: N805 - SQLAlchemy hands the class
        return mapped_column(ForeignKey("connection.id", ondelete="CASCADE"))


class Person(Base):
    """Somebody who may be a customer in several connections."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)


class Customer(Mirrored, Base):
    __tablename__ = "customer"
    __table_args__ = (UniqueConstraint("connection_id", "ref"), Index(None, "person_id"))

    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(String(300))
    given_name: Mapped[str] = mapped_column(String(150), default="")
    language: Mapped[str | None] = mapped_column(String(35))
    country: Mapped[str | None] = mapped_column(String(2))
    company: Mapped[str | None] = mapped_column(String(300))
    register: Mapped[str | None] = mapped_column(String(20))
    offers: Mapped[bool | None]
    """The consent to be offered things: None where nobody asked."""
    custom: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    answers: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    """What they said when an agent asked: by fact, the `value` as it is written down, `by` whom it was asked, and `at`.
    Syncs leave it alone."""
    created_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refreshed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When the CRM last told us about this customer, changed or not."""


class CustomerKey(Base):
    """What a customer can be found by: normalised e-mails, E.164 phones, declared ids."""

    __tablename__ = "customer_key"
    __table_args__ = (Index(None, "kind", "value"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    """`email` · `phone` · `id:<system>`."""
    value: Mapped[str] = mapped_column(String(320))
    joins: Mapped[bool] = mapped_column(default=False)
    """Sure enough to say that two connections' customers are one person."""


class Product(Mirrored, Base):
    __tablename__ = "product"
    __table_args__ = (UniqueConstraint("connection_id", "ref"), Index(None, "sku"))

    sku: Mapped[str] = mapped_column(String(190))
    name: Mapped[str] = mapped_column(String(300))
    family: Mapped[str | None] = mapped_column(String(200))
    category: Mapped[str | None] = mapped_column(String(200))
    tier: Mapped[int | None]
    prices: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """Currency → amount as text, the CRM's main price first."""
    active: Mapped[bool] = mapped_column(default=True)
    stock: Mapped[int | None]
    description: Mapped[str] = mapped_column(String(2000), default="")


class Order(Mirrored, Base):
    __tablename__ = "customer_order"
    __table_args__ = (
        UniqueConstraint("connection_id", "ref"),
        Index(None, "customer_id", "placed_at"),
        Index(None, "connection_id", "customer_ref"),
    )

    customer_ref: Mapped[str] = mapped_column(String(190))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id", ondelete="SET NULL"))
    """None while no such customer has been synced."""
    number: Mapped[str] = mapped_column(String(80), default="")
    placed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[str] = mapped_column(String(20))
    raw_status: Mapped[str] = mapped_column(String(80), default="")
    promised_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lines: Mapped[list["OrderLine"]] = relationship(order_by="OrderLine.position", passive_deletes=True)


class OrderLine(Base):
    __tablename__ = "order_line"
    __table_args__ = (
        Index(
            "ix_order_line_missing",
            "missing_ref",
            sqlite_where=text("missing_ref IS NOT NULL"),
            postgresql_where=text("missing_ref IS NOT NULL"),
        ),
    )

    order_id: Mapped[int] = mapped_column(
        ForeignKey("customer_order.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id", ondelete="SET NULL"))
    """None for a line written in by hand, or for a product not synced yet: then `missing_ref` names it."""
    missing_ref: Mapped[str | None] = mapped_column(String(190))
    name: Mapped[str] = mapped_column(String(300))
    quantity: Mapped[Decimal] = mapped_column(Numeric(14, 3))
    unit_price: Mapped[Decimal | None] = mapped_column(Numeric(14, 4))
    currency: Mapped[str | None] = mapped_column(String(3))


class ServiceCase(Mirrored, Base):
    __tablename__ = "service_case"
    __table_args__ = (UniqueConstraint("connection_id", "ref"), Index(None, "customer_id"))

    customer_ref: Mapped[str] = mapped_column(String(190))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id", ondelete="SET NULL"))
    subject: Mapped[str] = mapped_column(String(300))
    complaint: Mapped[bool]
    open: Mapped[bool]
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
