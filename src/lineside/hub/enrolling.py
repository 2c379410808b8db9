"""A factory asks to become a member: what of it is checked, and what it becomes in the register."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from lineside.errors import LinesideError, UnusableData
from lineside.exchange import WELCOME, Enrolment, Profile, Welcome, encoded
from lineside.hub.changes import Change, about
from lineside.hub.heard import Heard
from lineside.hub.invitations import invitation_of
from lineside.hub.member import KeySpan, Member, Standing
from lineside.hub.records import EnrolmentRecord, InvitationRecord
from lineside.hub.settings import HubSettings
from lineside.hub.voice import Voice
from lineside.rules import industries, size_schemes
from lineside.trust import Fact, Kind, fingerprint


@dataclass(frozen=True, slots=True)
class Enrolled:
    """An enrolment that is taken; `place` is that of its entry in the change."""

    heard: Heard
    told: Enrolment
    member: int
    place: int

    def keep(self, change: Change, voice: Voice) -> bytes:
        """Writes it down; gives the welcome that answers it."""
        welcome = Welcome(
            hub=voice.hub,
            member=self.member,
            enrolment=self.heard.sha256,
            entry=change.entry(self.place),
            made_ms=change.now_us // 1000,
            succession=voice.succession,
        )
        answer = voice.say(WELCOME, encoded(welcome))
        change.rows.add(
            EnrolmentRecord(
                sha256=self.heard.sha256,
                member=self.member,
                agreement=self.told.agreement,
                received_us=change.now_us,
                envelope=self.heard.line,
                welcome=answer,
            )
        )
        return answer


class TakenCodeError(UnusableData):
    """A code came with another enrolment than the one of `member` that used it."""

    def __init__(self, member: int) -> None:
        super().__init__("hub.code_used")
        self.member = member


def enrol(change: Change, heard: Heard, told: Enrolment, settings: HubSettings) -> Enrolled | bytes:
    """The enrolment taken, or the welcome that it got before. Raises UnusableData."""
    if not heard.envelope.signed_by(bytes.fromhex(told.key)):
        raise UnusableData("hub.forged")
    with change.rows.no_autoflush:  # what is looked up here is nothing that a change has noted and not written yet
        return _enrol(change, heard, told, settings)


def _enrol(change: Change, heard: Heard, told: Enrolment, settings: HubSettings) -> Enrolled | bytes:
    public = bytes.fromhex(told.key)
    if (known := change.rows.get(EnrolmentRecord, heard.sha256)) is not None:
        if not known.welcome:
            raise UnusableData("hub.erased", member=known.member)
        return known.welcome
    lost = _lost(change, heard)
    invitation = _usable(change, told) if lost is None else invitation_of(change, told.code)
    require_profile(told.profile, settings)
    if change.holder(public) is not None:
        raise UnusableData("hub.key_known", key=fingerprint(public))
    member = _as_member(change, heard, told, invitation, change.next_number if lost is None else lost.member)
    change.put(member)
    change.note_profile(member.number, member.last, told.profile)
    if invitation is not None:
        invitation.member, invitation.used_us = member.number, change.now_us
    facts: dict[str, Fact] = {"sha256": heard.sha256, "key": fingerprint(public)}
    who = about(member.number)
    if invitation is not None and invitation.again is not None:
        first = member.last + 1
        change.say(Kind.MEMBER_KEY, who=who, about=who, number=first, key=facts["key"], why="again")
    if lost is not None:
        facts["before"] = lost.entry
    return Enrolled(heard, told, member.number, change.say(Kind.ENROLLED, who=who, about=who, **facts))


def _lost(change: Change, heard: Heard) -> Welcome | None:
    """The welcome that this hub once gave to an enrolment, of a member that its books do not hold any more."""
    welcomes = (one for one in heard.answered if isinstance(one, Welcome) and change.member(one.member) is None)
    return next(welcomes, None)


def _usable(change: Change, told: Enrolment) -> InvitationRecord:
    invitation = invitation_of(change, told.code)
    if invitation is None:
        raise UnusableData("hub.no_code")
    if invitation.member is not None:
        raise TakenCodeError(invitation.member)
    if change.now_us >= invitation.expires_us:
        raise UnusableData("hub.code_expired")
    if told.agreement != invitation.agreement:
        raise UnusableData("hub.other_agreement")
    return invitation


def _as_member(
    change: Change, heard: Heard, told: Enrolment, invitation: InvitationRecord | None, number: int
) -> Member:
    """A new member of this number, or the one whose lost key an invitation stands for."""
    public = bytes.fromhex(told.key)
    if invitation is None or invitation.again is None:
        label = told.profile.name if invitation is None else invitation.label
        key = KeySpan(public, 1)
        return Member(number, Standing.PENDING, label, told.profile, (key,), 0, heard.sha256, change.now_us)
    known = change.member(invitation.again)
    if known is None or known.state.over:
        raise UnusableData("hub.no_code")
    if known.profile.generated != told.profile.generated:
        raise UnusableData("hub.generated_stays")
    head = known.head if known.last else heard.sha256
    keys = known.with_key(public, known.last)
    return replace(known, state=Standing.PENDING, profile=told.profile, keys=keys, head=head)


def require_profile(profile: Profile, settings: HubSettings) -> None:
    """Raises UnusableData for a profile that the hub could not class or place."""
    if profile.region not in settings.region_codes:
        raise UnusableData("hub.no_region", region=profile.region[:60], known=", ".join(settings.region_codes))
    try:
        industries().of(profile.industry)
    except LinesideError as error:
        raise UnusableData(error.key, **error.fields) from error


def figures_of(profile: Profile) -> dict[str, float]:
    """What a profile tells of its size, as the schemes name it."""
    told = {
        "employees": profile.employees,
        "revenue_cny": profile.revenue_cny,
        "turnover_eur": profile.turnover_eur,
        "balance_eur": profile.balance_eur,
    }
    return {name: float(value) for name, value in told.items() if value is not None}


@lru_cache(maxsize=2**17)
def size_of(profile: Profile, scheme: str) -> str | None:
    """The class of a profile by a scheme; None where what it tells leaves several possible."""
    known = size_schemes()[scheme].of(figures_of(profile)).known
    return None if known is None else known.id
