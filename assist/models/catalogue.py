"""What is known about products beside their own record: families and pairs derived for them, and links that people keep
in the CRM."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from assist.db import Base, UtcDateTime


class DerivedFamily(Base):
    """A proposal, or what a person decided about one. Only approved ones have an effect."""

    __tablename__ = "derived_family"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(300), unique=True)
    state: Mapped[str] = mapped_column(String(10))
    """`proposed` · `approved` · `rejected`."""
    confidence: Mapped[float]
    reason: Mapped[str] = mapped_column(Text)
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DerivedMember(Base):
    """A product of a derived family, in whichever connection it is."""

    __tablename__ = "derived_member"
    __table_args__ = (Index(None, "sku"),)

    family_id: Mapped[int] = mapped_column(
        ForeignKey("derived_family.id", ondelete="CASCADE"), primary_key=True
    )
    sku: Mapped[str] = mapped_column(String(190), primary_key=True)


class ProductRelation(Base):
    """By the names that the CRM gives: the related product may be synced later, or never."""

    __tablename__ = "product_relation"

    connection_id: Mapped[int] = mapped_column(
        ForeignKey("connection.id", ondelete="CASCADE"), primary_key=True
    )
    product_ref: Mapped[str] = mapped_column(String(190), primary_key=True)
    related_ref: Mapped[str] = mapped_column(String(190), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)


class RelationsRead(Base):
    """When a product's relations were read, and which state of the product was then known."""

    __tablename__ = "relations_read"

    product_id: Mapped[int] = mapped_column(ForeignKey("product.id", ondelete="CASCADE"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(32))
    read_at: Mapped[datetime] = mapped_column(UtcDateTime)


class LearnedPair(Base):
    """A relation proposed from what was ordered together, or what a person decided about one. Only approved ones
    have an effect."""

    __tablename__ = "learned_pair"
    __table_args__ = (UniqueConstraint("anchor", "sku"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    anchor: Mapped[str] = mapped_column(String(190))
    """SKU of what leads to the other."""
    sku: Mapped[str] = mapped_column(String(190))
    state: Mapped[str] = mapped_column(String(10))
    """`proposed` · `approved` · `rejected` · `expired`."""
    together: Mapped[int]
    """Orders that hold both; of proposed ones as last found, of others as they were when decided."""
    orders: Mapped[int]
    """That hold the anchor."""
    also: Mapped[int]
    """That hold the other."""
    every: Mapped[int]
    low: Mapped[float]
    high: Mapped[float]
    """Wilson 95 % interval of together / orders."""
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Also when it expired."""
