"""What a hub tells this factory of pilots: those that it is in, and those that worked, which it could copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from msgspec import Struct

from lineside.errors import UnusableData
from lineside.exchange import Askable
from lineside.node.member.answers import Answers, Unread, read
from lineside.node.member.asking import Language

_WHATS: tuple[Askable] = ("pilots",)


class Pilot(Struct, frozen=True):
    """One of them, in the hub's words; months as "2026-02". Of whom else it is made is not told."""

    number: int
    name: str
    indicator: str
    group: Literal["treated", "comparison"] | None
    """In which this factory is; None: in neither."""
    state: str
    first: str
    start: str
    last: str
    hypothesis: str
    verdict: str | None
    withheld: str | None
    """Why no verdict is told although there is one."""
    worked: bool
    pack: str | None
    """The solution pack by which it can be copied, by its hash."""


class _Answer(Struct, frozen=True):
    pilots: tuple[Pilot, ...]


@dataclass(frozen=True, slots=True)
class PilotsTold:
    """What was told; `made_ms` by the hub's clock since 1970."""

    made_ms: int
    pilots: tuple[Pilot, ...]


class PilotsAsked:
    """Asks for them, and keeps the last answer."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def last(self, language: Language) -> PilotsTold | Unread | None:
        """What was told last in a language; None while it was never asked for in it."""
        kept = self._answers.last(_WHATS, language)
        if kept is None:
            return None
        try:
            return PilotsTold(kept[0], read(kept[1][0], _Answer).pilots)
        except UnusableData:
            return Unread(kept[0])

    def ask(self, language: Language) -> PilotsTold:
        """Asks now, past the valve, and keeps the answer. Raises LinesideError: what was kept stays."""
        made_ms, answers = self._answers.asked(_WHATS, language)
        told = PilotsTold(made_ms, read(answers[0], _Answer).pilots)
        self._answers.keep(_WHATS, language, made_ms, answers)
        return told
