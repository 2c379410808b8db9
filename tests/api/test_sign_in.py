from __future__ import annotations

import json
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from copy import copy
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from httpx import Response
from litestar import Litestar
from litestar.testing import AsyncTestClient

from lineside.api import Door, create_app
from lineside.errors import LinesideError
from lineside.node import Node
from lineside.trust import Kind, SecondFactor, SignIns
from tests.provider import Provider, new_key, provider, self_signed

Client = AsyncTestClient[Litestar]
BASE_URL = "http://127.0.0.1:8000"
PASSWORD = "a horse on the staircase"
SIGN_IN = """
[sign_in.works]
name = "Works account"
issuer = "{issuer}"
client_id = "lineside"
secret_file = "works.secret"
[sign_in.works.groups]
staff = ["operator@line/cell", "reader"]
planners = ["manager"]
chiefs = ["administrator"]
[sign_in.others]
issuer = "http://127.0.0.1:9"
client_id = "lineside"
"""


class Stage(NamedTuple):
    """A node, the provider its plant file names, and the plant's folder."""

    node: Node
    works: Provider
    folder: Path


@pytest.fixture
def works() -> Iterator[Provider]:
    """A provider."""
    with provider() as running:
        yield running


@pytest.fixture
def stage(folder: Path, works: Provider) -> Iterator[Stage]:
    """A closed node with an administrator of its own."""
    plant = folder / "plant.toml"
    plant.write_text(plant.read_text("utf-8") + SIGN_IN.format(issuer=works.issuer), "utf-8")
    (folder / "works.secret").write_text(works.secret, "utf-8")
    (folder / "works.secret").chmod(0o600)
    with Node.open(folder) as node:
        node.people.redeem("eva", node.people.first_code(), PASSWORD)
        yield Stage(node, works, folder)


@asynccontextmanager
async def browser(node: Node, door: Door = Door(open=False), base_url: str = BASE_URL) -> AsyncIterator[Client]:  # noqa: B008
    """A browser at a node."""
    app: Litestar = create_app(node, door)
    async with AsyncTestClient(app, base_url=base_url) as client:
        client.headers["Origin"] = base_url
        yield client


async def begin(client: Client, works: Provider) -> dict[str, str]:
    """Goes to the provider, signs in there, and gives what it sends back."""
    answer = await client.post("/api/signin/works/begin")
    assert answer.status_code == 200, answer.text
    return works.visit(answer.json()["address"])


async def end(client: Client, back: dict[str, str]) -> Response:
    """Comes back with what the provider said."""
    return await client.post("/api/signin/works/end", json=back)


async def sign_in(client: Client, works: Provider) -> Response:
    """The whole way."""
    return await end(client, await begin(client, works))


def told(node: Node, kind: Kind) -> list[dict[str, Any]]:
    """The facts of each entry of a kind, the first one first."""
    node.ledger.flush(everything=True)
    with node.ledger.stored() as stored:
        entries = [json.loads(body) for _, body, _ in stored.entries()]
    return [entry["facts"] for entry in entries if entry["kind"] == kind.value]


async def test_whom_the_provider_knows_gets_an_account_by_the_group(stage: Stage) -> None:
    """It is named as the provider says, has the group's roles and no password, and the ledger tells of it."""
    async with browser(stage.node) as client:
        before = (await client.get("/api/me")).json()
        answer = await sign_in(client, stage.works)
        me = (await client.get("/api/me")).json()
        plant = await client.get("/api/plant")

    account = stage.node.people.get("anna")
    assert before["providers"] == [
        {"id": "works", "name": "Works account"},
        {"id": "others", "name": "others"},
    ]
    assert (answer.status_code, answer.json(), plant.status_code) == (200, {"name": "anna"}, 200)
    assert (me["name"], me["provider"]) == ("anna", "Works account")
    assert me["roles"] == [{"role": "operator", "scope": "line/cell"}, {"role": "reader", "scope": "site"}]
    assert (account.password, account.issuer, account.sessions[0].shown_by) == (
        False,
        stage.works.issuer,
        "amr=pwd,otp",
    )
    assert told(stage.node, Kind.ACCOUNT_MADE)[1]["roles"] == "operator@line/cell, reader"
    assert told(stage.node, Kind.LOGGED_IN) == [{"provider": "works", "shown_by": "amr=pwd,otp"}]


async def test_roles_follow_the_groups_with_each_sign_in(stage: Stage) -> None:
    """A new group gives its role, a lost one takes it, and the ledger tells of each change and of nothing else."""
    async with browser(stage.node) as client:
        await sign_in(client, stage.works)
        await sign_in(client, stage.works)
        same = told(stage.node, Kind.ROLES)
        stage.works.person["groups"] = ["planners", "unheard-of"]
        await sign_in(client, stage.works)
        planner = (await client.get("/api/me")).json()["roles"]

    assert (same, planner) == ([], [{"role": "manager", "scope": "site"}])
    assert told(stage.node, Kind.ROLES) == [{"roles": "manager"}]
    assert len(stage.node.people.everybody()) == 2


@pytest.mark.parametrize(
    ("claims", "words", "status"),
    [
        ({"amr": ["pwd", "otp"]}, None, 401),
        ({"amr": ["pwd", "mfa"]}, None, 200),
        ({"amr": "mfa"}, None, 401),
        ({"acr": "2 amr=mfa"}, None, 401),
        ({"acr": "gold"}, ["silver", "gold"], 200),
        ({"amr": ["mfa"]}, ["gold"], 401),
        ({}, ["every"], 200),
    ],
)
async def test_a_second_factor_is_what_the_provider_says_in_the_words_of_the_file(
    stage: Stage, claims: dict[str, Any], words: list[str] | None, status: int
) -> None:
    """Who has to have one is let in only then; and nobody whose role needs none is asked."""
    if words is not None:
        plant = stage.folder / "plant.toml"
        plant.write_text(
            plant.read_text("utf-8").replace("[sign_in.works]", f"[sign_in.works]\nsecond_factor = {words}")
        )
        stage.node.editions.notice(time.time_ns() // 1000)
    stage.node.people.demand_second(SecondFactor.of(["operator"]))
    del stage.works.person["amr"]
    stage.works.person |= claims
    async with browser(stage.node) as client:
        answer = await sign_in(client, stage.works)
        stage.node.people.demand_second(SecondFactor.of(["finance"]))
        let_in = await sign_in(client, stage.works)

    assert answer.status_code == status, answer.text
    assert status == 200 or answer.json()["key"] == "sign_in.one_factor"
    assert let_in.status_code == 200


async def test_a_session_that_began_with_one_factor_ends_when_two_are_demanded(stage: Stage) -> None:
    """The provider has to be asked anew; one that it vouched for goes on."""
    async with browser(stage.node) as one, browser(stage.node) as two:
        await sign_in(one, stage.works)
        stage.works.person["amr"] = ["mfa"]
        await sign_in(two, stage.works)
        stage.node.people.demand_second(SecondFactor(everybody=True))
        answers = [(await client.get("/api/plant")).status_code for client in (one, two)]

    assert answers == [401, 200]


async def test_who_lost_every_group_is_out_everywhere(stage: Stage) -> None:
    """The sign-in is refused, the roles are gone, and so are the sessions in other browsers."""
    async with browser(stage.node) as client:
        await sign_in(client, stage.works)
        stage.works.person["groups"] = []
        async with browser(stage.node) as other:
            refused = await sign_in(other, stage.works)
        after = await client.get("/api/plant")

    account = stage.node.people.get("anna")
    assert (refused.status_code, refused.json()["key"], after.status_code) == (401, "sign_in.no_role", 401)
    assert (account.grants, account.sessions, told(stage.node, Kind.ROLES)) == ((), (), [{"roles": ""}])


async def test_nobody_gets_an_account_without_a_mapped_group(stage: Stage) -> None:
    """It is refused with a sentence, and nothing is left of it but the entry in the ledger."""
    stage.works.person["groups"] = ["visitors"]
    async with browser(stage.node) as client:
        refused = await sign_in(client, stage.works)
        after = (await client.get("/api/me")).json()

    assert (refused.status_code, refused.json()["key"], after["known"]) == (401, "sign_in.no_role", False)
    assert [one.name for one in stage.node.people.everybody()] == ["eva"]
    assert told(stage.node, Kind.LOGIN_PROVIDER) == [{"count": 1, "provider": "works", "why": "sign_in.no_role"}]


async def test_an_account_is_bound_to_the_subject_and_never_to_a_name(stage: Stage) -> None:
    """Somebody else of the same name, be it that of an administrator, is somebody else; a new name changes nothing."""
    async with browser(stage.node) as client:
        await sign_in(client, stage.works)
        stage.works.person |= {"preferred_username": "Anna Renamed", "email": "a@example.com"}
        renamed = (await sign_in(client, stage.works)).json()
        stage.works.person |= {"sub": "u-2", "preferred_username": "EVA"}
        eva = (await sign_in(client, stage.works)).json()
        stage.works.person |= {"sub": "u-3", "preferred_username": "Ev a/../<b>"}
        odd = (await sign_in(client, stage.works)).json()

    assert (renamed, eva, odd) == ({"name": "anna"}, {"name": "eva-2"}, {"name": "ev.a.....b"})
    assert stage.node.people.get("eva").issuer is None


async def test_who_comes_from_a_provider_is_looked_after_there(stage: Stage) -> None:
    """No password, roles or tokens by an administrator; shut out, no sign-in lets them in again."""
    people = stage.node.people
    async with browser(stage.node) as client:
        await sign_in(client, stage.works)
        attempts = (
            lambda: people.reset("anna"),
            lambda: people.grant("anna", []),
            lambda: people.token("anna", "x", people.get("anna").grants[0], 3),
        )
        refused = []
        for attempt in attempts:
            with pytest.raises(LinesideError) as error:
                attempt()
            refused.append(error.value.key)
        wrong = await client.post("/api/login", json={"name": "anna", "password": PASSWORD})
        people.disable("anna", disabled=True)
        shut = await sign_in(client, stage.works)

    assert refused == ["trust.from_provider"] * 3
    assert (wrong.json()["key"], shut.json()["key"]) == ("trust.wrong", "sign_in.shut_out")
    assert people.get("anna").grants != ()


async def test_who_is_forgotten_comes_back_as_somebody_new(stage: Stage) -> None:
    """Nothing of the old account tells who it was, and the new one has no part in it."""
    people = stage.node.people
    async with browser(stage.node) as client:
        await sign_in(client, stage.works)
        people.disable("anna", disabled=True)
        former = people.forget("anna")
        again = await sign_in(client, stage.works)

    assert (people.get(former).issuer, people.get(former).disabled) == (None, True)
    assert again.json() == {"name": "anna"}


async def test_a_provider_lets_nobody_in_before_the_first_administrator(folder: Path, works: Provider) -> None:
    """The one-time code makes the first account; a provider cannot take the node over, nor close an open one."""
    (folder / "works.secret").write_text(works.secret, "utf-8")
    (folder / "works.secret").chmod(0o600)
    plant = folder / "plant.toml"
    plant.write_text(plant.read_text("utf-8") + SIGN_IN.format(issuer=works.issuer), "utf-8")
    works.person["groups"] = ["chiefs"]
    with Node.open(folder) as node:
        async with browser(node) as client:
            listed = (await client.get("/api/me")).json()["providers"]
            refused = await sign_in(client, works)

        assert (listed, refused.json()["key"], node.people.nobody) == ([], "sign_in.first", True)


async def test_logging_out_goes_on_to_the_provider(stage: Stage) -> None:
    """With the token as a hint and the way back; who logged in by a password stays here."""
    async with browser(stage.node) as client:
        await sign_in(client, stage.works)
        out = (await client.post("/api/logout", json={})).json()["address"]
        known = (await client.get("/api/me")).json()["known"]
        await client.post("/api/login", json={"name": "eva", "password": PASSWORD})
        own = (await client.post("/api/logout", json={})).json()["address"]

    assert out.startswith(
        f"{stage.works.issuer}/logout?client_id=lineside&post_logout_redirect_uri=http%3A%2F%2F127.0.0.1%3A8000%2F&id_token_hint=ey"
    )
    assert (known, own) == (False, None)


def wrong_key(works: Provider) -> None:
    """Signs with a key that is not among the published ones."""
    works.signing = ("k1", new_key(), "ES256")


def unknown_key(works: Provider) -> None:
    """Signs with a key of another name."""
    works.signing = ("k9", new_key(), "ES256")


def unsigned(works: Provider) -> None:
    """Does not sign at all."""
    works.signing = ("k1", None, "none")


def shared(works: Provider) -> None:
    """Signs with what the client knows, too."""
    works.signing = ("k1", works.secret.encode() * 4, "HS256")


def says(**claims: Any) -> Any:
    """Says other claims; None leaves one out."""

    def change(told: dict[str, Any]) -> None:
        told |= claims
        for name in [name for name, value in told.items() if value is None]:
            del told[name]

    return lambda works: setattr(works, "change", change)


NOW = int(time.time())
"""When this was read; all tests together may take hours on a slow machine."""
TOKENS = {
    "a foreign key": (wrong_key, "sign_in.key"),
    "an unknown key": (unknown_key, "sign_in.key"),
    "no signature": (unsigned, "sign_in.token"),
    "a shared key": (shared, "sign_in.token"),
    "another issuer": (says(iss="http://127.0.0.1:1"), "sign_in.token"),
    "no issuer": (says(iss=None), "sign_in.token"),
    "another audience": (says(aud="other"), "sign_in.token"),
    "no audience": (says(aud=None), "sign_in.token"),
    "many audiences": (says(aud=["lineside", "other"]), "sign_in.token"),
    "another party": (says(azp="other"), "sign_in.token"),
    "another nonce": (says(nonce="n"), "sign_in.token"),
    "no nonce": (says(nonce=None), "sign_in.token"),
    "expired": (says(exp=NOW - 3600), "sign_in.token"),
    "no end": (says(exp=None), "sign_in.token"),
    "an end that is no time": (says(exp="soon"), "sign_in.token"),
    "an endless end": (says(exp=float("nan")), "sign_in.token"),
    "not yet": (says(nbf=NOW + 86_400), "sign_in.token"),
    "of the future": (says(iat=NOW + 86_400), "sign_in.token"),
    "of no time": (says(iat=None), "sign_in.token"),
    "nobody": (says(sub=None), "sign_in.token"),
    "an empty subject": (says(sub=""), "sign_in.token"),
    "a long subject": (says(sub="s" * 256), "sign_in.token"),
    "a number as subject": (says(sub=7), "sign_in.token"),
    "another access token": (says(at_hash="AAAA"), "sign_in.token"),
}
ANSWERS = {
    "no groups": (says(groups=None), "sign_in.no_groups"),
    "groups that are a number": (says(groups=3), "sign_in.no_groups"),
    "groups that are numbers": (says(groups=[3]), "sign_in.no_groups"),
    "too many groups": (says(groups=["staff"] * 1001), "sign_in.too_many_groups"),
    "groups elsewhere": (says(groups=None, _claim_names={"groups": "src1"}), "sign_in.too_many_groups"),
    "groups hinted at": (says(groups=None, hasgroups=True), "sign_in.too_many_groups"),
    "another issuer in the answer": (lambda w: w.answers.update(iss="https://evil"), "sign_in.mixed_up"),
    "no issuer in the answer": (lambda w: w.answers.update(iss=None), "sign_in.mixed_up"),
    "no state": (lambda w: w.answers.update(state=""), "sign_in.begin_again"),
    "another state": (lambda w: w.answers.update(state="A" * 43), "sign_in.begin_again"),
    "a state in other letters": (lambda w: w.answers.update(state="状"), "sign_in.begin_again"),
    "a refusal": (lambda w: w.answers.update(error="access_denied", code=""), "sign_in.denied"),
    "no code": (lambda w: w.answers.update(code=""), "sign_in.denied"),
    "a code of its own": (lambda w: w.answers.update(code="mine"), "sign_in.denied"),
    "another secret": (lambda w: setattr(w, "secret", "other"), "sign_in.client"),
    "no token": (lambda w: setattr(w, "token_answer", (200, {})), "sign_in.token"),
    "a broken token": (lambda w: setattr(w, "token_answer", (200, {"id_token": "a.b.c"})), "sign_in.token"),
    "a fault of its own": (lambda w: setattr(w, "token_answer", (500, {})), "sign_in.answer"),
}


@pytest.mark.parametrize("faults", [TOKENS, ANSWERS], ids=["tokens", "answers"])
async def test_what_does_not_hold_lets_nobody_in(
    stage: Stage, faults: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Each is refused by a sentence with a cure, told in ledger and log, and leaves no account and no session."""
    works, found, sound = stage.works, {}, copy(vars(stage.works))
    caplog.set_level(logging.WARNING)
    async with browser(stage.node) as client:
        for name, (spoil, _) in faults.items():
            vars(works).update(sound | {"answers": {}, "change": lambda _: None})
            spoil(works)
            refused = (await sign_in(client, works)).json()
            known = (await client.get("/api/me")).json()["known"]
            found[name] = refused["key"] if refused["cure"] and refused["detail"] in caplog.text and not known else None
        own = await client.post("/api/login", json={"name": "eva", "password": PASSWORD})

    assert found == {name: key for name, (_, key) in faults.items()}
    assert [(one.name, len(one.sessions)) for one in stage.node.people.everybody()] == [("eva", 1)]
    counted = Counter({entry["why"]: entry["count"] for entry in told(stage.node, Kind.LOGIN_PROVIDER)})
    assert counted == Counter(key for _, key in faults.values())
    assert own.status_code == 200


async def test_an_answer_counts_once_and_in_the_browser_that_asked(stage: Stage) -> None:
    """Replayed it is refused; so it is in another browser, and at the address of another provider."""
    async with browser(stage.node) as client, browser(stage.node) as other:
        back = await begin(client, stage.works)
        cookies = dict(client.cookies)
        stolen = await end(other, back)
        await begin(other, stage.works)
        forced = await end(other, back)
        elsewhere = await client.post("/api/signin/others/end", json=back)
        first = await end(client, back)
        client.cookies.clear()
        client.cookies.update(cookies)
        again = await end(client, back)

    keys = [answer.json().get("key") for answer in (stolen, forced, elsewhere, first, again)]
    assert keys == ["sign_in.begin_again", "sign_in.begin_again", "sign_in.mixed_up", None, "sign_in.replayed"]


async def test_new_keys_of_the_provider_are_fetched(stage: Stage) -> None:
    """After it changed them, also under the same name; tokens that nobody signed make nobody fetch again and again."""
    works = stage.works
    async with browser(stage.node) as client:
        await sign_in(client, works)
        wrong_key(works)
        refused = [(await sign_in(client, works)).json()["key"] for _ in range(2)]
        fetched = works.asked.count("/keys")
        stage.node.sign_ins._providers["works"]._keys_s -= 60  # noqa: SLF001 - a minute goes by
        works.keys = {"k2": new_key()}
        works.signing = ("k2", works.keys["k2"], "ES256")
        rotated = await sign_in(client, works)

    assert (refused, fetched, rotated.status_code) == (["sign_in.key"] * 2, 1, 200)


@pytest.mark.parametrize("hours", [25, -25])
async def test_a_clock_that_is_a_day_off_is_named(stage: Stage, hours: int) -> None:
    """Whose it is cannot be told, by how much can; who has a password logs in with it."""
    stage.works.shift_s = hours * 3600.0
    async with browser(stage.node) as client:
        refused = (await sign_in(client, stage.works)).json()
        own = await client.post("/api/login", json={"name": "eva", "password": PASSWORD})

    assert (refused["key"], refused["fields"]["minutes"], own.status_code) == ("sign_in.clock", "1500", 200)


async def test_clocks_may_differ_a_little(stage: Stage) -> None:
    """By less than two minutes."""
    stage.works.shift_s = 100.0
    async with browser(stage.node) as client:
        assert (await sign_in(client, stage.works)).status_code == 200


async def test_groups_may_be_told_apart_from_the_token(stage: Stage) -> None:
    """Where the token leaves them out the provider is asked; what it says of somebody else does not count."""
    works = stage.works
    del works.person["groups"]
    works.document["userinfo_endpoint"] = f"{works.issuer}/me"
    works.about = {"sub": "u-1", "groups": ["staff"]}
    async with browser(stage.node) as client:
        asked = await sign_in(client, works)
        works.about["sub"] = "u-2"
        other = await sign_in(client, works)

    assert (asked.status_code, other.json()["key"]) == (200, "sign_in.token")


DOCUMENTS: dict[str, tuple[dict[str, Any], str]] = {
    "another issuer": ({"issuer": "https://evil.example"}, "sign_in.other_issuer"),
    "an open address": ({"token_endpoint": "http://login.example.com/token"}, "sign_in.insecure"),
    "no keys": ({"jwks_uri": None}, "sign_in.insecure"),
    "no PKCE": ({"code_challenge_methods_supported": ["plain"]}, "sign_in.no_pkce"),
}


@pytest.mark.parametrize("fault", DOCUMENTS)
async def test_a_provider_that_cannot_be_trusted_is_not_asked(stage: Stage, fault: str) -> None:
    """Nobody is sent there, and the sentence names what is wrong."""
    stage.works.document, key = DOCUMENTS[fault]
    async with browser(stage.node) as client:
        assert (await client.post("/api/signin/works/begin")).json()["key"] == key


async def test_a_secret_that_others_may_read_is_not_used(stage: Stage) -> None:
    """Nor is one that is not there."""
    secret, keys = stage.folder / "works.secret", []
    async with browser(stage.node) as client:
        secret.chmod(0o644)
        keys.append((await sign_in(client, stage.works)).json()["key"])
        secret.unlink()
        keys.append((await sign_in(client, stage.works)).json()["key"])

    assert keys == ["sign_in.secret_open", "sign_in.secret_unreadable"]


async def test_a_provider_that_is_away_leaves_the_password(stage: Stage) -> None:
    """It is told with a cure, and the administrator of the node logs in."""
    async with browser(stage.node) as client:
        away = await client.post("/api/signin/others/begin", headers={"Accept-Language": "zh"})
        unknown = await client.post("/api/signin/nowhere/begin")
        own = await client.post("/api/login", json={"name": "eva", "password": PASSWORD})

    assert (away.status_code, away.json()["key"], own.status_code) == (502, "sign_in.unreachable", 200)
    assert "没有应答" in away.json()["detail"]
    assert (unknown.status_code, unknown.json()["key"]) == (404, "sign_in.unknown")


async def test_a_provider_is_believed_by_the_certificate_that_the_file_names(stage: Stage) -> None:
    """One whose authority neither the system nor the file knows is not asked; a file without certificates is named."""
    pem, keys = self_signed(stage.folder), []
    with provider(pem) as works:
        told = stage.node.plant.sign_ins["works"].model_copy(update={"issuer": works.issuer, "secret_file": None})
        for ca_file in (None, "works.pem", "plant.toml", "none.pem"):
            settings = {"works": told.model_copy(update={"ca_file": ca_file})}
            sign_ins = SignIns(stage.folder, lambda settings=settings: settings, lambda: 0)  # type: ignore[misc]
            try:
                await sign_ins.begin("works", "http://127.0.0.1/signed-in/works")
                keys.append("believed")
            except LinesideError as error:
                keys.append(error.key)

    assert keys == ["sign_in.unreachable", "believed", "sign_in.ca", "sign_in.ca"]


async def test_the_cookies_of_a_sign_in_are_kept_from_everybody_else(stage: Stage) -> None:
    """Over TLS both are bound to this host; the one of the way comes back from the provider and lives for minutes."""
    base = "https://node.example"
    door = Door(open=False, names=frozenset({"node.example"}), https=True)
    async with browser(stage.node, door, base) as client:
        begun = await client.post("/api/signin/works/begin")
        back = stage.works.visit(begun.json()["address"])
        done = await end(client, back)

    [way] = begun.headers.get_list("set-cookie")
    session, gone = done.headers.get_list("set-cookie")
    assert way.startswith("__Host-lineside-sign-in=works.")
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/", "Max-Age=600"} <= set(way.split("; "))
    assert session.startswith("__Host-lineside=")
    assert "SameSite=strict" in session
    assert gone.startswith('__Host-lineside-sign-in=""')
    assert f"redirect_uri={'https%3A%2F%2Fnode.example%2Fsigned-in%2Fworks'}" in begun.json()["address"]
