"""What was told of the published shocks, in the books."""

from __future__ import annotations

from sqlalchemy import Integer, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from lineside.books import Base


class ToldShocksRecord(Base):
    """An edition, byte by byte as it was told, and what it is made of.

    `basis` is as secret as what members released, and never leaves the hub.
    """

    __tablename__ = "hub_told_shocks"

    edition: Mapped[int] = mapped_column(Integer, primary_key=True)
    told_us: Mapped[int]
    by: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    basis: Mapped[bytes] = mapped_column(LargeBinary)
