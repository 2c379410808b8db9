"""What people decide of members: admitted after a comparison of fingerprints, refused, closed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import select, update

from lineside.books import Books
from lineside.errors import ConfigurationError
from lineside.hub.changes import about
from lineside.hub.invitations import standing
from lineside.hub.member import Member, Standing
from lineside.hub.records import InvitationRecord, MemberRecord, RefusedRecord
from lineside.hub.register import Register
from lineside.trust import HERE, Kind, fingerprint

MOST_WORDS = 2000


@dataclass(frozen=True, slots=True)
class Waiting:
    """An invitation that nobody used yet. Times are microseconds since 1970."""

    id: int
    label: str
    made_us: int
    expires_us: int
    by: str
    again: int | None


class Registrar:
    """Decides in the name of people; `by` is how the ledger names them."""

    def __init__(self, register: Register, books: Books) -> None:
        self._register, self._books = register, books

    def admit(self, number: int, compared: str, *, by: str = HERE) -> Member:
        """The member, which speaks from here on, as somebody compared its fingerprint with its people.

        Raises ConfigurationError where that is another than the one the hub knows.
        """
        with self._register.changing() as change:
            member = standing(change, number)
            if member.key is None:
                raise ConfigurationError("hub.no_key_yet", member=number)
            known = fingerprint(member.key)
            if _plain(compared) != _plain(known):
                raise ConfigurationError("hub.other_fingerprint", member=number, given=compared[:60])
            if member.state is Standing.PENDING:
                first = change.now_us if member.admitted_us is None else member.admitted_us
                member = replace(member, state=Standing.MEMBER, admitted_us=first)
                change.put(member)
                change.say(Kind.ADMITTED, who=by, about=about(number), key=known)
        return member

    def refuse(self, number: int, why: str, *, by: str = HERE) -> Member:
        """The member, closed without ever having been admitted. Raises ConfigurationError where it was."""
        if self._register.get(number).admitted_us is not None:
            raise ConfigurationError("hub.admitted", member=number)
        return self._end(number, why, Kind.MEMBER_REFUSED, None, by)

    def close(self, number: int, why: str, *, into: int | None = None, by: str = HERE) -> Member:
        """The member, of which nothing more is taken; `into` is the one that goes on for it after a merger.

        Raises ConfigurationError where one of them is none, or over.
        """
        return self._end(number, why, Kind.MEMBER_CLOSED, into, by)

    def _end(self, number: int, why: str, kind: Kind, into: int | None, by: str) -> Member:
        words = why.strip()
        if not 0 < len(words) <= MOST_WORDS:
            raise ConfigurationError("hub.no_reason", most=MOST_WORDS)
        with self._register.changing() as change:
            member = standing(change, number)
            if into is not None:
                if into == number:
                    raise ConfigurationError("hub.into_itself", member=number)
                standing(change, into)
            closed = replace(member, state=Standing.CLOSED, ended_us=change.now_us, into=into)
            change.put(closed)
            mine = MemberRecord.number == number
            change.rows.execute(update(MemberRecord).where(mine).values(why=words))
            facts = {"into": into or "-"} if kind is Kind.MEMBER_CLOSED else {}
            change.say(kind, who=by, about=about(number), **facts)
        return closed

    # -- what there is to decide -------------------------------------------------------------------

    def why(self, number: int) -> str:
        """Why a membership was ended; empty where it was not, or by the member's own word."""
        with self._books.reading() as rows:
            return rows.scalar(select(MemberRecord.why).where(MemberRecord.number == number)) or ""

    def invitations(self) -> list[Waiting]:
        """Those that nobody used, the newest first; expired ones among them."""
        unused = select(InvitationRecord).where(InvitationRecord.used_us.is_(None))
        with self._books.reading() as rows:
            found = rows.scalars(unused.order_by(InvitationRecord.id.desc()))
            return [Waiting(one.id, one.label, one.made_us, one.expires_us, one.by, one.again) for one in found]

    def refused(self, number: int, limit: int = 200) -> list[RefusedRecord]:
        """What was said in a member's name and not taken, the newest first."""
        mine = select(RefusedRecord).where(RefusedRecord.member == number)
        with self._books.reading() as rows:
            return list(rows.scalars(mine.order_by(RefusedRecord.id.desc()).limit(limit)))


def _plain(shown: str) -> str:
    """A fingerprint however it was typed."""
    return "".join(one for one in shown.upper() if one.isalnum())
