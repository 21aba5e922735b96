"""What somebody has switched off for everybody."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from assist.db import Base, UtcDateTime


class ThrownSwitch(Base):
    """A row for each that is off; switching on again takes the row away, and the audit log keeps both."""

    __tablename__ = "thrown_switch"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    """`writes` · `suggestions` · `everything`."""
    reason: Mapped[str] = mapped_column(String(200))
    thrown_by: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    """None at the command line."""
    thrown_at: Mapped[datetime] = mapped_column(UtcDateTime)
