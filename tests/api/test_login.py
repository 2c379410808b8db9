from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient, Response
from litestar import Litestar
from litestar.testing import AsyncTestClient
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from lineside.api import Door, create_app
from lineside.node import Node, now_us
from lineside.trust import Grant, new_secret
from lineside.trust.totp import digits_at

Client = AsyncTestClient[Litestar]

BASE_URL = "http://127.0.0.1:8000"
HERE = {"Origin": BASE_URL}
PASSWORD = "a horse on the staircase"
CLOSED = Door(open=False)


@asynccontextmanager
async def browser(node: Node, door: Door = CLOSED, base_url: str = BASE_URL) -> AsyncIterator[Client]:
    """A browser at a node."""
    app: Litestar = create_app(node, door)
    async with AsyncTestClient(app, base_url=base_url) as client:
        client.headers["Origin"] = base_url
        yield client


@pytest.fixture
async def closed(node: Node) -> AsyncIterator[Client]:
    """A browser at a node that asks everybody who they are."""
    async with browser(node) as client:
        yield client


@pytest.fixture
async def eva(closed: Client, node: Node) -> Client:
    """A browser in which the administrator Eva has logged in."""
    await begin(closed, node)
    return closed


async def begin(client: Client, node: Node) -> Response:
    """Makes the first administrator."""
    code = node.people.first_code()
    answer = await client.post("/api/code", json={"name": "eva", "code": code, "password": PASSWORD})
    assert answer.status_code == 200, answer.text
    return answer


async def log_in(client: Client, name: str = "eva", password: str = PASSWORD, **more: str) -> Response:
    """Tries to log in."""
    return await client.post("/api/login", json={"name": name, "password": password, **more})


async def test_a_closed_node_shows_nothing_before_its_first_administrator(closed: Client, node: Node) -> None:
    """But its pages, and that the first account is to be made; with the code it is."""
    before = [(await closed.get(path)).status_code for path in ("/api/plant", "/api/people", "/metrics", "/", "/ping")]
    told = (await closed.get("/api/me")).json()

    await begin(closed, node)

    assert before == [401, 401, 401, 200, 204]
    assert (told["known"], told["first"], told["open"], told["permissions"]) == (False, True, False, ["open"])
    assert (await closed.get("/api/plant")).status_code == 200
    assert (await closed.get("/api/me")).json()["name"] == "eva"


async def test_who_is_about_to_log_in_reads_what_the_owner_says(folder: Path) -> None:
    """And nobody who is in already: it is the page's to show it there."""
    file = folder / "plant.toml"
    file.write_text(
        file.read_text("utf-8").replace("[site]\n", '[site]\nnotice = "For people of the works."\n'), "utf-8"
    )
    with Node.open(folder) as node:
        async with browser(node) as client:
            before = (await client.get("/api/me")).json()
            await begin(client, node)
            after = (await client.get("/api/me")).json()

    assert (before["notice"], after["notice"]) == ("For people of the works.", None)


async def test_an_open_node_closes_with_its_first_account(node: Node) -> None:
    """Whoever is at the machine makes it; from then on everybody says who they are."""
    async with browser(node, Door()) as client:
        told = (await client.get("/api/me")).json()
        made = await client.post("/api/people", json={"name": "eva", "roles": [{"role": "administrator"}]})
        after = await client.get("/api/plant")
        set_ = await client.post("/api/code", json={"name": "eva", "code": made.json()["code"], "password": PASSWORD})
        again = await client.get("/api/plant")

    assert (told["open"], told["known"]) == (True, True)
    assert (made.status_code, after.status_code, set_.status_code, again.status_code) == (201, 401, 200, 200)


@pytest.mark.parametrize(
    ("door", "base_url", "name", "secure"),
    [
        (CLOSED, BASE_URL, "lineside", False),
        (
            Door(open=False, https=True, names=frozenset({"node.example"})),
            "https://node.example",
            "__Host-lineside",
            True,
        ),
    ],
)
async def test_the_cookie_is_kept_from_scripts_and_other_sites(
    node: Node, door: Door, base_url: str, name: str, secure: bool
) -> None:
    """HttpOnly, SameSite=Strict, and over TLS secure and of this host only; it is new with each log-in."""
    async with browser(node, door, base_url) as client:
        first = (await begin(client, node)).headers["set-cookie"]
        second = (await log_in(client)).headers["set-cookie"]

    for cookie in (first, second):
        assert cookie.startswith(f"{name}=")
        assert {"HttpOnly", "SameSite=strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
        assert ("Secure" in cookie, "Domain" in cookie) == (secure, False)
    assert first != second
    assert len(node.people.get("eva").sessions) == 1


async def test_log_out_ends_the_session_on_the_node(eva: Client, node: Node) -> None:
    """A cookie that somebody kept is worth nothing; everywhere means every browser."""
    kept = dict(eva.cookies)
    async with browser(node) as other:
        await log_in(other)
        await eva.post("/api/logout", json={})
        eva.cookies.update(kept)
        gone = await eva.get("/api/plant")
        there = await other.get("/api/plant")
        await log_in(eva)
        await other.post("/api/logout", json={"everywhere": True})
        everywhere = await eva.get("/api/plant")

    assert (gone.status_code, there.status_code, everywhere.status_code) == (401, 200, 401)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", None])
async def test_another_site_does_nothing_in_my_name(eva: Client, node: Node, origin: str | None) -> None:
    """A browser that says where a page is from says it truly; one that does not is refused too."""
    del eva.headers["Origin"]
    headers = {} if origin is None else {"Origin": origin}

    answer = await eva.post("/api/tally", json={"machine": "bench", "good": 5}, headers=headers)

    assert (answer.status_code, answer.json()["key"]) == (403, "trust.foreign_origin")
    assert node.history.last(node.history.series("bench/good")) is None


async def test_wrong_names_and_wrong_passwords_are_answered_alike(eva: Client) -> None:
    """In words and in time, so that nobody finds out who there is."""
    times: dict[str, list[float]] = {"eva": [], "nobody": []}
    answers = []
    for name in ("eva", "nobody", "eva", "nobody", "eva", "nobody"):
        began = time.process_time()  # hashing is what takes time, and others who use the machine do not count
        answers.append(await log_in(eva, name, "another horse entirely"))
        times[name].append(time.process_time() - began)

    assert {(answer.status_code, answer.text) for answer in answers} == {(401, answers[0].text)}
    assert answers[0].json()["key"] == "trust.wrong"
    assert min(times["nobody"]) > min(times["eva"]) / 2
    assert min(times["eva"]) > min(times["nobody"]) / 2


@pytest.mark.usefixtures("eva")
async def test_a_flood_of_wrong_passwords_hashes_little_and_holds_nobody_up(node: Node, serving: Any) -> None:
    """Most of it is refused before anything is read, with when to try again; who is logged in sees the page as ever."""
    cookie = {"Cookie": f"lineside={node.people.begin_session(node.people.get('eva'))}"}
    async with (
        serving(create_app(node, CLOSED)) as address,
        AsyncClient(base_url=f"http://{address}", timeout=120) as client,  # a slow machine hashes for a while
    ):
        asked = [{"name": f"name-{n}", "password": "wrong wrong wrong"} for n in range(80)]
        flood = [asyncio.create_task(client.post("/api/login", json=one)) for one in asked]
        waits = []
        for _ in range(10):
            began = time.perf_counter()
            assert (await client.get("/api/now", headers=cookie)).status_code == 200
            waits.append(time.perf_counter() - began)
        answers = await asyncio.gather(*flood)

    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) >= 50
    assert all(int(answer.headers["retry-after"]) > 0 for answer in refused)
    assert {answer.json()["key"] for answer in refused} == {"trust.too_many"}
    assert sorted(waits)[5] < 0.5


async def test_an_account_that_is_tried_waits_and_is_not_shut_out(eva: Client, node: Node) -> None:
    """After five wrong tries in a row its next one comes later; the session that is there goes on."""
    codes: list[int] = []
    while 429 not in codes and len(codes) < 12:  # on a slow machine the first waits are over before the next try
        codes.append((await log_in(eva, "eva", "another horse entirely")).status_code)

    assert codes[:5] == [401] * 5
    assert codes[-1] == 429
    assert (await eva.get("/api/plant")).status_code == 200
    assert not node.people.get("eva").disabled


async def test_an_app_is_added_and_asked_for(eva: Client, node: Node) -> None:
    """With the password only; log-in then asks for digits by its own key."""
    refused = await eva.post("/api/me/app", json={"password": "another horse entirely"})
    told = (await eva.post("/api/me/app", json={"password": PASSWORD})).json()
    proven = await eva.post("/api/me/app/prove", json={"digits": digits_at(told["key"], now_us() // 30_000_000)})
    async with browser(node) as other:
        asked = await log_in(other)
        let_in = await log_in(other, digits=proven.json()["recovery"][0])
    shown = (await eva.get("/api/people")).text
    rights = (await eva.get("/api/ledger", params={"kind": "login.right"})).json()["entries"]

    assert [one["facts"]["app"] for one in rights] == [True, False]
    assert refused.json()["key"] == "trust.wrong_password"
    assert told["address"].startswith("otpauth://totp/Works%3Aeva?secret=")
    assert (asked.status_code, asked.json()["key"]) == (401, "trust.digits")
    assert let_in.status_code == 200
    assert told["key"] not in shown
    code = proven.json()["recovery"][1]
    assert (await eva.post("/api/me/app/forget", json={"password": PASSWORD, "digits": "1"})).status_code == 400
    assert (await eva.post("/api/me/app/forget", json={"password": PASSWORD, "digits": code})).status_code == 200


async def test_who_needs_a_second_factor_is_led_to_add_it_and_can_do_nothing_else(eva: Client) -> None:
    """Each door but those to the own account tells why; the app opens all of them, in this browser at once."""
    rule = {"everybody": False, "roles": ["administrator"]}
    demanded = await eva.put("/api/factors", json=rule)
    me, shut = (await eva.get("/api/me")).json(), await eva.get("/api/plant")
    undone = await eva.put("/api/factors", json={})
    told = (await eva.post("/api/me/app", json={"password": PASSWORD})).json()
    await eva.post("/api/me/app/prove", json={"digits": digits_at(told["key"], now_us() // 30_000_000)})

    assert (demanded.status_code, demanded.json()) == (200, rule)
    assert (me["known"], me["app_needed"], me["permissions"]) == (True, True, ["open", "self"])
    assert (shut.status_code, shut.json()["key"]) == (403, "trust.second_factor")
    assert (undone.status_code, undone.json()["key"]) == (403, "trust.second_factor")
    assert (await eva.get("/api/me")).json()["app_needed"] is False
    assert (await eva.get("/api/factors")).json() == rule


async def test_a_new_password_logs_every_other_browser_out(eva: Client, node: Node) -> None:
    """This one goes on, with a new session."""
    async with browser(node) as other:
        await log_in(other)
        changed = await eva.post("/api/me/password", json={"old": PASSWORD, "new": "a cow in the elevator"})
        there = await other.get("/api/plant")

    assert (changed.status_code, there.status_code) == (200, 401)
    assert (await eva.get("/api/plant")).status_code == 200


async def test_people_are_made_changed_and_shut_out(eva: Client, node: Node) -> None:
    """As the page does it; what opens a door is told once and never listed."""
    made = (await eva.post("/api/people", json={"name": "Otto", "roles": [{"role": "operator"}]})).json()
    async with browser(node) as otto:
        await otto.post("/api/code", json={"name": "otto", "code": made["code"], "password": PASSWORD})
        counts = await otto.post("/api/tally", json={"machine": "bench", "good": 1})
        peeks = await otto.get("/api/people")
        await eva.put("/api/people/otto/roles", json={"roles": [{"role": "finance"}]})
        counts_no_more = await otto.post("/api/tally", json={"machine": "bench", "good": 1})
        token = (await eva.post("/api/people/otto/tokens", json={"name": "x", "role": "reader", "days": 3})).json()
        await eva.put("/api/people/otto/disabled", json={"disabled": True})
        out = await otto.get("/api/plant")
    listed = await eva.get("/api/people")
    reset = await eva.post("/api/people/otto/reset")

    statuses = [answer.status_code for answer in (counts, peeks, counts_no_more, out, reset)]
    assert statuses == [201, 403, 403, 401, 201]
    assert [account["name"] for account in listed.json()] == ["eva", "otto"]
    assert listed.headers["cache-control"] == reset.headers["cache-control"] == "no-store"
    assert token["token"] not in listed.text
    assert made["code"] not in listed.text
    assert (await eva.get("/api/people/none/tokens")).status_code in (404, 405)
    assert (await eva.post("/api/people/none/reset")).json()["key"] == "trust.nobody"


async def test_a_backup_is_made_by_who_keeps_the_node(eva: Client, node: Node, tmp_path: Any) -> None:
    """An engineer runs jobs; a backup holds what opens doors, so it is the administrator's."""
    node.people.add("script", "service", [Grant.parse("engineer")])
    token = node.people.token("script", "x", Grant.parse("engineer"), 1)
    asked = {"kind": "backup", "params": {"target": str(tmp_path.parent / "backup-of-it")}}

    engineer = await eva.post("/api/jobs", json=asked, headers={"Authorization": f"Bearer {token}"})
    administrator = await eva.post("/api/jobs", json=asked)

    assert (engineer.status_code, administrator.status_code) == (403, 201)


@pytest.mark.usefixtures("eva")
@pytest.mark.parametrize("asked", ['{"subscribe": ["sources"]}', "{}"])
async def test_a_live_socket_ends_with_its_session(node: Node, serving: Any, asked: str) -> None:
    """Within two seconds of the log-out, also where nothing is sent on it."""
    cookie = node.people.begin_session(node.people.get("eva"))
    async with serving(create_app(node, CLOSED)) as address:
        sent = {"Cookie": f"lineside={cookie}", "Origin": f"http://{address}"}
        async with connect(f"ws://{address}/api/live", additional_headers=sent, proxy=None, open_timeout=60) as socket:
            await socket.send(asked)
            if "subscribe" in asked:
                assert "snapshot" in str(await socket.recv())
            node.people.end_sessions(node.people.get("eva").id)
            with pytest.raises(ConnectionClosed) as closed:
                await asyncio.wait_for(_drained(socket), 2)

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4401


async def _drained(socket: ClientConnection) -> None:
    while True:
        await socket.recv()


async def test_the_commands_of_the_machine_show_its_secret(node: Node) -> None:
    """Whoever may read the folder may do everything; no other word opens the door."""
    secret = new_secret()
    async with browser(node, Door(open=False, secret=secret)) as client:
        own = await client.get("/api/people", headers={"Authorization": f"Bearer {secret}"})
        wrong = await client.get("/api/people", headers={"Authorization": "Bearer x"})

    assert (own.status_code, wrong.status_code) == (200, 401)
    assert wrong.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("node.example", 200),
        ("192.168.1.4:8000", 200),
        ("127.0.0.1:8000", 200),
        ("evil.example", 403),
        ("evil.example:8000", 403),
    ],
)
async def test_a_node_that_serves_others_answers_to_its_names(node: Node, host: str, status: int) -> None:
    """And to addresses; never to a name that somebody has made resolve to it."""
    async with browser(node, Door(open=False, names=frozenset({"node.example"}))) as client:
        answer = await client.get("/api/me", headers={"Host": host, "Origin": f"http://{host}"})

    assert answer.status_code == status


async def test_a_person_sees_where_they_are_logged_in_and_ends_one(eva: Client, node: Node) -> None:
    """Also a token of theirs; the ledger has it, and nothing of anybody else's is in reach."""
    node.people.add("otto", "service", [Grant.parse("operator")])
    node.people.token("otto", "press", Grant.parse("operator"), 1)
    node.people.token("eva", "script", Grant.parse("reader"), 1)
    foreign = node.people.get("otto").tokens[0].id
    firefox = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
    async with browser(node) as other:
        other.headers["User-Agent"] = firefox
        await log_in(other)
        told = (await eva.get("/api/me/access")).json()
        theirs = next(one for one in told["sessions"] if one["browser"] == "Firefox, Windows")
        wrong = await eva.delete(f"/api/me/tokens/{foreign}")
        ended = await eva.delete(f"/api/me/sessions/{theirs['id']}")
        again = await eva.delete(f"/api/me/sessions/{theirs['id']}")
        out = await other.get("/api/plant")
        revoked = await eva.delete(f"/api/me/tokens/{told['tokens'][0]['id']}")

    assert [one["id"] for one in told["sessions"]] == [told["this"], theirs["id"]]
    assert theirs["address"]
    assert (wrong.json()["key"], ended.status_code, again.json()["key"]) == ("trust.no_token", 200, "trust.no_session")
    assert (out.status_code, revoked.json()["tokens"]) == (401, [])
    assert [one["id"] for one in revoked.json()["sessions"]] == [told["this"]]
    told = (await eva.get("/api/ledger", params={"kind": "login.ended"})).json()["entries"]
    assert len(told) == 1


async def test_an_administrator_ends_one_session_of_anybody(eva: Client, node: Node) -> None:
    """And no other: the number must be one of that account's."""
    made = (await eva.post("/api/people", json={"name": "otto", "roles": [{"role": "operator"}]})).json()
    async with browser(node) as otto, browser(node) as elsewhere:
        await otto.post("/api/code", json={"name": "otto", "code": made["code"], "password": PASSWORD})
        await log_in(elsewhere, "otto")
        first, second = node.people.get("otto").sessions
        mine = await eva.delete(f"/api/people/eva/sessions/{first.id}")
        by_otto = await otto.delete(f"/api/people/otto/sessions/{second.id}")
        ended = await eva.delete(f"/api/people/otto/sessions/{first.id}")
        after = [(await one.get("/api/plant")).status_code for one in (otto, elsewhere)]

    assert (mine.json()["key"], by_otto.status_code, ended.status_code) == ("trust.no_session", 403, 200)
    assert after == [401, 200]
