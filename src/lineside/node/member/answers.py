"""What a hub told last to a question of this factory about itself: kept, with its date, for when it is out of reach."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import msgspec

from lineside.books import Books
from lineside.errors import UnusableData
from lineside.exchange import Askable, Told
from lineside.node.member.asking import Language
from lineside.node.member.membership import Membership
from lineside.node.member.records import AnswerRecord

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Unread:
    """An answer that is kept and that this version cannot read: the hub is to be asked again.

    `made_ms` is when it was given, by the hub's clock since 1970.
    """

    made_ms: int


class Asks(Protocol):
    """Asks the hub something. Raises LinesideError."""

    def __call__(self, what: Askable, about: str = "", language: Language = "en") -> Told:
        """What was told."""
        ...


class Answers:
    """The last answers to one membership."""

    def __init__(self, books: Books, current: Callable[[], Membership], ask: Asks) -> None:
        self._books, self._current, self._ask = books, current, ask

    def last(self, whats: Sequence[Askable], language: Language) -> tuple[int, list[bytes]] | None:
        """What was told to all of these, and when the first of it was; None where one was never asked for so."""
        found = self._current()
        with self._books.reading() as rows:
            kept = [rows.get(AnswerRecord, (found.id, what, language)) for what in whats]
        known = [one for one in kept if one is not None]
        return (min(one.made_ms for one in known), [one.answer for one in known]) if len(known) == len(kept) else None

    def asked(self, whats: Sequence[Askable], language: Language) -> tuple[int, list[bytes]]:
        """The same asked now, past the valve; nothing is kept yet. Raises LinesideError."""
        told = [self._ask(what, "", language) for what in whats]
        return min(one.made_ms for one in told), [bytes(one.answer) for one in told]

    def keep(self, whats: Sequence[Askable], language: Language, made_ms: int, answers: Sequence[bytes]) -> None:
        """Keeps answers in place of those before."""
        found = self._current()
        with self._books.session() as rows:
            for what, answer in zip(whats, answers, strict=True):
                key = {"membership": found.id, "what": what, "language": language}
                rows.merge(AnswerRecord(**key, made_ms=made_ms, answer=answer))


def read(answer: bytes, kind: type[T]) -> T:
    """An answer as it is read. Raises UnusableData for what is none."""
    try:
        return msgspec.json.decode(answer, type=kind)
    except msgspec.DecodeError as error:
        raise UnusableData("member.no_receipt") from error
