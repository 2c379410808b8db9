"""Takes what members say: verified, placed in its chain, written with its entry of the ledger, then receipted.

Signatures are looked at by whoever brings an envelope; all that come meanwhile are judged and written by one of them,
in one transaction. Nothing is answered that is not on disk, so an answer that is lost is given again.

Beside what they say members may show what this hub signed of it before. Where its books do not know of that, they are
of a backup: what was taken once is taken again, whatever else was lost with it.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from lineside.errors import LinesideError, UnusableData
from lineside.exchange import Answer, Ask, Enrolment, Problem, Receipt, Welcome
from lineside.hub.asks import Asks
from lineside.hub.batch import Batch, Desk
from lineside.hub.gathering import Gathering
from lineside.hub.heard import Heard, hash_of, hear
from lineside.hub.numbering import Given, Numbering
from lineside.hub.refusals import Refused, count
from lineside.hub.register import Register
from lineside.trust import Ledger

MOST_AT_ONCE = 500


class Intake:
    """The one way by which members speak to a hub. Safe from any thread."""

    def __init__(self, register: Register, desk: Desk, ledger: Ledger, asks: Asks, numbering: Numbering) -> None:
        self._register, self._desk, self._ledger, self._asks = register, desk, ledger, asks
        self._numbering = numbering
        self._gathering: Gathering[Heard, bytes | Refused] = Gathering(self._take, MOST_AT_ONCE)

    def receive(self, text: bytes, address: str | None = None) -> list[Answer]:
        """The answer to each envelope of a text, one a line, in their order; what was taken is on disk.

        `address` is from where it came. Raises LinesideError where the books cannot be written: nothing was taken.
        """
        heard = [self._hear(line) for each in text.split(b"\n") if (line := each.strip())]
        self._show([one for one in heard if isinstance(one, Heard)])
        said = [one for one in heard if isinstance(one, Heard) and not isinstance(one.told, Ask | Receipt | Welcome)]
        told = iter(self._gathering.do(said))
        results = [self._result(one) or next(told) for one in heard]
        count(self._ledger, [one for one in results if isinstance(one, Refused)], address)
        return [_answer(one.sha256, result) for one, result in zip(heard, results, strict=True)]

    def _hear(self, line: bytes) -> Heard | Refused:
        try:
            heard = hear(line, self._desk.voice.hub)
        except UnusableData as error:
            return Refused(error, hash_of(line), line)
        if not isinstance(heard.told, Enrolment | Ask | Receipt | Welcome):  # here, where others may go on meanwhile
            member = self._register.members.get(heard.told.member)
            key = None if member is None else member.key_at(heard.told.number)
            if key is not None:
                heard.signed_by(key)
        return heard

    def _show(self, every: Sequence[Heard]) -> None:
        """Lays what this hub signed beside what it is of."""
        said = {one.sha256: one for one in every if not isinstance(one.told, Receipt | Welcome)}
        for one in every:
            if isinstance(one.told, Receipt | Welcome) and self._desk.voice.said(one.envelope):
                of = said.get(Given.of(one.told).sha256)
                for each in (one, of) if of is not None else ():
                    each.answered.append(one.told)
        for one in said.values():
            one.answered.sort(key=lambda told: Given.of(told).at_us)

    def _result(self, heard: Heard | Refused) -> bytes | Refused | None:
        """What becomes of it outside of the one transaction; None where it became something in it."""
        if isinstance(heard, Refused):
            return heard
        if isinstance(heard.told, Receipt | Welcome):
            shown = bool(heard.answered)
            return (
                heard.line if shown else Refused.of(UnusableData("hub.not_for_hubs", kind=heard.envelope.kind), heard)
            )
        if not isinstance(heard.told, Ask):
            return None
        try:
            return self._asks.answer(heard, heard.told)
        except LinesideError as error:
            return Refused.of(error, heard)

    def _take(self, heard: Sequence[Heard]) -> list[bytes | Refused]:
        self._numbering.shown([Given.of(told) for one in heard for told in one.answered])  # before any number is given
        with self._register.changing() as change:
            batch = Batch(change, self._desk)
            answers = batch.answers(heard)
            change.afterwards.append(lambda: self._desk.figures.take(batch.said))
        return answers


def _answer(sha256: str, result: bytes | Refused) -> Answer:
    if isinstance(result, Refused):
        return Answer(sha256=sha256, problem=Problem.of(result.error))
    return Answer(sha256=sha256, receipt=msgspec.Raw(result))
