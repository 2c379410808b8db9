"""Accounts made by commands, on a node that runs and on one that does not; and how a node is served."""

from __future__ import annotations

import json
import re
import signal
import stat
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import httpx
import pytest
from click.testing import Result

from lineside.books import Books
from lineside.cli.serving import Served
from lineside.errors import ConfigurationError
from lineside.node import Node, now_us
from lineside.texts import say
from lineside.trust import Arrival, Grant, People
from tests.cli.people import PEOPLE

Run = Callable[..., Result]
Launch = Callable[..., Any]
CODE = re.compile(r"\b\w{4}-\w{4}-\w{4}-\w{4}\b")
PASSWORD = "a horse on the staircase"
START = ("--port", "0", "--no-browser")


@pytest.fixture
def works(tmp_path: Path) -> Path:
    """A plant in which people count."""
    (tmp_path / "plant.toml").write_text(PEOPLE, "utf-8")
    return tmp_path


def test_accounts_are_made_while_no_node_runs(works: Path, run: Run) -> None:
    """The first rules; a token is the only thing on the output, so that it can be piped."""
    first = run("people", "add", works, "otto", "--role", "operator")
    made = run("people", "add", works, "Eva", "--role", "administrator")
    service = run("people", "add", works, "plc", "--service", "--role", "collector@line/cell")
    token = run("people", "token", works, "plc", "--for", "Telegraf", "--role", "collector")
    listed = json.loads(run("people", "list", works, "--json").stdout)
    shown = run("people", "list", works).stdout

    assert (first.exit_code, "must be a person" in first.stderr) == (1, True)
    assert CODE.search(made.stdout)
    assert not CODE.search(service.stdout)
    assert re.fullmatch(r"ls_[\w-]{43}\n", token.stdout)
    assert [account["name"] for account in listed] == ["eva", "plc"]
    assert token.stdout.strip() not in json.dumps(listed)
    assert "collector@line/cell" in shown


def test_who_signs_in_by_a_provider_is_told_apart(works: Path, run: Run) -> None:
    """Their roles and tokens are not for the commands to give; they can be shut out."""
    run("people", "add", works, "eva", "--role", "administrator")
    with Books.open(works) as books:
        grants = (Grant.parse("reader"),)
        People(books, now_us).arrive(Arrival("works", "Works", "https://login.example.com", "u-1", "Anna", grants, "-"))

    shown = run("people", "list", works).stdout
    steps = [
        run("people", "roles", works, "anna", "--role", "administrator"),
        run("people", "token", works, "anna", "--for", "x", "--role", "reader"),
        run("people", "reset", works, "anna"),
        run("people", "disable", works, "anna"),
    ]

    assert "signs in by a provider" in shown
    assert [(step.exit_code, "https://login.example.com" in step.stderr) for step in steps] == [(1, True)] * 3 + [
        (0, False)
    ]


def test_accounts_are_changed_and_what_cannot_be_is_told(works: Path, run: Run) -> None:
    """With a sentence and a cure."""
    for name in ("eva", "otto"):
        run("people", "add", works, name, "--role", "administrator")
    steps = [
        run("people", "roles", works, "otto", "--role", "operator@line/cell", "--role", "finance"),
        run("people", "disable", works, "otto"),
        run("people", "reset", works, "eva", lang="zh_CN.UTF-8"),
        run("people", "token", works, "otto", "--for", "x", "--role", "reader", "--days", "3"),
        run("people", "token", works, "otto", "--revoke", "1"),
        run("people", "token", works, "otto", "--revoke", "1"),
        run("people", "roles", works, "otto", "--role", "boss"),
        run("people", "reset", works, "nobody"),
    ]
    otto = json.loads(run("people", "list", works, "--json").stdout)[1]

    assert [step.exit_code for step in steps] == [0, 0, 0, 0, 0, 1, 1, 1]
    assert all(len(step.stderr.splitlines()) == 2 for step in steps[5:])
    assert (otto["disabled"], otto["tokens"]) == (True, [])
    assert otto["roles"] == [{"role": "finance", "scope": "site"}, {"role": "operator", "scope": "line/cell"}]


def test_a_second_factor_is_demanded_and_told(works: Path, run: Run) -> None:
    """Of roles, of everybody or of nobody, one of them at a time; without an option it is said of whom."""
    first = run("people", "second-factor", works)
    some = run("people", "second-factor", works, "--role", "security", "--role", "administrator")
    again = run("people", "second-factor", works)
    both = run("people", "second-factor", works, "--everybody", "--role", "security")
    wrong = run("people", "second-factor", works, "--role", "boss")
    everybody = run("people", "second-factor", works, "--everybody")
    nobody = run("people", "second-factor", works, "--nobody")

    assert first.stdout == nobody.stdout == say("cli.people.second.nobody", "en") + "\n"
    assert some.stdout == again.stdout == say("cli.people.second.of", "en", roles="administrator, security") + "\n"
    assert everybody.stdout == say("cli.people.second.everybody", "en") + "\n"
    assert (both.exit_code, wrong.exit_code, "boss" in wrong.stderr) == (2, 1, True)


def test_a_closed_node_is_opened_by_its_code_and_served_by_its_commands(works: Path, launch: Launch, run: Run) -> None:
    """From the first start to a reset, all on a node that runs."""
    node = launch("run", works, *START, closed=True)
    with pytest.raises(HTTPError) as refused:
        node.ask("/api/plant")
    refused.value.close()
    oee = run("oee", works, "--machine", "bench", "--from", "2026-01-01", "--to", "2026-01-02", "--json")
    node.wait_for("Ctrl-C stops it.")  # the code is told before
    code = next(found[0] for line in node.said if (found := CODE.search(line)))
    with httpx.Client(base_url=node.url, headers={"Origin": node.url}, trust_env=False, timeout=60) as browser:
        begun = browser.post("/api/code", json={"name": "eva", "code": code, "password": PASSWORD})
        plant = browser.get("/api/plant")
        made = run("people", "add", works, "otto", "--role", "operator")
        run("people", "reset", works, "eva")
        after = browser.get("/api/plant")
    secret = works / "data" / "node.secret"
    mode = stat.S_IMODE(secret.stat().st_mode)
    listed = json.loads(run("people", "list", works, "--json").stdout)
    node.end(signal.SIGINT)

    assert refused.value.code == 401
    assert oee.exit_code == 0, oee.output
    assert (begun.status_code, plant.status_code, after.status_code) == (200, 200, 401)
    assert CODE.search(made.stdout)
    assert [account["name"] for account in listed] == ["eva", "otto"]
    assert sys.platform == "win32" or mode == 0o600
    assert not secret.exists()
    assert "No account yet" in node.output
    again = launch("run", works, *START, closed=True)
    assert "No account yet" not in again.output


def test_an_open_node_says_so_and_is_closed_by_accounts(works: Path, launch: Launch, run: Run) -> None:
    """With an account `--open` is refused rather than obeyed or ignored."""
    node = launch("run", works, *START)
    assert node.ask("/api/me")["open"] is True
    run("people", "add", works, "eva", "--role", "administrator")
    with pytest.raises(HTTPError) as refused:
        node.ask("/api/plant")
    refused.value.close()
    node.end(signal.SIGINT)

    again = run("run", works, *START, "--open")

    assert "Nobody is asked who they are" in node.output
    assert refused.value.code == 401
    assert (again.exit_code, "--open would let in" in again.stderr) == (1, True)


@pytest.mark.parametrize(
    ("served", "accounts", "key"),
    [
        (Served(), False, None),
        (Served(open=True), False, None),
        (Served(open=True), True, "cli.run.not_open"),
        (Served(host="0.0.0.0"), True, "cli.run.unencrypted"),  # noqa: S104 - shown to be refused
        (Served(host="0.0.0.0", unencrypted=True), False, "cli.run.no_account"),  # noqa: S104
        (Served(host="0.0.0.0", unencrypted=True), True, None),  # noqa: S104
        (Served(host="0.0.0.0", behind="https://node.example"), True, "cli.run.unencrypted"),  # noqa: S104
        (Served(behind="https://node.example"), False, "cli.run.no_account"),
        (Served(behind="http://node.example"), True, "cli.run.behind"),
        (Served(behind="https://node.example"), True, None),
        (Served(open=True, behind="https://node.example"), False, "cli.run.no_account"),
    ],
)
def test_nobody_is_served_who_should_not_be(works: Path, served: Served, accounts: bool, key: str | None) -> None:
    """Others only with accounts, and in the clear only when it is asked for."""
    with Node.open(works) as node:
        if accounts:
            node.people.add("eva", "person", [Grant.parse("administrator")])
        if key is None:
            served.require(node.people)
        else:
            with pytest.raises(ConfigurationError, match=say(key, host=served.host, address=served.behind)[:30]):
                served.require(node.people)


def test_a_backup_holds_no_secret_of_the_process(works: Path, launch: Launch, run: Run, tmp_path: Path) -> None:
    """The accounts go with it, hashed; the secret of the commands does not."""
    launch("run", works, *START, closed=True)

    made = run("backup", works, tmp_path.parent / "kept")

    assert made.exit_code == 0, made.output
    names = {path.name for path in (tmp_path.parent / "kept").rglob("*")}
    assert "books.sqlite" in names
    assert "node.secret" not in names
