"""A small hub: books, people, a ledger and jobs in a folder, and a register of two members in memory.

Its routes are one of each sort that a hub has: filtered, of one member, of the whole hub, and of the register alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar, Literal, Self
from zoneinfo import ZoneInfo

from litestar import Litestar, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from lineside.api import Door
from lineside.api.guard import TheCaller, TheReach, in_path, needs
from lineside.api.guard import Within as Where
from lineside.api.hub import create_hub_app
from lineside.books import Books
from lineside.jobs import VERIFY, Jobs, verify_job
from lineside.node import now_us
from lineside.trust import AT_HUB, Grant, Ledger, Login, NoGround, People, Permission, Role, SignIns
from tests.api.doors import CANARY

NAME = "Cluster of the valley"


class SmallHub:
    """A folder with what every house has."""

    kind: ClassVar[Literal["hub"]] = "hub"
    name = NAME
    notice = "For people of the cluster."
    attention = ()
    zone = ZoneInfo("Asia/Shanghai")
    ground = NoGround()
    name_columns = ()

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.books = Books.open(folder)
        self.ledger = Ledger(self.books, now_us)
        self.people = People(self.books, now_us, self.ledger, AT_HUB)
        self.login = Login(self.books, self.people, now_us)
        self.sign_ins = SignIns(folder, dict, now_us)
        self.jobs = Jobs(self.books, {VERIFY: verify_job(self.ledger)})
        self.leaving = False
        self.members = {17: "press works", 18: f"{CANARY} works"}
        self.values = {17: 0.5, 18: 0.75}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.jobs.close()
        self.ledger.flush(everything=True)
        self.books.close()

    def administrator(self) -> str:
        """The token of somebody who administers it."""
        self.people.add("root", "person", [Grant(Role.ADMINISTRATOR)])
        self.people.add("ruler", "service", [Grant(Role.ADMINISTRATOR)])
        return str(self.people.token("ruler", "all", Grant(Role.ADMINISTRATOR), 1))


TheHub = NamedDependency[SmallHub]


@get("/api/members", opt=needs(Permission.READ_MEMBERS, Where.FILTERED), sync_to_thread=False)
def member_list(hub: TheHub, reach: TheReach) -> list[dict[str, Any]]:
    """The register, as far as it is in reach."""
    return [{"number": number, "name": name} for number, name in hub.members.items() if reach.member(number)]


@get("/api/members/{member:int}/figures", opt=needs(Permission.READ_FIGURES, in_path("member")), sync_to_thread=False)
def point(hub: TheHub, member: FromPath[int]) -> dict[str, Any]:
    """What one member released."""
    return {"name": hub.members.get(member), "value": hub.values.get(member)}


@post("/api/members/{member:int}/objections", opt=needs(Permission.RAISE_OBJECTIONS, in_path("member")))
async def objection(member: FromPath[int], caller: TheCaller) -> dict[str, Any]:
    """Takes an objection."""
    return {"member": member, "by": caller.who}


@get("/api/surface", opt=needs(Permission.READ_FIGURES), sync_to_thread=False)
def surface(hub: TheHub) -> dict[str, Any]:
    """Everybody's values."""
    return {hub.members[number]: value for number, value in hub.values.items()}


@post("/api/members", opt=needs(Permission.WRITE_MEMBERS), sync_to_thread=False)
def invite(hub: TheHub) -> dict[str, Any]:
    """Says how many there are."""
    return {"members": len(hub.members)}


ROUTES = (member_list, point, objection, surface, invite)


def app_of(hub: SmallHub, door: Door = Door(open=False)) -> Litestar:  # noqa: B008 - a value that never changes
    """Its application."""
    return create_hub_app(hub, door, ROUTES)
