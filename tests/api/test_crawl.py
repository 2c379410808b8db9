"""Strange requests to every route of a node, and that what they look for would be found."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from litestar import get
from litestar.exceptions import HTTPException

from lineside.api import Door, Seats, create_app, plant_routes
from lineside.api.guard import Within, needs
from lineside.api.parameters import TheNode
from lineside.node import Node
from lineside.trust import Grant, Permission, Rate, Role
from tests.api.doors import PLANT, tokens
from tests.api.hunting import Hunt
from tests.api.judging import Judge
from tests.api.strange import Asker, Caller
from tests.api.test_wire import wired

HIDDEN = "Quartz"
"""What the people of other lines are not told."""
NAMED = PLANT.replace("[machine.zebra]\n", f'[machine.zebra]\nname = "{HIDDEN} saw"\n').replace(
    "[line.zebra-line]\n", f'[line.zebra-line]\nname = "{HIDDEN} line"\n'
)
PASSWORD = "a horse on the staircase"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A plant with a line that may be seen and one that is somebody else's."""
    (tmp_path / "plant.toml").write_text(NAMED, "utf-8")
    return tmp_path


@pytest.fixture
def node(folder: Path) -> Iterator[Node]:
    """Its node, whose sources rest."""
    with Node.open(folder) as opened:
        yield opened


@pytest.fixture
def people(node: Node) -> dict[Grant | None, str | None]:
    """The token of somebody with each role in each scope."""
    return tokens(node.people)


@pytest.fixture
def callers(people: dict[Grant | None, str | None]) -> list[Caller]:
    """The same as callers; half of all requests are an administrator's, who gets furthest."""
    found = []
    for grant, token in people.items():
        headers = () if token is None else ((b"Authorization", b"Bearer " + token.encode()),)
        hidden = frozenset({HIDDEN}) if grant is None or grant.scope != "site" else frozenset[str]()
        found.append(Caller(headers, hidden))
    ruler = found[list(people).index(Grant(Role.ADMINISTRATOR))]
    return found + [ruler] * len(found)


@pytest.fixture
def judge(node: Node, people: dict[Grant | None, str | None], folder: Path) -> Judge:
    """Who knows what was hidden: tokens, a password, and the secret of an authenticator app."""
    code = node.people.add("eva", "person", [Grant(Role.OPERATOR)])
    account = node.people.redeem("eva", code or "", PASSWORD)
    key = node.login.begin_app(account.id, PASSWORD)
    session = node.people.begin_session(account)
    return Judge(frozenset({key, PASSWORD, session, *filter(None, people.values())}), folder)


def many() -> Seats:
    """Seats that do not bound how fast connections come."""
    return Seats(500, new_here=Rate(10**6, 10.0**6, lambda: 0.0))


async def test_no_strange_request_finds_a_fault(
    node: Node, callers: list[Caller], judge: Judge, caplog: pytest.LogCaptureFixture
) -> None:
    """Of every route: no 5xx but in words, nothing of the inside, every header, and a cure in every refusal."""
    app = create_app(node, Door(open=False))
    async with node.live(), wired(app, many()) as port:
        hunt = Hunt(port, judge)
        await hunt.ask(Asker(app, callers).round())
        await hunt.wire()
        await hunt.live(callers[1:3])

    assert hunt.faults == {}
    assert judge.of_log(caplog.text) == []
    assert hunt.requests > 700
    assert {200, 400, 401, 403, 404, 405, 422} <= set(hunt.statuses)
    assert hunt.cut < hunt.requests / 50


@get("/api/now", opt=needs(Permission.READ_PLANT, Within.ANYWHERE), sync_to_thread=False)
def raising() -> None:
    """A route with a fault in it."""
    message = "no such thing"
    raise RuntimeError(message)


@get("/api/now", opt=needs(Permission.READ_PLANT, Within.ANYWHERE), sync_to_thread=False)
def pathful(node: TheNode) -> None:
    """A route that says where things lie."""
    raise HTTPException(status_code=400, detail=f"cannot read {node.folder / 'plant.toml'}")


@get("/api/now", opt=needs(Permission.READ_PLANT, Within.ANYWHERE), sync_to_thread=False)
def questioning() -> None:
    """A route that says what was asked of the database."""
    raise HTTPException(status_code=400, detail="Binder Error: SELECT a FROM samples: duckdb.Error")


@get("/api/now", opt=needs(Permission.READ_PLANT, Within.ANYWHERE), sync_to_thread=False)
def chatty() -> dict[str, str]:
    """A route that gives away a password, and writes it down."""
    logging.getLogger(__name__).warning("somebody logged in with %s", PASSWORD)
    return {"password": PASSWORD}


@get("/api/now", opt=needs(Permission.OPEN), sync_to_thread=False)
def open_to_all(node: TheNode) -> dict[str, Any]:
    """A route without a permission of its own."""
    return {one.id: one.name for one in node.plant.machines.values()}


@pytest.mark.parametrize(
    ("route", "found", "logged"),
    [
        (raising, "status 500", "a stack trace"),
        (pathful, "the folder", ""),
        (questioning, "SQL", ""),
        (chatty, "a secret", "a secret"),
        (open_to_all, "out of reach", ""),
    ],
)
async def test_a_fault_that_was_planted_is_found(
    node: Node,
    callers: list[Caller],
    judge: Judge,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    route: Any,
    found: str,
    logged: str,
) -> None:
    """By the same search, at its route; the log is read, too."""
    monkeypatch.setattr(plant_routes, "present", route)
    app = create_app(node, Door(open=False))
    asker = Asker(app, callers)
    async with wired(app, many()) as port:
        hunt = Hunt(port, judge)
        await hunt.ask(ask for _ in range(8) for ask in asker.round() if ask.path == "/api/now")

    assert {one.split(":")[0].split()[1] for one in hunt.faults} == {"/api/now"}
    assert any(found in one for one in hunt.faults), hunt.faults
    assert any(logged in one for one in judge.of_log(caplog.text)) or not logged
