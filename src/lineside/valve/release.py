"""A release: what may leave, to whom, for what, until when, and who allowed it. A value; `Releases` keeps them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from lineside.errors import ConfigurationError
from lineside.trust import Grade, Judgement, Transformation, fallen
from lineside.valve.shape import FILE, HUB, Every, Shaping, checked_file, checked_hub, told_to_hubs, unfit

DAY_US = 86_400_000_000
LONGEST_DAYS = 366
SANDBOX_DAYS = 30
MOST_WORDS, MOST_PATTERNS = 500, 200
APPROVALS: Mapping[Grade, int] = {Grade.GENERAL: 1, Grade.IMPORTANT: 2}
"""How many different people must allow a release that may carry this grade; core is not here: it does not leave."""
OWNER = 0
"""The number of who sits at the machine of the node and owns its folder, without an account."""
DOWNLOAD, OWN_PEOPLE = "download", "own people"
"""The flow of what people of the plant download, and its address."""
_FOR_GOOD_US = 253_370_764_800_000_000
_FLOW = re.compile(r"sparkplug|mtconnect|download|token/[1-9]\d{0,9}|file|hub")


class State(StrEnum):
    """Where a release stands."""

    WAITING = "waiting"
    """Somebody has yet to allow it."""
    TO_COME = "to_come"
    """Allowed, and not begun."""
    OPEN = "open"
    CLOSED = "closed"
    """By a person, or by the valve itself; for good: who wants it again makes another one."""
    ENDED = "ended"
    """Its time is over."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much may leave; a release that goes past any of them closes itself."""

    parcels_an_hour: int = 20_000
    bytes_an_hour: int = 50_000_000
    bytes_in_all: int | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked for: all that whoever allows it sees, and all that counts."""

    name: str
    purpose: str
    recipient: str
    """Who they are, in words."""
    flow: str
    address: str
    """Where the flow leads, exactly as the flow tells it."""
    content: tuple[str, ...]
    """Patterns over the names of things, as `kpi/line/cell/*`."""
    grade: Grade
    """The highest grade that may leave."""
    since_us: int
    until_us: int
    limits: Limits = field(default_factory=Limits)
    sandbox: bool = False
    """An experiment: short, with limits of its own; what goes past them ends it."""
    approvals: int = 1
    """How many different people must allow it."""
    every: Every | None = None
    """Of files, and of what a hub is told: how long the period is that each tells of."""
    shaping: Shaping | None = None
    """Of files: what is done to the figures; None: they leave as they are."""

    @property
    def transformation(self) -> Transformation | None:
        """What must have been done to whatever leaves, in the words of the rules by which a grade falls."""
        return None if self.shaping is None or self.every is None else self.shaping.transformation(self.every)

    def transformed(self, beside: float) -> Transformation | None:
        """The same for the rules, with the epsilon that other releases cost about the same data."""
        done = self.transformation
        return done if done is None or done.epsilon is None else replace(done, epsilon=done.epsilon + beside)

    @property
    def own(self) -> bool:
        """Whether it is for the plant's own people, whose roles say what they may see: whatever that is may leave."""
        return (self.flow, self.address) == (DOWNLOAD, OWN_PEOPLE)

    def json(self) -> dict[str, Any]:
        """As kept, shown and hashed; what is said of files only where it is."""
        told = asdict(self)
        if self.every is None:
            del told["every"]
        told.pop("shaping")
        if self.shaping is not None:
            told["shaping"] = self.shaping.json()
        return told | {"grade": str(self.grade), "content": list(self.content)}

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Terms:
        """What `json` gave."""
        rest = {name: value for name, value in told.items() if name not in {"grade", "content", "limits", "shaping"}}
        limits = Limits(**told["limits"])
        shaping = Shaping(**told["shaping"]) if "shaping" in told else None
        content = tuple(told["content"])
        return cls(grade=Grade.parse(told["grade"]), content=content, limits=limits, shaping=shaping, **rest)


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody allowed exactly these terms and things; `digest` says which."""

    by: int
    """Their account; 0 is who sits at the machine of a node without accounts."""
    at_us: int
    digest: str


@dataclass(frozen=True, slots=True)
class Closing:
    """Why something was closed: a key of the texts with its fields, and by which account; None: by the valve itself."""

    at_us: int
    by: int | None
    key: str
    fields: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Release:
    """Terms with what happened to them."""

    id: int
    terms: Terms
    things: frozenset[str]
    """What the patterns meant when it was asked for: what is new since has to be allowed anew."""
    made_us: int
    by: int
    approvals: tuple[Approval, ...] = ()
    closing: Closing | None = None

    @property
    def digest(self) -> str:
        """Of what is allowed: the terms and the things they mean."""
        told = {"terms": self.terms.json(), "things": sorted(self.things)}
        return hashlib.sha256(json.dumps(told, sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    def allowed_by(self, may: Callable[[int], bool]) -> frozenset[int]:
        """The people who have allowed it, and still may: an approver who left counts no more.

        Who sits at the machine may be anybody of them, and counts where one is enough.
        """
        counted = (one.by for one in self.approvals if one.digest == self.digest and may(one.by))
        return frozenset(by for by in counted if by != OWNER or self.terms.approvals <= 1)

    def left(self, may: Callable[[int], bool]) -> tuple[int, ...]:
        """Those who allowed it and may not any more."""
        return tuple(sorted({one.by for one in self.approvals if not may(one.by)}))

    def state(self, now_us: int, may: Callable[[int], bool]) -> State:
        """Where it stands."""
        if self.closing is not None:
            return State.CLOSED
        if now_us >= self.terms.until_us:
            return State.ENDED
        if len(self.allowed_by(may)) < self.terms.approvals:
            return State.WAITING
        return State.OPEN if now_us >= self.terms.since_us else State.TO_COME


def checked(terms: Terms, now_us: int) -> Terms:
    """The terms as they would be kept, with as many approvals as their grade needs. Raises ConfigurationError."""
    if terms.grade not in APPROVALS and not terms.own:
        raise ConfigurationError("valve.core")
    for name in ("name", "purpose", "recipient", "address"):
        if not 0 < len(getattr(terms, name).strip()) <= MOST_WORDS:
            raise ConfigurationError("valve.words", field=name, longest=MOST_WORDS)
    if not _FLOW.fullmatch(terms.flow):
        raise ConfigurationError("valve.no_flow", flow=terms.flow[:40])
    if terms.flow == FILE:
        checked_file(terms.address, terms.every, terms.shaping)
    elif terms.flow == HUB:
        checked_hub(terms.address, terms.every, terms.shaping)
    elif terms.every is not None or terms.shaping is not None:
        raise ConfigurationError("valve.only_files", flow=terms.flow)
    if not 0 < len(terms.content) <= MOST_PATTERNS or any(not 0 < len(one) <= MOST_WORDS for one in terms.content):
        raise ConfigurationError("valve.content", most=MOST_PATTERNS)
    longest = SANDBOX_DAYS if terms.sandbox else LONGEST_DAYS
    if not max(terms.since_us, now_us) < terms.until_us <= max(terms.since_us, now_us) + longest * DAY_US:
        raise ConfigurationError("valve.time", days=longest)
    numbers = [terms.limits.parcels_an_hour, terms.limits.bytes_an_hour, terms.limits.bytes_in_all]
    if any(number is not None and number < 1 for number in numbers):
        raise ConfigurationError("valve.limits")
    if terms.sandbox and terms.limits.bytes_in_all is None:
        raise ConfigurationError("valve.sandbox_limits")
    needed = max(terms.approvals, APPROVALS.get(terms.grade, 2))
    return replace(terms, approvals=needed)


def own_people() -> Terms:
    """The release that is there from the start: what the plant's own people download, as their roles let them."""
    return Terms(
        name="own people",
        purpose="own people",
        recipient="own people",
        flow=DOWNLOAD,
        address=OWN_PEOPLE,
        content=("*",),
        grade=Grade.CORE,
        since_us=0,
        until_us=_FOR_GOOD_US,
        limits=Limits(bytes_an_hour=10**12),
        approvals=0,
    )


def contradiction(
    terms: Terms, things: Iterable[str], judgement: Judgement, beside: float = 0.0
) -> ConfigurationError | None:
    """Why a release could never let something out that it names: its grade, a label, or how; None: it could.

    `beside` is the epsilon that other releases cost.
    """
    if terms.own:
        return None
    for thing in sorted(things):
        if terms.flow == FILE and (wrong := unfit(thing, terms.shaping)):
            return wrong
        if terms.flow == HUB and not told_to_hubs(thing):
            return ConfigurationError("valve.not_to_hubs", thing=thing)
        graded = judgement.of(thing)
        held, labels = graded.grade, judgement.labels_of(graded)
        if (done := terms.transformed(beside)) is not None:
            graded = fallen(held, labels, done)
        if graded.grade > terms.grade:
            alone = terms.transformation
            if beside and alone is not None and fallen(held, labels, alone).grade <= terms.grade:
                return ConfigurationError("valve.noise_together", thing=thing, budget=alone.epsilon, beside=beside)
            return ConfigurationError("valve.above", thing=thing, grade=graded.grade, most=terms.grade)
        for label in judgement.labels_of(graded):
            if not label.leaves:
                return ConfigurationError("valve.bears", thing=thing, label=label.words or label.id)
    return None


def meant(terms: Terms, things: Iterable[str]) -> frozenset[str]:
    """The things that the patterns mean. Raises ConfigurationError for a pattern that means nothing."""
    known = tuple(things)
    found: set[str] = set()
    for pattern in terms.content:
        matching = {thing for thing in known if fnmatchcase(thing, pattern)}
        if not matching:
            raise ConfigurationError("valve.means_nothing", pattern=pattern[:200])
        found |= matching
    return frozenset(found)
