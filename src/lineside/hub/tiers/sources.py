"""Of what figures are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lineside.books import Books
from lineside.exchange import Catalogue
from lineside.hub.figures import Figures
from lineside.hub.numbering import told_from
from lineside.hub.register import Register
from lineside.hub.settings import HubSettings
from lineside.hub.tiers.now import Now
from lineside.trust import Ledger


@dataclass(frozen=True, slots=True)
class Sources:
    """Of what figures are told: everything that the room has of it. `now_us` is the time."""

    books: Books
    ledger: Ledger
    register: Register
    figures: Figures
    catalogue: Catalogue
    settings: Callable[[], HubSettings]
    now_us: Callable[[], int]

    def now(self) -> Now | None:
        """This moment; None for a hub that tells nothing."""
        settings = self.settings()
        if settings.telling is None:
            return None
        snapshot, everybody = self.figures.snapshot(), self.register.everybody()
        with self.books.reading() as rows:
            since = told_from(rows)
        return Now.of(self.now_us(), settings, settings.telling, everybody, snapshot, self.catalogue, since)
