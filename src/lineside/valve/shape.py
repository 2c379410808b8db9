"""What is done to figures before they leave by a release, whom that protects, and when such files are made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

from lineside.errors import ConfigurationError
from lineside.trust import Transformation
from lineside.valve.rules import Rules

FILE = "file"
"""The flow of files on schedule; its address is the name of a folder under the outbox of the plant."""
HUB = "hub"
"""The flow of what a member says to a hub; its address is the id of the hub's public ledger."""
How: TypeAlias = Literal["threshold", "dominance", "noise"]
Unit: TypeAlias = Literal["machine", "shift"]
Every: TypeAlias = Literal["day", "week", "month"]
HOWS: tuple[How, ...] = get_args(How)
UNITS: tuple[Unit, ...] = get_args(Unit)
EVERY: tuple[Every, ...] = get_args(Every)
LEVELS: Mapping[Unit, tuple[str, ...]] = {"machine": ("area", "site"), "shift": ("machine", "line")}
"""The scopes whose figures each unit can be a contributor of: an area is a mean of machines, a machine's week a sum of
shifts."""
_DAYS: Mapping[Every, float] = {"day": 0.95, "week": 6.95, "month": 28.0}
"""How long a period is at least, also where the clocks change."""
_FOLDER = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_HUB = re.compile(r"[0-9a-f]{32}")
_PARTS = 4
"""Of a thing as `kpi/line/cell/oee`."""


@dataclass(frozen=True, slots=True)
class Shaping:
    """How figures are shaped. `contributors` (k) are `unit`s; `largest` is the share that one may have at most.

    "threshold": at least k, judged with all that was told before. "dominance": also no one nearly all of it.
    "noise": a mean with noise, each figure for `epsilon` out of the `budget` that the release has in all.
    """

    how: How
    unit: Unit
    contributors: int = 5
    largest: float = 0.75
    epsilon: float = 0.1
    budget: float = 1.0

    def json(self) -> dict[str, Any]:
        """What counts of it, as kept, shown and hashed."""
        told: dict[str, Any] = {"how": self.how, "unit": self.unit, "contributors": self.contributors}
        if self.how == "dominance":
            told["largest"] = self.largest
        if self.how == "noise":
            told |= {"epsilon": self.epsilon, "budget": self.budget}
        return told

    def checked(self) -> None:
        """Raises ConfigurationError where nothing could be told so."""
        if self.how not in HOWS or self.unit not in UNITS:
            raise ConfigurationError("valve.no_shaping", hows=", ".join(HOWS), units=", ".join(UNITS))
        self.rules()
        if self.how == "noise" and not 1e-3 <= self.epsilon <= self.budget <= 1000:
            raise ConfigurationError("valve.no_budget", epsilon=self.epsilon, budget=self.budget)

    def rules(self, *related: frozenset[str]) -> Rules:
        """The rules that each figure has to keep."""
        if self.how != "dominance":
            return Rules(contributors=self.contributors, largest=(), closeness=0, related=related)
        largest = (1, self.largest), (2, max(self.largest, 0.85))
        return Rules(contributors=self.contributors, largest=largest, related=related)

    def transformation(self, every: Every) -> Transformation:
        """What it does, for the rules by which a grade falls; of noise counts all that is ever told by the release."""
        if self.how == "noise":
            return Transformation(contributors=self.contributors, days=_DAYS[every], epsilon=self.budget)
        largest = self.largest if self.how == "dominance" else 1.0
        return Transformation(self.contributors, _DAYS[every], self.contributors, largest)


def checked_file(address: str, every: Every | None, shaping: Shaping | None) -> None:
    """Looks at what a release says of files. Raises ConfigurationError."""
    if every not in EVERY:
        raise ConfigurationError("valve.no_schedule", every=", ".join(EVERY))
    if not _FOLDER.fullmatch(address):
        raise ConfigurationError("valve.no_folder", folder=address[:80])
    if shaping is not None:
        shaping.checked()


def checked_hub(address: str, every: Every | None, shaping: Shaping | None) -> None:
    """Looks at what a release says of a hub. Raises ConfigurationError."""
    if every != "month" or shaping is not None:
        raise ConfigurationError("valve.hub_by_month")
    if not _HUB.fullmatch(address):
        raise ConfigurationError("valve.no_hub", address=address[:80])


def told_to_hubs(thing: str) -> bool:
    """Whether a hub is told a thing: an indicator, or what people say of the factory."""
    return thing in {"profile", "replies", "incidents", "exposures"} or thing.startswith("indicator/")


def told_in_files(thing: str) -> bool:
    """Whether files tell a thing: a KPI of a scope as a whole."""
    return thing.startswith("kpi/") and thing.count("/") == _PARTS - 1


def unfit(thing: str, shaping: Shaping | None) -> ConfigurationError | None:
    """Why a thing cannot be told in files, or not so; None: it can."""
    if not thing.startswith("kpi/"):
        return ConfigurationError("valve.not_in_files", thing=thing)
    level = thing.split("/")[1]
    if shaping is not None and level not in LEVELS[shaping.unit]:
        return ConfigurationError(f"valve.no_{shaping.unit}s_in", thing=thing)
    return None
