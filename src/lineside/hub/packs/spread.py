"""How far a pack has spread, for whoever asks: exactly for who reads the figures, else as it may be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lineside.hub.packs.uses import Use, adopted, given_up, in_use
from lineside.hub.pilots import Diffusion, diffusion, told_diffusion

MONTHS = 24
"""So many are drawn at most."""


@dataclass(frozen=True, slots=True)
class Exact:
    """For who reads the figures: by industry and by region, who uses it now, and who gave it up."""

    by_industry: Diffusion
    by_region: Diffusion
    in_use: int
    given_up: int
    generated: int
    """How many of those who adopted it were made up."""


def exact(
    pack: str,
    found: Sequence[Use],
    industries: Mapping[int, str],
    regions: Mapping[int, str],
    generated: frozenset[int],
    month: int,
) -> Exact:
    """The spread up to the end of a month; groups by the number of each member: who is in none does not count."""
    found = [one for one in found if one.member in industries]
    months = window(found, month)
    began = adopted(found)
    return Exact(
        diffusion(pack, began, industries, months),
        diffusion(pack, began, regions, months),
        in_use(found, month),
        given_up(found),
        len({one.member for one in found} & generated),
    )


def told(pack: str, found: Sequence[Use], groups: Mapping[int, str], month: int, least: int) -> Diffusion:
    """What others may be told; `groups` are those that were made when the pack was first published, and stay."""
    months = month + 1 - MONTHS, month + 1  # always so many: where the picture began would tell of the first one
    return told_diffusion(diffusion(pack, adopted(found), groups, months), least)


def window(found: Sequence[Use], month: int) -> tuple[int, int]:
    """The months that are drawn: from before the first use, `MONTHS` at most, to the end of a month."""
    first = min((one.since for one in found), default=month)
    return max(month + 1 - MONTHS, min(first - 1, month)), month + 1
