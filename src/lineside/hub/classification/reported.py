"""The figures that an authority reports: members by class of law, counted where the register or an indicator knows it.

What no source knows is named with the reason, so that nobody takes silence for zero.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from lineside.hub.classification.classes import Classed
from lineside.hub.classification.protecting import at_least, told_counts
from lineside.hub.compare import Secrecy
from lineside.rules import Edition, ladders, size_schemes

NotTold: TypeAlias = Literal["workshops"]
NOT_TOLD: tuple[NotTold, ...] = ("workshops",)
"""What authorities ask for and neither register nor indicators know: why is the text `classification.not_told.`."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How many members are of a class; None where that is not told."""

    id: str
    names: Mapping[str, str]
    members: int | None


@dataclass(frozen=True, slots=True)
class Tally:
    """Members by the classes of one scheme; `unknown` are those of whom it is not known."""

    scheme: str
    names: Mapping[str, str]
    edition: Edition
    counts: tuple[Counted, ...]
    unknown: int | None
    members: int
    exact: bool

    @property
    def coverage(self) -> float:
        """The share of members whose class is known; at least so much where it is not exact."""
        known = sum(one.members or 0 for one in self.counts)
        return known / self.members if self.members else 0.0


def tallies(members: Sequence[Sequence[Classed]], scheme: str) -> tuple[Tally, ...]:
    """The exact counts of these members by the size scheme of the hub and by each ladder."""
    size = size_schemes()[scheme]
    kinds = [(f"size/{scheme}", size.names, size.edition, [(one.id, one.names) for one in size.classes])]
    kinds += [
        (f"ladder/{one.id}", one.names, one.edition, [(rung.id, rung.names) for rung in one.rungs])
        for one in ladders().values()
    ]
    held = Counter((one.scheme, one.id) for those in members for one in those)
    return tuple(
        Tally(
            name,
            names,
            edition,
            tuple(Counted(one, words, held[name, one]) for one, words in classes),
            held[name, None],
            len(members),
            exact=True,
        )
        for name, names, edition, classes in kinds
    )


def protected(tally: Tally, secrecy: Secrecy) -> Tally:
    """The same for who sees no figures: see `told_counts`."""
    told = told_counts([one.members or 0 for one in tally.counts] + [tally.unknown or 0], secrecy.group)
    shown = [one or None for one in told]
    return Tally(
        tally.scheme,
        tally.names,
        tally.edition,
        tuple(Counted(one.id, one.names, number) for one, number in zip(tally.counts, shown[:-1], strict=True)),
        shown[-1],
        at_least(tally.members, secrecy),
        exact=False,
    )
