"""A house: what a node and a hub have in common, and all that the routes for both may know of either."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from litestar.di import NamedDependency
from litestar.params import SkipValidation
from sqlalchemy.orm import InstrumentedAttribute

from lineside.errors import LinesideError
from lineside.jobs import Jobs
from lineside.trust import Ground, Ledger, Login, People, SignIns

DATA = "data"
"""What a house writes into its folder lies in here."""


class House(Protocol):
    """An open folder with its people, their log-in, its ledger and its jobs."""

    folder: Path
    people: People
    login: Login
    sign_ins: SignIns
    ledger: Ledger
    jobs: Jobs
    leaving: bool
    """Set when it is about to stop: answers that go on by themselves end."""

    @property
    def kind(self) -> Literal["node", "hub"]:
        """What it is."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def notice(self) -> str | None:
        """What whoever is about to log in reads."""

    @property
    def attention(self) -> Sequence[LinesideError]:
        """What whoever is known here has to know before they believe what they see."""

    @property
    def zone(self) -> ZoneInfo:
        """The zone of times that are told without one."""

    @property
    def ground(self) -> Ground:
        """What a part of it is a part of, as it is now: the plant of a node, and nothing at a hub."""

    @property
    def name_columns(self) -> Sequence[InstrumentedAttribute[str]]:
        """The columns of its books that name people, beside those of `trust`."""


TheHouse = NamedDependency[SkipValidation[House]]
"""The node or hub that is asked; what it is was checked when the code was."""
