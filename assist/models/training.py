"""What is computed over all customers: versions of the recommender's model, and the shop's figures."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from assist.db import Base, UtcDateTime


class ModelVersion(Base):
    __tablename__ = "model_version"

    version: Mapped[str] = mapped_column(String(40), primary_key=True)
    """Also the name of the artifact's directory."""
    trained_at: Mapped[datetime] = mapped_column(UtcDateTime)
    promoted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The latest promoted version serves; None was never good enough, or not yet judged."""
    verdict: Mapped[str] = mapped_column(Text)
    figures: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)


class ShopFigure(Base):
    """A figure over all customers that facts about one are measured against."""

    __tablename__ = "shop_figure"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[dict[str, Any]] = mapped_column(JSON)
    computed_at: Mapped[datetime] = mapped_column(UtcDateTime)
