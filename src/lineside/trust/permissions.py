"""Who may do what, and where. Every route and socket topic declares one of these permissions.

An identity holds each permission for the whole site, or for some lines and machines of it; at a hub, which has no
plant, for the whole hub or for some of its members. A token limits what its account may do: it is a second layer, and
what is asked must be allowed by every layer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from lineside.errors import NotPermitted
from lineside.plant import Area, Line, Machine
from lineside.trust.ledger import HERE, NOBODY

SITE = "site"
MEMBER = "member"
"""The kind of scope that is one member of a hub: "member/17", by its number in the register."""
CONCERN = "concern"
"""The kind of scope that is what incidents concern: "concern/security", as the settings of a hub name it."""


class Permission(StrEnum):
    """What a route or topic needs its caller to be allowed."""

    OPEN = "open"
    """Anybody, also who is not known: the way in, and what tells nothing of the plant."""
    SELF = "self"
    """Anybody known, about themselves."""
    READ_PLANT = "plant.read"
    """What everybody with a role may know: what the plant is made of; at a hub, what it tells all its members."""
    READ_FACTS = "facts.read"
    WRITE_FACTS = "facts.write"
    READ_ORDERS = "orders.read"
    WRITE_ORDERS = "orders.write"
    READ_SOURCES = "sources.read"
    TRUST_SOURCES = "sources.trust"
    READ_JOBS = "jobs.read"
    RUN_JOBS = "jobs.run"
    PLAN = "plans.run"
    """Questions to a twin, and schedules: long work that changes nothing."""
    KEEP_NODE = "node.keep"
    """Backups, and what else writes on the node's machine."""
    READ_PEOPLE = "people.read"
    WRITE_PEOPLE = "people.write"
    READ_LEDGER = "ledger.read"
    """What happened, and the proof of it; it tells of everybody, so it is for the whole site."""
    KEEP_LEDGER = "ledger.keep"
    """Keeping receipts."""
    READ_GRADES = "grades.read"
    WRITE_GRADES = "grades.write"
    READ_RELEASES = "releases.read"
    ASK_RELEASES = "releases.ask"
    ALLOW_RELEASES = "releases.allow"
    """Also to open the valve again."""
    SHUT_VALVE = "valve.shut"
    """Also to close a single release: whoever sees something odd may stop it."""
    READ_MEMBERS = "members.read"
    """The register of a hub: who is a member, since when, by which key; no value of anybody."""
    WRITE_MEMBERS = "members.write"
    """To invite, admit, pair and close members, and to change what the register says of them."""
    READ_FIGURES = "figures.read"
    """What members released, and what is computed of it and not protected."""
    READ_OBJECTIONS = "objections.read"
    """What members object to or apply for, with the figures of theirs that it is about."""
    RAISE_OBJECTIONS = "objections.write"
    DECIDE_OBJECTIONS = "objections.decide"
    WRITE_PILOTS = "pilots.write"
    """To fix the plans of pilots."""
    OFFER_PACKS = "packs.offer"
    """To draft solution packs and answer needs."""
    PUBLISH_PACKS = "packs.publish"
    ASK_MEMBERS = "questions.write"
    """To publish questions and obligations, and to set the terms of sandboxes and end them."""
    READ_REPLIES = "replies.read"
    """What members answered, and how their sandboxes go."""
    READ_INCIDENTS = "incidents.read"
    """That there are incidents, and who looked at them; a member reads all of its own."""
    FOLLOW_INCIDENTS = "incidents.follow"
    """To look at what members told of incidents, for who has to know, to share and to close them: all in the ledger."""
    READ_EXPOSURES = "exposures.read"
    """What a shock would do to the members, by name."""
    LEARN_TYPES = "types.learn"
    """To have the types of members learned before the hub does so by itself."""
    TRY_RULES = "rules.try"
    """To try changes of support rules on all members: who sees no figures sees of it what protects single members."""


ABOUT_ONESELF = frozenset({Permission.OPEN, Permission.SELF})

Layers = tuple[frozenset[str], ...]
"""Scopes ("line/cell", "member/17"), all of which must hold a thing; none at all is the whole site, or hub."""


class Ground(Protocol):
    """What scopes lie in: a plant. A member of a hub lies in nothing, so that its scope needs no ground."""

    @property
    def areas(self) -> Mapping[str, Area]:
        """By their ids."""

    @property
    def lines(self) -> Mapping[str, Line]:
        """By their ids."""

    @property
    def machines(self) -> Mapping[str, Machine]:
        """By their ids."""


@dataclass(frozen=True, slots=True)
class NoGround:
    """That of a house without a plant: no area, line or machine is in reach of a part of it."""

    areas: Mapping[str, Area] = field(default_factory=dict)
    lines: Mapping[str, Line] = field(default_factory=dict)
    machines: Mapping[str, Machine] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody known to the node, with what they may do; a permission that `layers` does not name is for the site."""

    name: str
    permissions: frozenset[Permission]
    layers: Mapping[Permission, Layers] = field(default_factory=dict)
    account: int | None = None
    """Its number in the books; none for who is at the machine itself, or not known."""
    session: int | None = None
    token: int | None = None
    """The number of the token it shows itself by, if any."""
    known: bool = True
    lacks_factor: bool = False
    """Whether a second factor is demanded of them and they have none yet."""

    @property
    def who(self) -> str:
        """How the ledger names it: by the number of its account, never by its name."""
        if self.account is not None:
            return f"account/{self.account}"
        return HERE if self.known else NOBODY

    def reach(self, permission: Permission, ground: Callable[[], Ground]) -> Reach:
        """Of the ground, as it is when it is looked at, what this identity may touch with a permission it holds."""
        return Reach(self.layers.get(permission, ()), ground)


LOCAL_OWNER = Identity("local owner", frozenset(Permission))
"""Whoever owns the folder of a plant or a hub, at the machine itself."""

ANYBODY = Identity("anybody", frozenset({Permission.OPEN}), known=False)
"""Who has not said who they are."""


class Reach:
    """What of a plant may be touched, or of a hub."""

    def __init__(self, layers: Layers, ground: Callable[[], Ground]) -> None:
        self._layers = tuple(sorted({layer for layer in layers if SITE not in layer}, key=sorted))
        self._read = ground

    @property
    def _plant(self) -> Ground:
        return self._read()

    @property
    def key(self) -> Layers:
        """Equal for two that reach the same of one plant or hub."""
        return self._layers

    @property
    def whole(self) -> bool:
        """Whether it is the whole site, or the whole hub."""
        return not self._layers

    def machine(self, name: str) -> bool:
        """Whether a machine is in reach; one that there is not is in reach of the whole site alone."""
        if self.whole:
            return True
        machine = self._plant.machines.get(name)
        return machine is not None and self._within({f"machine/{name}", *self._above(machine.line)})

    def line(self, name: str) -> bool:
        """Whether a line as a whole is in reach."""
        return self.whole or (name in self._plant.lines and self._within(self._above(name)))

    def area(self, name: str) -> bool:
        """Whether an area as a whole is in reach."""
        return self.whole or (name in self._plant.areas and self._within({f"area/{name}"}))

    def feeds(self, source: str) -> bool:
        """Whether every machine that a source feeds is in reach, and it feeds any."""
        fed = [name for name, machine in self._plant.machines.items() if machine.source == source]
        return self.whole or (bool(fed) and all(map(self.machine, fed)))

    def touches(self, source: str) -> bool:
        """Whether any machine that a source feeds is in reach."""
        fed = (name for name, machine in self._plant.machines.items() if machine.source == source)
        return self.whole or any(map(self.machine, fed))

    def member(self, number: str | int) -> bool:
        """Whether a member of the hub is in reach."""
        return self.whole or self._within({f"{MEMBER}/{number}"})

    def concern(self, name: str) -> bool:
        """Whether what an incident concerns is in reach."""
        return self.whole or self._within({f"{CONCERN}/{name}"})

    def covers(self, scope: str) -> bool:
        """Whether a scope ("machine/press", "line/cell", "area/hall", "site", "source/plc", "member/17") is in it."""
        kind, _, name = scope.partition("/")
        inside = {
            "machine": self.machine,
            "line": self.line,
            "area": self.area,
            "source": self.touches,
            MEMBER: self.member,
            CONCERN: self.concern,
        }.get(kind)
        return self.whole if inside is None else inside(name)

    def _above(self, line: str) -> set[str]:
        return {f"line/{line}", f"area/{self._plant.lines[line].area}"}

    def _within(self, places: set[str]) -> bool:
        return all(layer & places for layer in self._layers)


def require(identity: Identity, permission: Permission) -> None:
    """Raises NotPermitted when `identity` lacks `permission`."""
    if permission not in identity.permissions and identity.lacks_factor:
        raise NotPermitted("trust.second_factor")
    if permission not in identity.permissions:
        raise NotPermitted("trust.not_permitted", name=identity.name, permission=permission.value)
