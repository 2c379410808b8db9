"""The valve over HTTP: what leaves, releases with the exact bytes, and the one big close."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Request, get, post
from litestar.params import FromPath, JSONBody
from msgspec import Meta, Struct, field
from msgspec.structs import asdict

from lineside.api.guard import TheCaller, Within, needs
from lineside.api.parameters import TheNode
from lineside.api.problems import language_of
from lineside.api.valve_view import preview_parcels_json, release_in_full_json, release_json, valve_json
from lineside.errors import ConfigurationError
from lineside.trust import Grade, Identity, Permission
from lineside.valve import Every, How, Limits, Shaping, Terms, Unit

_DAY_US = 86_400_000_000
_MS = Annotated[int, Meta(ge=0, le=9_000_000_000_000)]
_Whole = Annotated[int, Meta(ge=1, le=2**53)]


class LimitsAsked(Struct, forbid_unknown_fields=True):
    """How much may leave; `bytes_in_all` is left out where there is no such limit."""

    parcels_an_hour: _Whole = Limits().parcels_an_hour
    bytes_an_hour: _Whole = Limits().bytes_an_hour
    bytes_in_all: _Whole | None = None


class ShapingAsked(Struct, forbid_unknown_fields=True):
    """What is done to figures in files: so many contributors at least, each a `unit`; noise costs `epsilon` each."""

    how: How
    unit: Unit
    contributors: Annotated[int, Meta(ge=2, le=10_000)] = 5
    largest: Annotated[float, Meta(ge=0, le=1)] = 0.75
    epsilon: Annotated[float, Meta(ge=1e-3, le=20)] = 0.1
    budget: Annotated[float, Meta(ge=1e-3, le=1000)] = 1.0


class ReleaseAsked(Struct, forbid_unknown_fields=True):
    """A release: what for, to whom, by which way, of what, and until when (`until_ms`, or so many `days`).

    Files tell one `schedule` each, `shaping` says what is done to their figures.
    """

    name: str
    purpose: str
    recipient: str
    flow: str
    address: str
    content: list[str]
    grade: str = "general"
    since_ms: _MS | None = None
    until_ms: _MS | None = None
    days: Annotated[int, Meta(ge=1, le=366)] = 30
    limits: LimitsAsked = field(default_factory=LimitsAsked)
    sandbox: bool = False
    approvals: Annotated[int, Meta(ge=1, le=9)] = 1
    schedule: Every | None = None
    shaping: ShapingAsked | None = None

    def terms(self, now_us: int) -> Terms:
        """The same, looked at. Raises ConfigurationError."""
        since = now_us if self.since_ms is None else self.since_ms * 1000
        until = since + self.days * _DAY_US if self.until_ms is None else self.until_ms * 1000
        limits = Limits(self.limits.parcels_an_hour, self.limits.bytes_an_hour, self.limits.bytes_in_all)
        return Terms(
            name=self.name.strip(),
            purpose=self.purpose.strip(),
            recipient=self.recipient.strip(),
            flow=self.flow,
            address=self.address,
            content=tuple(self.content),
            grade=Grade.parse(self.grade),
            since_us=since,
            until_us=until,
            limits=limits,
            sandbox=self.sandbox,
            approvals=self.approvals,
            every=self.schedule,
            shaping=None if (one := self.shaping) is None else Shaping(**asdict(one)),
        )


class Allowing(Struct, forbid_unknown_fields=True):
    """The digest of the release as it was shown: of its terms, and of every thing they mean."""

    digest: str


class Why(Struct, forbid_unknown_fields=True):
    """Why somebody closes something, for whoever asks later."""

    reason: Annotated[str, Meta(max_length=500)] = ""


_Asked = Request[Any, Any, Any]


def account_of(caller: Identity) -> int:
    """The number of who asks; 0 for who is at the machine itself."""
    return caller.account or 0


def _person(caller: Identity) -> int:
    """The account of a person; a token is a program's, whoever made it. Raises ConfigurationError."""
    if caller.token is not None:
        raise ConfigurationError("valve.may_not_allow")
    return account_of(caller)


def _reason(data: Why) -> dict[str, str]:
    return {"reason": data.reason.strip()} if data.reason.strip() else {}


@get("/api/valve", opt=needs(Permission.READ_RELEASES), sync_to_thread=True)
def valve_view(node: TheNode, request: _Asked) -> dict[str, Any]:
    """Whether the valve is closed, every way out with its state, and every release with its limits and what left."""
    return valve_json(node, language_of(request))


@get("/api/valve/state", opt=needs(Permission.READ_PLANT, Within.ANYWHERE), sync_to_thread=False)
def valve_state(node: TheNode) -> dict[str, Any]:
    """Whether the valve is closed, and since when: for whoever may close it without seeing what leaves."""
    closed = node.valve.releases.closed
    return {"closed": closed is not None, "since_ms": None if closed is None else closed.at_us // 1000}


@post("/api/valve/shut", opt=needs(Permission.SHUT_VALVE, Within.ANYWHERE), status_code=200, sync_to_thread=True)
def valve_shut(node: TheNode, caller: TheCaller, data: JSONBody[Why]) -> dict[str, Any]:
    """Closes the whole valve at once: nothing leaves any more, over any restart, until somebody opens it."""
    node.valve.releases.shut(account_of(caller), **_reason(data))
    return {"closed": True}


@post("/api/valve/open", opt=needs(Permission.ALLOW_RELEASES), status_code=200, sync_to_thread=True)
def valve_open(node: TheNode, caller: TheCaller) -> dict[str, Any]:
    """Opens the whole valve again; releases that were closed stay so. It says, too, that the clock is right."""
    node.valve.releases.open(_person(caller))
    return {"closed": False}


@post("/api/valve/releases", opt=needs(Permission.ASK_RELEASES), sync_to_thread=True)
def release_ask(node: TheNode, request: _Asked, caller: TheCaller, data: JSONBody[ReleaseAsked]) -> dict[str, Any]:
    """Asks for a release, by which nothing leaves before it is allowed."""
    release = node.valve.ask(data.terms(node.valve.releases.now()), account_of(caller))
    return release_in_full_json(node, release, language_of(request), account_of(caller))


@get("/api/valve/releases/{number:int}", opt=needs(Permission.READ_RELEASES), sync_to_thread=True)
def release_view(node: TheNode, request: _Asked, caller: TheCaller, number: FromPath[int]) -> dict[str, Any]:
    """One release with every thing it means, and the last bytes of each kind: raw, in words, what is new."""
    return release_in_full_json(node, node.valve.releases.get(number), language_of(request), account_of(caller))


@get("/api/valve/releases/{number:int}/preview", opt=needs(Permission.READ_RELEASES), sync_to_thread=True)
def release_preview(node: TheNode, request: _Asked, number: FromPath[int]) -> list[dict[str, Any]]:
    """The exact bytes that would leave by a release now, and whether it would let each parcel out."""
    return preview_parcels_json(node, node.valve.releases.get(number), language_of(request))


@post(
    "/api/valve/releases/{number:int}/allow",
    opt=needs(Permission.ALLOW_RELEASES),
    status_code=200,
    sync_to_thread=True,
)
def release_allow(
    node: TheNode, request: _Asked, caller: TheCaller, number: FromPath[int], data: JSONBody[Allowing]
) -> dict[str, Any]:
    """Allows exactly what was shown; `missing` says how many more people have to."""
    release = node.valve.releases.allow(number, data.digest, _person(caller))
    return release_json(node, release, language_of(request))


@post(
    "/api/valve/releases/{number:int}/close",
    opt=needs(Permission.SHUT_VALVE, Within.ANYWHERE),
    status_code=200,
    sync_to_thread=True,
)
def release_close(node: TheNode, caller: TheCaller, number: FromPath[int], data: JSONBody[Why]) -> dict[str, Any]:
    """Closes a release for good, or takes back one that nobody has allowed yet."""
    node.valve.releases.close(number, account_of(caller), **_reason(data))
    return {"id": number, "state": "closed"}
