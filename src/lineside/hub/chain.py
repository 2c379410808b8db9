"""Where a statement stands in its member's chain: the next one, a repeat, or something that cannot be true."""

from __future__ import annotations

from lineside.errors import LinesideError, UnusableData
from lineside.exchange import Rotation, Statement
from lineside.hub.heard import Heard
from lineside.hub.member import Member, Standing

TOO_EARLY = "hub.not_admitted"
"""What a member is told that speaks before it was admitted: it has done nothing wrong, and tries again."""
GAP = "hub.gap"


class ForkedError(UnusableData):
    """A member signed two statements that cannot both be true: this one, and one with the hash `other`."""

    def __init__(self, number: int, sha256: str, other: str) -> None:
        super().__init__("hub.fork", number=number, sha256=sha256, other=other)
        self.number = number
        self.other = other


def is_repeat(member: Member, heard: Heard, told: Statement, before: str | None) -> bool:
    """Whether a statement was taken already, else it is the next one; `before` is the hash taken under its number.

    Raises UnusableData for what is not signed by the key that speaks there, for a gap, and for another past.
    """
    key = member.key_at(told.number)
    if key is None or not heard.signed_by(key):
        raise UnusableData("hub.forged")
    if before is not None:
        if before == heard.sha256:
            return True
        raise ForkedError(told.number, heard.sha256, before)
    if member.state.over:
        raise UnusableData("hub.over", member=member.number, state=member.state.value)
    if member.state is Standing.PENDING:
        raise UnusableData(TOO_EARLY)
    if told.number != member.last + 1:
        raise UnusableData(GAP, number=told.number, expected=member.last + 1, previous=member.head)
    if told.previous != member.head:
        raise ForkedError(told.number - 1, told.previous, member.head)
    if isinstance(told, Rotation) and not heard.envelope.signed_by(bytes.fromhex(told.key)):
        raise UnusableData("hub.unsigned_key")
    return False


def signed(member: Member, heard: Heard, error: LinesideError) -> bool:
    """Whether what was refused is the member's own word; else anybody may have sent it."""
    return error.key != "hub.forged" and any(heard.signed_by(one.public) for one in member.keys)
