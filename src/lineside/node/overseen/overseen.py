"""A factory that authorities oversee by a hub: what they ask, and what people here say to it, past the valve."""

from __future__ import annotations

from collections.abc import Callable

from lineside.books import Books
from lineside.history import History
from lineside.jobs import Jobs
from lineside.node.member import Member
from lineside.node.overseen.answering import Answering
from lineside.node.overseen.drafts import Drafts
from lineside.node.overseen.exposing import Exposures
from lineside.node.overseen.fetching import Fetching
from lineside.node.overseen.happened import Incidents
from lineside.node.overseen.kept import Kept
from lineside.node.overseen.power import Power, power_of
from lineside.node.overseen.terms import Terms
from lineside.plant import Timeline


class Overseen:
    """All of it for one folder; nothing here is said by itself."""

    def __init__(
        self,
        books: Books,
        member: Member,
        history: History,
        timeline: Callable[[], Timeline],
        jobs: Callable[[], Jobs],
    ) -> None:
        self._member, self._history, self._timeline = member, history, timeline
        self.kept = Kept(books, member.now)
        self.fetching = Fetching(member, self.kept)
        drafts = Drafts(member)
        self.answering = Answering(member, self.kept, drafts)
        self.incidents = Incidents(member, self.kept, drafts)
        self.terms = Terms(member, self.kept, drafts)
        self.exposures = Exposures(member, drafts, self._power, jobs)

    def _power(self, month: str) -> Power:
        return power_of(self._history, self._timeline(), *self._member.months.window(month))
