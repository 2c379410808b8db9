"""Invitations: a signed file with a code that opens the register once, until it expires."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import select

from lineside.errors import ConfigurationError
from lineside.exchange import INVITATION, Invitation, encoded
from lineside.hub.agreement import agreement, agreement_hash
from lineside.hub.changes import Change, about
from lineside.hub.member import Member, Standing
from lineside.hub.records import AgreementRecord, InvitationRecord
from lineside.hub.register import Register
from lineside.hub.settings import HubSettings
from lineside.hub.voice import Voice
from lineside.texts import DEFAULT_LANGUAGE
from lineside.trust import AUTHORITY, HERE, Authority, Kind, digest, new_secret

DAYS = 14
LONGEST_DAYS = 366
MOST = 10_000
MOST_LABEL = 200
_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that was made: for whom, until when (microseconds), and the file that goes there."""

    label: str
    expires_us: int
    envelope: bytes


class Invitations:
    """Makes invitations in the name of a hub."""

    def __init__(self, folder: Path, register: Register, voice: Voice, settings: Callable[[], HubSettings]) -> None:
        self._folder, self._register, self._voice, self._settings = folder, register, voice, settings

    def invite(
        self, labels: Sequence[str], *, by: str = HERE, days: int = DAYS, language: str = DEFAULT_LANGUAGE
    ) -> list[Invited]:
        """An invitation for each label; all of them or none. Raises ConfigurationError."""
        plain = [_label(one) for one in labels]
        if not 0 < len(plain) <= MOST:
            raise ConfigurationError("hub.invitations", count=len(plain), most=MOST)
        text = agreement(self._folder, language)
        with self._register.changing() as change:
            made = [self._made(change, label, text, by, days) for label in plain]
            change.say(Kind.INVITED, who=by, about="hub", count=len(made), again=False)
        return made

    def again(self, number: int, *, by: str = HERE, days: int = DAYS, language: str = DEFAULT_LANGUAGE) -> Invited:
        """An invitation for a member that lost its key, which speaks for it no more from this moment on.

        Raises ConfigurationError for a membership that is over.
        """
        text = agreement(self._folder, language)
        with self._register.changing() as change:
            member = standing(change, number)
            if member.key is not None:
                change.say(Kind.MEMBER_KEY, who=by, about=about(number), number=member.last + 1, key="-", why="lost")
            change.put(replace(member, state=Standing.PENDING, keys=member.with_key(None, member.last)))
            invited = self._made(change, member.label, text, by, days, again=number)
            change.say(Kind.INVITED, who=by, about=about(number), count=1, again=True)
        return invited

    def _authority(self) -> str:
        """The certificate by which the hub's address is known, where it is of an authority of its own."""
        own = Authority(self._folder / "data" / AUTHORITY)
        return own.pem if own.exists else ""

    def _made(self, change: Change, label: str, text: str, by: str, days: int, again: int | None = None) -> Invited:
        if not 0 < days <= LONGEST_DAYS:
            raise ConfigurationError("hub.invitation_days", days=days, most=LONGEST_DAYS)
        settings, code, expires = self._settings(), new_secret(), change.now_us + days * _DAY_US
        told = Invitation(
            hub=self._voice.hub,
            key=self._voice.key.hex(),
            name=settings.name,
            address=settings.address,
            authority=self._authority() if settings.address else "",
            code=code,
            expires_ms=expires // 1000,
            agreement=text,
        )
        kept = agreement_hash(text)
        if change.rows.get(AgreementRecord, kept) is None:
            change.rows.add(AgreementRecord(sha256=kept, text=text))
            change.rows.flush()
        change.rows.add(
            InvitationRecord(
                digest=digest(code),
                label=label,
                agreement=kept,
                made_us=change.now_us,
                expires_us=expires,
                by=by,
                again=again,
            )
        )
        return Invited(label, expires, self._voice.say(INVITATION, encoded(told)))


def standing(change: Change, number: int) -> Member:
    """A member within a change. Raises ConfigurationError where there is none, or its membership is over."""
    member = change.member(number)
    if member is None:
        raise ConfigurationError("hub.no_member", member=number)
    if member.state.over:
        raise ConfigurationError("hub.over", member=number, state=member.state.value)
    return member


def invitation_of(change: Change, code: str) -> InvitationRecord | None:
    """The invitation with this code."""
    return change.rows.scalar(select(InvitationRecord).where(InvitationRecord.digest == digest(code)))


def labels_of(table: bytes) -> list[str]:
    """The labels of a table in CSV: the first column of each row that has one, without a heading `label`.

    Text is UTF-8 or, as spreadsheets on Chinese computers save it, GB 18030; columns are parted by commas, semicolons
    or tabs. Raises ConfigurationError for a label that cannot be one, with its row.
    """
    text = _decoded(table)
    found = []
    for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=_parted_by(text)), 1):
        first = row[0].strip() if row else ""
        if not first or (number == 1 and first.casefold() in {"label", "name", "名称"}):
            continue
        try:
            found.append(_label(first))
        except ConfigurationError as error:
            raise ConfigurationError("hub.label_row", row=number, most=MOST_LABEL) from error
    return found


def _decoded(table: bytes) -> str:
    try:
        return table.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return table.decode("gb18030")
    except UnicodeDecodeError as error:
        raise ConfigurationError("hub.table") from error


def _parted_by(text: str) -> str:
    """What the first row has most of; a comma where it has one column."""
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _label(text: str) -> str:
    plain = " ".join(text.split())
    if not 0 < len(plain) <= MOST_LABEL or not plain.isprintable():
        raise ConfigurationError("hub.label", label=plain[:40], most=MOST_LABEL)
    return plain
