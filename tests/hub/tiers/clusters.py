"""Clusters of real members that speak to a hub: with keys, admitted, and with values made by chance."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from lineside.exchange import WELCOME, Profile, Value, Welcome, catalogue, month_name
from lineside.hub import Hub
from lineside.hub.tiers import submit_tell
from lineside.jobs import Job
from lineside.trust import fingerprint
from tests.hub.factories import Clock, Factory, opened

LAST = 2026 * 12 + 9
"""October 2026, which is ripe on the 21st of November."""
SIX = ("availability", "oee", "lead_time", "first_pass_yield", "connected_share", "recovery_time")
EVIDENCE = "a" * 64

Chosen = Callable[[int, int, str], float | None]
"""The value of a member (by its place), a month (by its place) and an indicator; None: it says nothing of it."""


@dataclass
class Cluster:
    """The members of a hub, by place: the first is number 1."""

    hub: Hub
    clock: Clock
    folder: Path
    factories: list[Factory] = field(default_factory=list)

    def join(self, profiles: Sequence[Profile]) -> list[int]:
        """New members, admitted; gives their places."""
        invited = self.hub.invitations.invite([one.name for one in profiles])
        first = len(self.factories)
        new = [Factory.make(self.folder, self.clock, f"m{first + at}") for at in range(len(profiles))]
        asked = [one.enrolment(by, told) for one, by, told in zip(new, invited, profiles, strict=True)]
        answers = self.hub.receive(b"\n".join(one.json() for one in asked))
        for one, envelope, answer in zip(new, asked, answers, strict=True):
            welcome = opened(answer, WELCOME, one)
            assert isinstance(welcome, Welcome)
            one.number, one.sent = welcome.member, [envelope]
            self.hub.registrar.admit(one.number, fingerprint(one.key.public))
        self.factories += new
        return list(range(first, len(self.factories)))

    def speak(
        self,
        chosen: Chosen,
        months: Sequence[int],
        indicators: Sequence[str] = SIX,
        *,
        places: Sequence[int] | None = None,
        origin: Any = "measured",
    ) -> None:
        """Each of these members says each of these months (since the year 0)."""
        lines = []
        for place in range(len(self.factories)) if places is None else places:
            factory = self.factories[place]
            for at, month in enumerate(months):
                told = [(name, chosen(place, at, name)) for name in indicators]
                values = tuple(_value(name, value, origin) for name, value in told if value is not None)
                if values:
                    lines.append(factory.say(factory.submission(month_name(month), values)).json())
        for at in range(0, len(lines), 400):
            answers = self.hub.receive(b"\n".join(lines[at : at + 400]))
            assert [one.problem for one in answers if one.problem] == []

    def tell(self) -> Job:
        """One round of telling, to its end."""
        job = submit_tell(self.hub.jobs)
        assert job is not None
        return self.hub.jobs.wait(job.id, 120)


def _value(name: str, value: float, origin: Any) -> Value:
    if origin == "entered":
        return Value(indicator=name, value=value, origin=origin)
    return Value(indicator=name, value=value, origin=origin, coverage=0.95, evidence=EVIDENCE)


def profiles(rng: np.random.Generator, number: int, *, generated: bool = False) -> list[Profile]:
    """Two industries, small and medium firms, two regions; the first of each are many."""
    return [
        Profile(
            name=f"Works {at}",
            industry=str(rng.choice(["34", "35"], p=[0.65, 0.35])),
            region=str(rng.choice(["all", "north"], p=[0.6, 0.4])),
            employees=int(rng.choice([120, 500], p=[0.65, 0.35])),
            revenue_cny=float(rng.choice([40e6, 50e6])),
            generated=generated,
        )
        for at in range(number)
    ]


def values(rng: np.random.Generator, number: int, months: int, *, missing: float = 0.01) -> NDArray[np.float64]:
    """Values of members, months and `SIX`, that are like nobody else's to many digits."""
    level = rng.normal(0.5, 0.15, (number, 1, len(SIX)))
    drawn = np.clip(level + rng.normal(0, 0.05, (number, months, len(SIX))), 0.011, 0.989)
    scales = [catalogue().of(name) for name in SIX]
    wide = np.array([min(one.high, 60.0) - one.low for one in scales])
    found: NDArray[np.float64] = np.round(drawn * wide, 9)
    found[rng.random((number, months)) < missing] = np.nan
    return found


def of(table: NDArray[np.float64]) -> Chosen:
    """The values of a table by member, month and `SIX`."""

    def chosen(place: int, month: int, indicator: str) -> float | None:
        value = float(table[place, month, SIX.index(indicator)])
        return None if np.isnan(value) else value

    return chosen


def plain(told: object) -> bytes:
    """The same bytes for the same answer."""
    return msgspec.json.encode(told, order="sorted")
