"""The valve itself: what may leave is decided in memory, noted at once, and in the books within a second."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import NoReturn

from lineside.errors import LinesideError
from lineside.trust import NODE, Judgement, Kind, Ledger, Outlet, Parcel, Transformation, Withheld, fallen
from lineside.valve.leavings import Last, Leavings, Total, chain_over
from lineside.valve.release import Limits, Release, State, Terms, checked, contradiction, meant
from lineside.valve.releases import Releases
from lineside.valve.watch import unusual

HOUR_US = 3_600_000_000
FRESH_S = 1.0
"""So long a look at the releases holds: an approver who left is noticed then."""
BACK_US = HOUR_US
"""So far a clock may be set back; farther, it is not known any more whether a release is over."""
UNKEPT_S = 30.0
"""So long what left may wait to be written down, as on a full disk; then nothing leaves any more."""
SHOWN_BYTES = 262_144
MOST_KINDS = 200
_VERDICTS = 10_000
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Running:
    """An open release, with what has left by it in this hour and in all."""

    release: Release
    total: Total
    last: dict[str, Last] = field(default_factory=dict)
    verdicts: dict[tuple[frozenset[str], float, Transformation | None], Withheld | None] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)
    """The kinds of parcels of which the last is not written down yet."""
    dirty: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A parcel that was withheld, when, how many bytes it was, and why."""

    parcel: Parcel
    at_us: int
    size: int
    why: Withheld


class Valve(Outlet):
    """Lets out what an open release allows, and nothing else. Closed, or in doubt, it lets nothing out."""

    def __init__(
        self, releases: Releases, leavings: Leavings, judgement: Callable[[], Judgement], ledger: Ledger
    ) -> None:
        self.releases = releases
        self._leavings, self._judgement, self._ledger = leavings, judgement, ledger
        self._lock = threading.Lock()
        self._running: dict[int, _Running] = {}
        self._ways: Mapping[tuple[str, str], tuple[int, ...]] = {}
        self._flows: frozenset[str] = frozenset()
        self._looked: tuple[float, int, Judgement | None] = (float("-inf"), -1, None)
        self._held: dict[tuple[str, str, str], Held] = {}
        self._kept_at = monotonic()
        self._told_us = 0

    def is_open(self, flow: str, recipient: str) -> bool:
        """Whether any open release leads there."""
        return self.why_not(flow, recipient) is None

    def let_out(self, parcel: Parcel) -> None:
        """Decides by the open release of the way that allows the parcel, if any."""
        try:
            with self._lock:
                self._let_out(parcel)
        except Withheld as withheld:
            self.refuse(parcel, withheld)

    def refuse(self, parcel: Parcel, why: Withheld) -> NoReturn:
        """Notes that a parcel is withheld, and raises why; one without content was not even made."""
        self._hold(parcel, why)
        self._ledger.count(Kind.WITHHELD, who=NODE, about="valve", flow=parcel.flow, why=why.key)
        raise why

    def _ready(self) -> None:
        """Raises Withheld where nothing at all may leave."""
        if (closing := self.releases.closed) is not None:
            raise Withheld("valve.shut", since=closing.at_us, why=closing.key)
        if monotonic() - self._kept_at > UNKEPT_S:
            raise Withheld("valve.not_noted")
        if self.releases.now() < self.releases.latest_us - BACK_US:
            raise Withheld("valve.clock", since=self.releases.latest_us)
        self._look()

    def _let_out(self, parcel: Parcel) -> None:
        self._ready()
        numbers = self._ways.get((parcel.flow, parcel.recipient))
        if not numbers:
            raise self._why_not(parcel)
        withheld: Withheld | None = None
        for number in numbers:
            running = self._running[number]
            withheld = self._verdict(running, parcel)
            if withheld is None:
                self._note(running, parcel)
                return
        raise withheld or Withheld("valve.no_release_for", flow=parcel.flow, recipient=parcel.recipient)

    def _why_not(self, parcel: Parcel) -> Withheld:
        """Why no release leads there: the newest of this way is not open, or there is none."""
        way = parcel.flow, parcel.recipient
        for release in reversed(list(self.releases.all.values())):
            if (release.terms.flow, release.terms.address) == way:
                key = f"valve.is_{self.releases.state(release)}"
                return Withheld(key, number=release.id, release=release.terms.name)
        key = "valve.other_address" if parcel.flow in self._flows else "valve.no_release_for"
        return Withheld(key, flow=parcel.flow, recipient=parcel.recipient)

    def why_not(self, flow: str, recipient: str) -> Withheld | None:
        """Why nothing may leave on a way now; None: something may."""
        nothing = Parcel(flow, recipient, frozenset(), b"", "", "")
        with self._lock:
            try:
                self._ready()
            except Withheld as withheld:
                return withheld
            return None if self._ways.get((flow, recipient)) else self._why_not(nothing)

    def names(self, flow: str, recipient: str | None = None) -> bool:
        """Whether any release was ever asked for on a way, in whatever state it is: then it leads outside."""
        return any(
            one.terms.flow == flow and recipient in (None, one.terms.address) for one in self.releases.all.values()
        )

    def _hold(self, parcel: Parcel, withheld: Withheld) -> None:
        """Keeps the last of each kind that was withheld, in memory alone: whoever decides sees what would leave."""
        key = parcel.flow, parcel.recipient, parcel.what
        if key in self._held or len(self._held) < MOST_KINDS:
            shown = replace(parcel, content=parcel.content[:SHOWN_BYTES])
            self._held[key] = Held(shown, self.releases.now(), len(parcel.content), withheld)

    def held(self) -> list[Held]:
        """What was withheld, the last of each kind of each way, since the node started."""
        return list(self._held.values())

    def ask(self, terms: Terms, by: int) -> Release:
        """Asks for a release, which somebody has yet to allow. Raises ConfigurationError.

        One that names what it could never let out contradicts the grades, and is refused.
        """
        judgement = self._judgement()
        kept = checked(terms, self.releases.now())
        if wrong := contradiction(kept, meant(kept, judgement.things), judgement, self.releases.noise_beside()):
            raise wrong
        return self.releases.ask(kept, judgement.things, by)

    def would(self, release: Release, parcel: Parcel) -> Withheld | None:
        """Why a release would not let a parcel out if it were open; None: it would."""
        return self._judged(release, parcel)

    def total(self, release: Release) -> tuple[Total, dict[str, Last]]:
        """What has left by a release, and the last of each kind."""
        with self._lock:
            running = self._running.get(release.id)
            found = None if running is None else (running.total, dict(running.last))
        total, last = found or self._leavings.of(release.id)
        return total.at(self.releases.now() // HOUR_US * HOUR_US), last

    def _verdict(self, running: _Running, parcel: Parcel) -> Withheld | None:
        key = parcel.things, parcel.days, parcel.done
        if key not in running.verdicts:
            if len(running.verdicts) >= _VERDICTS:
                running.verdicts.clear()
            running.verdicts[key] = self._judged(running.release, parcel)
        return running.verdicts[key]

    def _judged(self, release: Release, parcel: Parcel) -> Withheld | None:
        """Why a release does not let these things out; None: it does."""
        if release.terms.own:
            return None
        if not parcel.things:
            return Withheld("valve.nothing_named", flow=parcel.flow)
        if new := sorted(parcel.things - release.things):
            return Withheld("valve.not_among", thing=new[0], release=release.terms.name, number=release.id)
        if parcel.done != (done := release.terms.transformation):
            return Withheld("valve.not_shaped", release=release.terms.name, number=release.id)
        judgement = self._judgement()
        try:
            graded = judgement.together(parcel.things, parcel.days)
            labels = judgement.labels_of(graded)
            if done is not None:  # never what the sender claims beyond what was allowed
                together = release.terms.transformed(self.releases.noise_beside(release.id)) or done
                graded = fallen(graded.grade, labels, together)
        except (LinesideError, KeyError):
            return Withheld("valve.not_graded", flow=parcel.flow)
        if bound := [label for label in labels if not label.leaves]:
            return Withheld("valve.label", label=bound[0].words or bound[0].id, release=release.terms.name)
        if graded.grade > release.terms.grade:
            return Withheld("valve.grade", grade=graded.grade, most=release.terms.grade, release=release.terms.name)
        return None

    def _note(self, running: _Running, parcel: Parcel) -> None:
        """Counts a parcel as left, unless that goes past what may leave, which closes the release."""
        now, size, terms = self.releases.now(), len(parcel.content), running.release.terms
        total = running.total.at(now // HOUR_US * HOUR_US).more(size)
        past = _past(total, terms.limits)
        odd = unusual(total.hour, running.total.usual)
        if past is not None:
            self._close(running, "valve.past_limit", measure=past[0], most=past[1])
        if odd is not None:
            self._close(running, "valve.unusual", measure=odd.measure, found=odd.found, most=odd.most)
        self.releases.latest_us = max(self.releases.latest_us, now)
        running.total = total.chained(chain_over(total.chain, parcel.content))
        before = running.last.get(parcel.what)
        if before is not None or len(running.last) < MOST_KINDS:
            content = parcel.content[:SHOWN_BYTES]
            running.last[parcel.what] = Last(now, parcel.form, size, content, before and before.content)
            running.fresh.add(parcel.what)
        running.dirty = True

    def _close(self, running: _Running, key: str, **fields: object) -> NoReturn:
        """Closes a release for what it was about to let out, which stays in; also where that cannot be written down."""
        number = running.release.id
        try:
            self.releases.close(number, None, key, **fields)
        except Exception as error:  # noqa: BLE001 - the supervision boundary: it is closed, and written down later
            _log.error("release %d is closed, which is not written down yet: %s", number, error)
        raise Withheld(key, release=running.release.terms.name, **fields)

    def _look(self) -> None:
        """Looks which releases are open, where that may have changed."""
        judged = self._judgement()
        at, version, before = self._looked
        same = version == self.releases.version and before is judged
        if same and monotonic() - at < FRESH_S:
            return
        ways: dict[tuple[str, str], tuple[int, ...]] = {}
        for release in self.releases.all.values():
            if self.releases.state(release) is not State.OPEN:
                continue
            way = release.terms.flow, release.terms.address
            ways[way] = (*ways.get(way, ()), release.id)
            if release.id not in self._running:
                self._running[release.id] = _Running(release, *self._leavings.of(release.id))
            running = self._running[release.id]
            running.release = release
            if not same:
                running.verdicts.clear()
        self._ways, self._flows = ways, frozenset(flow for flow, _ in ways)
        self._looked = monotonic(), self.releases.version, judged

    def forget(self, before_us: int) -> None:
        """Forgets the last bytes that left by releases which were over by then. Raises LinesideError."""
        ended = [
            one.id
            for one in self.releases.all.values()
            if (one.terms.until_us if one.closing is None else one.closing.at_us) < before_us
        ]
        if not ended:
            return
        with self._lock:
            for number in ended:
                self._running.pop(number, None)
        self._leavings.forget(ended)

    def keep(self) -> None:
        """Writes down what left since the last time: each second, and before an orderly end. Raises LinesideError.

        Takes, too, what another process has changed.
        """
        self.releases.notice()
        with self._lock:
            waiting = [one for one in self._running.values() if one.dirty]
            kept = [(one.release.id, one.total, {what: one.last[what] for what in one.fresh}) for one in waiting]
            for one in waiting:
                one.dirty, one.fresh = False, set()
        try:
            self._leavings.keep(kept)
        except BaseException:
            with self._lock:
                for one, (_, _, last) in zip(waiting, kept, strict=True):
                    one.dirty = True
                    one.fresh |= last.keys()
            raise
        if (hour_us := self.releases.now() // HOUR_US * HOUR_US) != self._told_us:
            self._leavings.tell(hour_us)
            self._told_us = hour_us
        with self._lock:
            self._kept_at = monotonic()


def _past(total: Total, limits: Limits) -> tuple[str, int] | None:
    """The limit that a total goes past, and how much it is."""
    if total.hour.parcels > limits.parcels_an_hour:
        return "parcels", limits.parcels_an_hour
    if total.hour.bytes > limits.bytes_an_hour:
        return "bytes", limits.bytes_an_hour
    if limits.bytes_in_all is not None and total.bytes > limits.bytes_in_all:
        return "bytes_in_all", limits.bytes_in_all
    return None
