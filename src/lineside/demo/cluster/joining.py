"""Brings generated members into a hub by the door that every member takes, and lets them say what they have to say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from lineside.demo.cluster.depending import depends
from lineside.demo.cluster.firms import firms
from lineside.demo.cluster.generate import GeneratedMember
from lineside.demo.cluster.history import HistoryClock
from lineside.demo.cluster.speaking import Speaker, heard, said_us
from lineside.errors import ConfigurationError
from lineside.hub import Hub, agreement_hash
from lineside.texts import DEFAULT_LANGUAGE
from lineside.trust import fingerprint

Progress = Callable[[int, int], None]
"""Told how many of how many things are done: a member admitted, a month told."""
Monthly = Callable[[Mapping[int, Speaker], int], None]
"""What is done at the hub each time when all have said what there is to say after a month."""


def join(
    hub: Hub,
    members: Sequence[GeneratedMember],
    *,
    clock: HistoryClock,
    progress: Progress,
    monthly: Monthly = lambda _speakers, _month: None,
    language: str = DEFAULT_LANGUAGE,
) -> Mapping[int, Speaker]:
    """Invited, enrolled, admitted and heard: who speaks for each generated member, by its number among them.

    All of it goes through `Hub.receive` and a registrar, so the hub has a ledger and receipts as of anybody else; its
    clock goes along with the history that they tell. Raises UnusableData for what the hub does not take.
    """
    total, done = len(members) + sum(len(one.said) for one in members), 0
    speakers = _enrolled(hub, members, clock() // 1000, language)
    by_number = {speaker.told.number: speaker for speaker in speakers}
    for speaker in speakers:
        hub.registrar.admit(speaker.member, fingerprint(speaker.key.public))
        done += 1
        progress(done, total)
    for month in sorted({said.after for one in members for said in one.said}):
        clock.forward_to(said_us(month))
        done += _heard(hub, speakers, month, clock() // 1000)
        monthly(by_number, month)
        progress(done, total)
    return by_number


def in_turn(*each: Monthly) -> Monthly:
    """One after the other."""

    def monthly(speakers: Mapping[int, Speaker], month: int) -> None:
        for one in each:
            one(speakers, month)

    return monthly


def release_exposures(
    hub: Hub, speakers: Mapping[int, Speaker], seed: int, *, month: int, now_ms: int, language: str = DEFAULT_LANGUAGE
) -> int:
    """How many of them told what they depend on, as of a month; the hub tells everybody of shocks where they suffice.

    Raises UnusableData for what the hub does not take.
    """
    made = {firm.number: depends(firm, seed, language) for firm in firms(seed, len(speakers))}
    due = [(speakers[number], told) for number, told in made.items() if told is not None]
    count = heard(hub, [(one, one.exposure(told, month, now_ms)) for one, told in due])
    try:
        hub.shocks.tell()
    except ConfigurationError as error:
        if error.key != "shocks.too_few":
            raise
    return count


def _enrolled(hub: Hub, members: Sequence[GeneratedMember], now_ms: int, language: str) -> list[Speaker]:
    invited = hub.invitations.invite([one.profile.name for one in members], language=language)
    speakers = [Speaker.invited(one, made.envelope) for one, made in zip(members, invited, strict=True)]
    said = [one.enrolment(agreement_hash(one.invitation.agreement), now_ms) for one in speakers]
    for speaker, answer in zip(speakers, hub.receive(b"\n".join(one.json() for one in said)), strict=True):
        speaker.welcomed(answer)
    return speakers


def _heard(hub: Hub, speakers: Sequence[Speaker], month: int, now_ms: int) -> int:
    """How many statements came after a month; each has a receipt."""
    due = [(one, said) for one in speakers for said in one.told.said if said.after == month]
    return heard(hub, [(one, one.submission(said, now_ms)) for one, said in due])
