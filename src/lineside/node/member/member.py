"""A node as a member of a hub: what people decide about it, and what it does by itself, past the valve."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from lineside.books import Books
from lineside.errors import ConfigurationError, LinesideError, UnusableData
from lineside.exchange import (
    APPLICATION,
    Askable,
    Envelope,
    Leaving,
    Profile,
    ProfileChange,
    Rotation,
    Signed,
    Statement,
    Submission,
    Told,
    Value,
    encoded,
    month_name,
    month_number,
)
from lineside.history import History
from lineside.jobs import JobContext, Json
from lineside.node.indicators import Evidence, TwinsOf
from lineside.node.member.answers import Answers
from lineside.node.member.applying import Brought
from lineside.node.member.asking import PROFILE, Language
from lineside.node.member.chain import Build, Chain, Said, told_before
from lineside.node.member.door import FORM, Door, Letter, answers_of, parcel_of
from lineside.node.member.entered import Entered
from lineside.node.member.keys import Keys
from lineside.node.member.membership import Membership, Memberships, Stage, checked
from lineside.node.member.pilots import PilotsAsked
from lineside.node.member.records import EvidenceRecord
from lineside.node.member.speaking import MONTH_DAYS, SILENT, Speaker, tag_of, things_told
from lineside.node.member.standpoint import Standpoints
from lineside.node.member.sums import Speech, SumsTaken
from lineside.node.member.telling import TOLD_AFTER_US, Months, MonthTold, differing, months_due, over, reason
from lineside.node.member.witness import Witness
from lineside.node.things import indicator_thing
from lineside.orders import Ledger as Orders
from lineside.plant import Timeline, moment
from lineside.trust import HERE, NODE, Ledger, Parcel
from lineside.valve import HUB, Release, Valve

MEMBER = "member"
"""The kind of the job."""
_DAY_US = 86_400_000_000
_ASK_AGAIN_US = 600_000_000
"""So often it is asked whether the hub's people have admitted this node."""
_INDICATORS = indicator_thing("")


@dataclass(frozen=True, slots=True)
class Carried:
    """What a file of answers came to: how many statements were taken, and what was refused."""

    taken: int
    problems: tuple[LinesideError, ...]


class Member:
    """All of it for one folder. `now_us`: microseconds since 1970."""

    def __init__(
        self,
        books: Books,
        history: History,
        timeline: Callable[[], Timeline],
        orders: Callable[[], Orders],
        valve: Valve,
        ledger: Ledger,
        twins: TwinsOf,
    ) -> None:
        self._books, self._timeline, self._valve = books, timeline, valve
        self.memberships = Memberships(books, ledger, Keys(books.folder), self.now)
        self.chain = Chain(books, ledger, self.memberships)
        self.entered = Entered(books, ledger, self.now)
        self.months = Months(history, timeline, orders, self.entered, twins)
        self.witness = Witness(books, ledger)
        self._speaker = Speaker(self.memberships, self.chain, self.witness, valve, ledger)
        speech = Speech(
            self.memberships.speaking,
            lambda: self.ask("sums"),
            lambda of_round, since: self.ask("sum_members", of_round, since=since),
            self.say,
            self._value,
        )
        self.sums = SumsTaken(books, ledger, speech, self.now)
        answers = Answers(books, self.memberships.speaking, self.ask)
        self.standpoints, self.pilots = Standpoints(answers), PilotsAsked(answers)
        self._lock = threading.Lock()

    def now(self) -> int:
        """The time by the valve's clock, in microseconds since 1970."""
        return self._valve.releases.now()

    # what it does by itself

    def due(self) -> bool:
        """Whether there is anything to say or ask now."""
        found, now = self.memberships.current(), self.now()
        if found is None or found.over or found.state in (Stage.INVITED, Stage.STOPPED) or now < found.next_us:
            return False
        if not found.invitation.address or self.release(found) is None:
            return False
        if self.sums.due():
            return True
        late = found.said_us is None or found.said_us < max(now - _DAY_US, self._last_due(now))
        return found.state is not Stage.ADMITTED or late or bool(self.chain.waiting(found))

    def _last_due(self, now: int) -> int:
        """When a month became due last."""
        months = over(now - 62 * _DAY_US, now, self._timeline().newest)
        return self.months.window(months[-1])[1] + TOLD_AFTER_US if months else 0

    def work(self, context: JobContext, _: Json) -> dict[str, Any]:
        """The job: one run."""
        context.check()
        fault = self.sums.keep_on()
        found = self.speak()
        if fault is not None:
            raise fault
        return {} if found is None else {"state": found.state.value, "said": self.chain.last(found)[0]}

    def speak(self, first: str | None = None, who: str = NODE) -> Membership | None:
        """Says what is due, from a month on where it is named, and hands over what waits."""
        with self._lock:
            found = self._speaker.run(lambda membership: self.prepare(membership, first, who))
            if found is not None and found.state is Stage.ENROLLED and found.problem is None:
                found = self.memberships.change(found, next_us=self.now() + _ASK_AGAIN_US)
            return self._after(found)

    def prepare(self, found: Membership, first: str | None = None, who: str = NODE) -> int:
        """Makes the statements of the months that are due; how many."""
        release = self.release(found)
        if release is None:
            return 0
        count, said = 0, told_before(self.chain.all(found))
        news, anew = months_due(release.terms.since_us, self.now(), self._timeline().newest, said, first)
        for month in news:
            self._say(found, self.told(month, release), "", who)
            count += 1
        for month in anew:
            told = self.told(month, release)
            if changed := tuple(differing(said[month], told.values)):
                why = reason(said[month], changed)
                self._say(found, replace(told, values=changed), why, who)
                count += 1
        self.memberships.change(found, said_us=self.now())
        return count

    def _say(self, found: Membership, told: MonthTold, why: str, who: str) -> None:
        def build(fields: Any) -> Submission:
            edition = self.months.catalogue.edition.id
            return Submission(month=told.month, catalogue=edition, values=told.values, why=why, **fields)

        self.chain.make(found, build, who, told.evidence)

    def told(self, month: str, release: Release | None) -> MonthTold:
        """What a hub would be told of a month by a release; None: as if all were released."""
        found = self.memberships.current()
        generated = found is not None and found.profile is not None and found.profile.generated
        return self.months.told(month, lambda one: self._released(one, release), self.now(), generated=generated)

    def _released(self, thing: str, release: Release | None) -> bool:
        if release is None:
            return True
        if thing not in release.things:
            return False
        return self._valve.would(release, Parcel(HUB, release.terms.address, frozenset({thing}), b"", "", "")) is None

    def release(self, found: Membership) -> Release | None:
        """The open release that months go by; None where none is open.

        It is the newest that names an indicator, as two could not be put together: what each allows was allowed as it
        was shown. One that names none, as for replies alone, takes nothing from the months.
        """
        opened = self.opened(found)
        telling = (one for one in opened if any(thing.startswith(_INDICATORS) for thing in one.things))
        return next(telling, next(iter(opened), None))

    def opened(self, found: Membership) -> list[Release]:
        """The open releases of this hub, the newest first; all but months leave by any that lets it out."""
        return self._valve.releases.open_on(HUB, found.hub)

    def _after(self, found: Membership | None) -> Membership | None:
        """Closes the releases of a hub that was left: nothing more will leave by them."""
        if found is not None and found.state is Stage.LEFT:
            for one in list(self._valve.releases.all.values()):
                if (one.terms.flow, one.terms.address) == (HUB, found.hub) and one.closing is None:
                    self._valve.releases.close(one.id, None, "member.closed_as_left", hub=found.invitation.name)
        return found

    # what people decide

    def change_profile(self, profile: Profile, who: str = HERE) -> Membership:
        """The factory is something else from now on; said with the next run. Raises ConfigurationError."""
        with self._lock:
            found = self._enrolled()
            kept = checked(profile)
            self.chain.make(found, lambda fields: ProfileChange(profile=kept, **fields), who=who)
            return self.memberships.change(found, profile=msgspec.to_builtins(kept), next_us=0)

    def rotate(self, who: str = HERE) -> Membership:
        """Another key is to speak from the next statement on. Raises ConfigurationError."""
        with self._lock:
            found = self._enrolled()
            keys = self.memberships.keys
            self.chain.make(found, lambda fields: Rotation(key=keys.following().public.hex(), **fields), who=who)
            return self.memberships.change(found, next_us=0)

    def leave(self, why: str = "", who: str = HERE) -> Membership:
        """Says no more after this; one that never enrolled is over at once. Raises ConfigurationError."""
        with self._lock:
            found = self.memberships.speaking()
            if found.member is None:
                return self.memberships.change(found, state=Stage.LEFT.value)
            self.chain.make(found, lambda fields: Leaving(why=why.strip(), **fields), who=who)
            return self.memberships.change(found, next_us=0)

    def recover(self, who: str = HERE) -> Membership | None:
        """Goes on after a stop: takes back from the hub what was said with this node's key, by whomever.

        Raises LinesideError where that cannot be.
        """
        with self._lock:
            found = self._enrolled()
            found = self.memberships.change(found, state=Stage.ADMITTED.value, problem=None, next_us=0)
            self._speaker.recover(found, by_hand=True, who=who)
            return self.memberships.current()

    def _enrolled(self) -> Membership:
        found = self.memberships.speaking()
        if found.member is None:
            raise ConfigurationError("member.not_enrolled")
        return found

    def sign(self, text: bytes) -> tuple[Signed, Envelope]:
        """An application for support that people brought from the hub, signed with the key that speaks.

        It passes the valve as the profile does. Raises UnusableData for what is no application, Withheld, and
        ConfigurationError.
        """
        brought = Brought.parse(text)
        with self._lock:
            found = self._enrolled()
            envelope = Envelope.sign(APPLICATION, brought.payload, self.memberships.key_of(found))
            Door(self._valve, found.invitation).written([Letter(envelope, PROFILE, "application")])
            return brought.says, envelope

    def say(self, build: Build, who: str = HERE) -> Said:
        """Signs what people decided to say beside the months; it leaves with the next run.

        Raises Withheld where the open release would not let it out, so that it never holds up what follows, and
        ConfigurationError.
        """
        with self._lock:
            found = self._enrolled()
            if why := self.held_back(found, build(self._fields(found))):
                raise why
            said = self.chain.make(found, build, who)
            self.memberships.change(found, next_us=0)
            return said

    def drafted(self, build: Build) -> Statement:
        """What a statement would be now; it is not signed, and not kept. Raises ConfigurationError."""
        return build(self._fields(self._enrolled()))

    def held_back(self, found: Membership, told: Statement) -> LinesideError | None:
        """Why a statement could not leave now, as the newest open release has it; None: one of them lets it out."""
        opened = self.opened(found)
        if not opened:
            return ConfigurationError("member.no_release", hub=found.invitation.name)
        parcel = Parcel(HUB, found.hub, things_told(told), encoded(told), FORM, tag_of(told))
        reasons = [self._valve.would(one, parcel) for one in opened]
        return None if None in reasons else reasons[0]

    def ask(self, what: Askable, about: str = "", language: Language = "en", since: int = 0) -> Told:
        """What the hub tells this node when it asks for itself, in words of a language. Raises LinesideError."""
        with self._lock:
            self._enrolled()
            return self._speaker.ask(what, about, language, since)

    def _value(self, month: str, indicator: str) -> Value:
        """The value of an indicator as this node has it, whatever is released."""
        return next(one for one in self.told(month, None).values if one.indicator == indicator)

    def _fields(self, found: Membership) -> dict[str, Any]:
        """What every statement begins with, of the next one."""
        number, head = (0, "0" * 64) if found.enrolment is None else self.chain.last(found)
        return self.chain.fields(found, number, head)

    # shown before it leaves

    def last_month(self) -> str:
        """The last whole month, as the plant's clock has it."""
        today = moment(self.now(), self._timeline().newest.site.zone)
        number = month_number(f"{today:%Y-%m}") - 1
        name = month_name(number)
        return name if self.months.window(name)[1] <= self.now() else month_name(number - 1)

    def preview(self, month: str | None = None, release: Release | None = None) -> tuple[Submission, MonthTold]:
        """What would be said of a month, by a release, or by the one that is open; not signed, and not kept."""
        found = self.memberships.current()
        if release is None and found is not None:
            release = self.release(found)
        told = self.told(month or self.last_month(), release)
        if found is None:
            nobody = "0" * 64
            made = {"previous": nobody, "made_ms": self.now() // 1000}
            fields: dict[str, Any] = {"hub": nobody, "member": 1, "number": 1, **made}
        else:
            fields = self._fields(found)
        edition = self.months.catalogue.edition.id
        submission = Submission(month=told.month, catalogue=edition, values=told.values, **fields)
        return submission, told

    def preview_parcels(self, release: Release) -> list[Parcel]:
        """The parcels by which the last whole month would leave by a release, and what else waits for the hub."""
        found = self.memberships.current()
        submission, _ = self.preview(release=release)
        things = frozenset(indicator_thing(o.indicator) for o in submission.values if o.absent not in SILENT)
        hub, content = release.terms.address, encoded(submission)
        month = [Parcel(HUB, hub, things, content, FORM, "submission", MONTH_DAYS)] if things else []
        waiting = self._speaker.letters(found) if found is not None and found.hub == hub else ()
        return [*(parcel_of(hub, one) for one in waiting), *month]

    def evidence(self, sha256: str) -> bytes:
        """The document that a value named. Raises ConfigurationError where it is not here."""
        with self._books.reading() as rows:
            record = rows.get(EvidenceRecord, sha256)
            if record is None:
                raise ConfigurationError("member.no_evidence", sha256=sha256[:64])
            return Evidence.unpacked(record.document).document

    # on a stick

    def letters(self, first: str | None = None, who: str = HERE) -> bytes:
        """The text of a file with what the hub has yet to take, and the months that are due.

        From here on the hub may have it. Raises Withheld, and ConfigurationError where there is nothing to be said.
        """
        with self._lock:
            found = self.memberships.speaking()
            if found.state is Stage.STOPPED:
                raise found.problem or ConfigurationError("member.none")
            if found.member is not None and not self.chain.waiting(found):
                self.prepare(found, first, who)
            letters: list[Letter] = list(self._speaker.letters(found))
            if not letters:
                raise ConfigurationError("member.nothing_due")
            text = Door(self._valve, found.invitation).written(letters)
            self._handed_over(found)
            return text

    def _handed_over(self, found: Membership) -> None:
        if found.welcome is None:
            self.memberships.change(found, sent_us=self.now())
        for said in self.chain.waiting(found):
            self.chain.sent(found, said.number)

    def carry(self, text: bytes) -> Carried:
        """Takes a file of answers that came back. Raises UnusableData where nothing in it answers this node."""
        with self._lock:
            answers = {one.sha256: one for one in answers_of(text)}
            taken, problems, known = 0, list[LinesideError](), 0
            found = self.memberships.speaking()
            if found.enrolment is not None and (answer := answers.get(found.enrolment.sha256)) is not None:
                known += 1
                found = self._speaker.welcome(found, answer)
            for said in self.chain.all(found):
                answer = answers.get(said.envelope.sha256)
                if answer is None:
                    continue
                known += 1
                try:
                    taken += self._speaker.carried(found, said, answer)
                except UnusableData as why:
                    problems.append(why)
                found = self.memberships.current() or found
            if not known:
                raise UnusableData("member.no_answers")
            self._after(found)
            return Carried(taken, tuple(problems))
