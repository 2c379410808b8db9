"""Tries every door of a house: each route and topic, with every role and scope. It reads the routes from the app.

A new route is tried without a word here: what it declares says who may come in, and nobody else may. Where it says that
it filters, none of its answers may name what is out of reach.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from litestar import Litestar
from litestar.testing import AsyncTestClient

from lineside.api.guard import PERMISSION, WITHIN, Within
from lineside.trust import AT_NODE, SITE_ONLY, Duties, Grant, People, Permission, Role

CANARY = "zebra"
"""The name of everything that is out of reach of the scopes tried."""
PLANT = """\
[site]
id = "works"
timezone = "UTC"
calendar = "days"
[calendar.days]
[[calendar.days.shift]]
name = "day"
start = "06:00"
end = "14:00"
[mtconnect]
[area.hall]
[line.cell]
area = "hall"
pace = "press"
[area.zebra-hall]
[line.zebra-line]
area = "zebra-hall"
pace = "zebra"
[source.disk]
type = "push"
[source.zebra-source]
type = "push"
[machine.press]
line = "cell"
source = "disk"
[machine.press.signals]
mode = { kind = "state" }
parts = { kind = "counter" }
[machine.zebra]
line = "zebra-line"
source = "zebra-source"
[machine.zebra.signals]
zebra-mode = { kind = "state", description = "zebra" }
parts = { kind = "counter" }
"""
LOOKING = (Role.ENGINEER, Role.AUDITOR)
"""Between them they have every permission that holds for a part of the site."""
LOOKING_AT_HUB = (Role.MEMBER, Role.AUDITOR, Role.OVERSEER)
"""The same of a hub."""
CONCERN = "concern/safety"
"""What an overseer may look after alone."""
SCOPES = {"node": ("site", "line/cell", "machine/press"), "hub": ("site", "member/17")}
_TIMES = "from=2026-03-04&to=2026-03-05&kpi=oee"
_ASKED = {
    "in": f"{_TIMES}&scope=machine/press&machine=press&series=press/mode&db=disk&bucket=disk",
    "out": f"{_TIMES}&scope=machine/zebra&machine=zebra&series=zebra/zebra-mode&db=zebra-source&bucket=zebra-source",
}
_NAMES = {
    "in": {"line": "cell", "source": "disk", "place": "press/current", "name": "nobody", "member": "17"},
    "out": {"line": "zebra-line", "source": "zebra-source", "place": "zebra/current", "name": "nobody", "member": "18"},
}


@dataclass(frozen=True)
class Door:
    """One method of one route."""

    method: str
    path: str
    permission: Permission
    within: Any

    def url(self, where: str) -> str:
        """The address with something in or out of reach in every place of it."""

        def filled(found: re.Match[str]) -> str:
            name, _, kind = found[1].partition(":")
            other = "999999" if kind == "int" else f"{CANARY}-x" if where == "out" else "press"
            return _NAMES[where].get(name, other)

        path = re.sub(r"\{([^}]+)\}", filled, self.path)
        return f"{path}?{_ASKED[where]}"

    @property
    def body(self) -> object:
        """What is sent: nothing that any route takes for an order."""
        return {} if self.method in {"POST", "PUT", "PATCH"} else None

    def opens(self, grant: Grant | None, duties: Duties = AT_NODE) -> bool:
        """Whether somebody with this role and no other may come in for what is out of the scopes' reach."""
        if self.permission is Permission.OPEN:
            return True
        if grant is None or self.permission not in duties.held(grant):
            return False
        return grant.scope == "site" or self.within in (Within.FILTERED, Within.ANYWHERE)


def doors(app: Litestar) -> Iterator[Door]:
    """Every method of every route over HTTP."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            for method in handler.http_methods - {"OPTIONS"}:
                yield Door(method, route.path, handler.opt[PERMISSION], handler.opt.get(WITHIN, Within.SITE))


def grants(duties: Duties = AT_NODE) -> list[Grant]:
    """Every role of a house in every scope in which it may hold."""
    scopes = SCOPES["node" if duties is AT_NODE else "hub"]
    every = [Grant(role, scope) for role in duties.permissions for scope in scopes]
    parts = [one for one in every if one.scope == "site" or one.role not in SITE_ONLY]
    concerned = [Grant(Role.OVERSEER, CONCERN)] if duties is not AT_NODE else []
    return [one for one in parts if one.scope != "site" or one.role is not Role.MEMBER] + concerned


def tokens(people: People) -> dict[Grant | None, str | None]:
    """A token of somebody with each role in each scope, and of nobody."""
    found: dict[Grant | None, str | None] = {None: None}
    if people.nobody:
        people.add("root", "person", [Grant(Role.ADMINISTRATOR)])
    for number, grant in enumerate(grants(people.duties)):
        people.add(f"caller-{number}", "service", [grant])
        found[grant] = people.token(f"caller-{number}", "all", grant, 1)
    return found


def headers(token: str | None) -> dict[str, str]:
    """What a caller with this token sends."""
    return {} if token is None else {"Authorization": f"Bearer {token}"}


async def wrong_doors(app: Litestar, callers: dict[Grant | None, str | None], duties: Duties = AT_NODE) -> list[str]:
    """Every door that is open to whom it should not be, or shut to whom it should be open to."""
    wrong = []
    async with AsyncTestClient(app, base_url="http://127.0.0.1:8000") as client:
        for door in doors(app):
            for grant, token in callers.items():
                answer = await client.request(door.method, door.url("out"), headers=headers(token), json=door.body)
                expected = None if door.opens(grant, duties) else 401 if grant is None else 403
                got = answer.status_code if answer.status_code in (401, 403) else None
                if got != expected or (answer.status_code >= 500 and answer.status_code != 503):
                    wrong.append(
                        f"{door.method} {door.path} as {grant}: {answer.status_code}, not {expected or 'open'}"
                    )
    return wrong


async def leaks(
    app: Litestar, callers: dict[Grant | None, str | None], looking: tuple[Role, ...] = LOOKING
) -> list[str]:
    """Every answer to a question that names what is out of reach, to somebody whom it does not concern."""
    found = []
    async with AsyncTestClient(app, base_url="http://127.0.0.1:8000") as client:
        for door in doors(app):
            if door.permission is Permission.OPEN:
                continue
            for grant, token in callers.items():
                if grant is None or grant.scope == "site" or grant.role not in looking:
                    continue
                for url in {door.url("in"), re.sub(r"\?.*", f"?{_TIMES}", door.url("in"))}:
                    answer = await client.request(door.method, url, headers=headers(token), json=door.body)
                    if CANARY in answer.text:
                        found.append(f"{door.method} {url} as {grant}: {answer.text[:200]}")
    return found
