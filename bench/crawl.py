"""Ask a real node what nobody should ask it, for long, and read all that comes back: run by hand.

    python bench/crawl.py [fuzz] [pages] [document] [--rounds N] [--pages N] [--schemathesis PROGRAM] [--examples N]

A plant of two lines, people of every role, tokens, orders, an uploaded file, releases and secrets that are looked for
in every answer, frame and line of the log. `fuzz` asks every route oddly (tests/api/strange.py, each round with another
seed); `pages` goes as every role through every page in both languages in Chromium, along all links; `document` lets
schemathesis 4 try the node's own OpenAPI document as each role. It is no part of the project's environment:
`python -m venv V && V/bin/pip install schemathesis`, then `--schemathesis V/bin/schemathesis`. That the search finds
what is wrong is shown by tests/api/test_crawl.py with faults that were planted. Left out: TLS, a proxy before the node,
the way in by a provider, and the demo plant's larger pages.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Page

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench._machine import machine
from lineside.api import create_app
from lineside.node import Node
from lineside.trust import Grant, Role
from tests.api.doors import PLANT, grants
from tests.api.hunting import Hunt
from tests.api.judging import Judge
from tests.api.strange import Asker, Caller
from tests.web.stage import browser

PASSWORD = "a horse on the staircase"  # noqa: S105 - looked for, and of nobody
FEED_PASSWORD, BROKER_PASSWORD = "feed-Zx81-secret", "broker-Qy72-secret"
SECRETS = {"LINESIDE_SQL_PASSWORD": FEED_PASSWORD, "LINESIDE_MQTT_PASSWORD": BROKER_PASSWORD}
MORE = """
[product.bolt]
ideal_cycle_s = 2.0
[source.bus]
type = "mqtt"
url = "mqtt://127.0.0.1:9"
options = { user = "reader" }
[machine.kiln]
line = "cell"
source = "bus"
[machine.kiln.signals]
heat = { kind = "measure", address = "a/heat" }
[feed.erp]
url = "postgresql://reader@127.0.0.1:9/prod"
select = "open_orders"
"""
PAGES = ("schedule", "connect", "orders", "people", "catalogue", "ledger", "valve", "nowhere")
ROLES = (Role.OPERATOR, Role.ENGINEER, Role.MANAGER, Role.FINANCE, Role.SECURITY, Role.AUDITOR, Role.ADMINISTRATOR)
BAD = 400
WHEN = {"start": "2026-03-04T08:00:00Z", "end": "2026-03-04T09:00:00Z", "machine": "press"}
WATCH = "document.addEventListener('securitypolicyviolation', e => console.error('policy: ' + e.violatedDirective))"


@dataclass(slots=True)
class Plant:
    """A node that runs, and what was hidden in it."""

    folder: Path
    callers: list[Caller] = field(default_factory=list)
    tokens: dict[Role, str] = field(default_factory=dict)
    secrets: set[str] = field(default_factory=set)
    port: int = 0

    @property
    def judge(self) -> Judge:
        """Who knows it."""
        return Judge(frozenset(self.secrets), self.folder)

    @property
    def log(self) -> str:
        """What the node wrote down."""
        return "".join(path.read_text("utf-8", "replace") for path in self.folder.rglob("*.log"))


def peopled(folder: Path) -> Plant:
    """A folder with people of every role, of whom passwords, tokens and an app are known."""
    (folder / "plant.toml").write_text(PLANT + MORE, "utf-8")
    made = Plant(folder, secrets={PASSWORD, FEED_PASSWORD, BROKER_PASSWORD})
    with Node.open(folder) as node:
        for number, role in enumerate((Role.ADMINISTRATOR, *(one for one in ROLES if one is not Role.ADMINISTRATOR))):
            code = node.people.add(role.value, "person", [Grant(role)])
            account = node.people.redeem(role.value, code or "", f"{PASSWORD} {number}")
            if role is Role.AUDITOR:
                made.secrets.add(node.login.begin_app(account.id, f"{PASSWORD} {number}"))
        for number, grant in enumerate(grants()):
            node.people.add(f"caller-{number}", "service", [grant])
            token = node.people.token(f"caller-{number}", "all", Grant(Role.ADMINISTRATOR), 1)
            made.secrets.add(token)
            made.callers.append(Caller(((b"Authorization", b"Bearer " + token.encode()),)))
            if grant.scope == "site":
                made.tokens[grant.role] = token
    ruler = Caller(((b"Authorization", b"Bearer " + made.tokens[Role.ADMINISTRATOR].encode()),))
    made.callers += [ruler] * len(made.callers) + [Caller()]
    return made


@contextmanager
def running(plant: Plant) -> Iterator[httpx.Client]:
    """The node of a plant, with orders, a file and a release; what it says is kept as a log."""
    command = [sys.executable, "-m", "lineside", "run", str(plant.folder), "--no-browser", "--port", "0"]
    said = plant.folder / "said.log"
    with (
        said.open("wb") as out,
        subprocess.Popen(command, stdout=out, stderr=out, env={**os.environ, **SECRETS}) as process,
    ):
        try:
            while (told := re.search(r"http://127\.0\.0\.1:(\d+)", said.read_text("utf-8"))) is None:
                time.sleep(0.1)
            plant.port = int(told[1])
            proof = {"Authorization": f"Bearer {plant.tokens[Role.ADMINISTRATOR]}"}
            with httpx.Client(base_url=told[0], headers=proof, timeout=60, trust_env=False) as client:
                filled(client)
                yield client
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def filled(client: httpx.Client) -> None:
    """Gives a node something to tell; what of it is refused is said."""
    release = {"name": "KPIs", "purpose": "study", "recipient": "203.0.113.5", "flow": "token/1", "address": "x"}
    asked: tuple[tuple[str, dict[str, Any]], ...] = (
        ("/api/push/disk", {"content": '{"address": "mode", "value": "ACTIVE"}'}),
        ("/api/erp/orders", {"json": [{"id": "A-1", "product": "bolt", "quantity": 10, **WHEN}]}),
        ("/api/uploads?name=press.csv", {"content": "time,mode\n2026-03-04T08:00:00Z,ACTIVE\n"}),
        ("/api/valve/releases", {"json": {**release, "content": ["plant"]}}),
        ("/api/grades/labels", {"json": {"id": "recipe", "words": "a recipe", "reason": "a customer's"}}),
    )
    for path, sent in asked:
        answer = client.post(path, **sent)
        print(f"set up {path}: {answer.status_code} {'' if answer.is_success else answer.text}", flush=True)


def fuzz(plant: Plant, rounds: int) -> dict[str, str]:
    """Every route, oddly, so many rounds."""
    hunt, began = Hunt(plant.port, plant.judge), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "plant.toml").write_text(PLANT, "utf-8")
        with Node.open(Path(folder)) as node:
            app = create_app(node)

            async def all_of_it() -> None:
                for seed in range(rounds):
                    await hunt.ask(Asker(app, plant.callers, seed).round())
                    await hunt.wire()
                await hunt.live(plant.callers[:8])

            asyncio.run(all_of_it())
    spent = time.monotonic() - began
    print(
        f"fuzz: {hunt.requests:,} requests in {spent:.0f} s, {hunt.cut} cut off, {dict(sorted(hunt.statuses.items()))}"
    )
    return hunt.faults


class Walk:
    """Goes from page to page along their links, and notes what is wrong there."""

    def __init__(self, tab: Page, root: str, judge: Judge, most: int) -> None:
        self._tab, self._root, self._judge, self._most, self._at = tab, root, judge, most, ""
        self._led = {"/"}
        self.seen: set[str] = set()
        self.faults: list[str] = []
        tab.on("pageerror", lambda error: self.note(f"error {error}"))
        tab.on("console", lambda told: self.note(told.text) if told.type in ("error", "warning") else None)
        tab.on("requestfailed", lambda one: self.note(f"failed {one.method} {one.url} {one.failure}"))
        tab.on("response", lambda one: self.note(f"{one.status} {one.url}") if one.status >= BAD else None)

    def note(self, what: str) -> None:
        """Keeps a fault of the page that is open; a page that nothing led to may be refused."""
        if self._at in self._led or "403" not in what:
            self.faults.append(f"{self._at}: {what}")

    def everywhere(self) -> None:
        """Every page that there is, and where their links lead."""
        self._walk(["/"])
        self._walk([f"/{one}" for one in PAGES])

    def _walk(self, waiting: list[str]) -> None:
        most = len(self.seen) + self._most
        while waiting and len(self.seen) < most:
            self._at = waiting.pop(0)
            if self._at in self.seen:
                continue
            self.seen.add(self._at)
            self._tab.goto(self._root + self._at)
            self._tab.get_by_role("heading", level=1).first.wait_for(state="attached")
            self._tab.wait_for_load_state("networkidle")
            for fault in self._judge.of_text(self._tab.content()):
                self.note(fault)
            found = self._links()
            self._led.update(found)
            waiting += found

    def _links(self) -> list[str]:
        pages = []
        for link in self._tab.eval_on_selector_all("a[href]", "all => all.map(one => one.href)"):
            path = re.sub(r"[?#].*", "", link.removeprefix(self._root))
            if not path.startswith("/"):
                self.note(f"a link elsewhere, {link}")
            elif not path.startswith("/api/"):
                pages.append(path)
            elif (status := self._tab.request.get(link).status) >= BAD:
                self.note(f"a link to {link}: {status}")
        return pages


def pages(plant: Plant, most: int) -> dict[str, str]:
    """Every page in both languages as every role, and where its links lead."""
    faults: dict[str, str] = {}
    count, began = Counter[str](), time.monotonic()
    root = f"http://127.0.0.1:{plant.port}"
    with browser() as chromium:
        for number, role in enumerate((Role.ADMINISTRATOR, *(one for one in ROLES if one is not Role.ADMINISTRATOR))):
            for language in ("en-GB", "zh-CN"):
                context = chromium.new_context(locale=language, viewport={"width": 1440, "height": 900})
                context.add_init_script(WATCH)
                told = {"name": role.value, "password": f"{PASSWORD} {number}"}
                answer = context.request.post(f"{root}/api/login", data=told, headers={"Origin": root})
                walk = Walk(context.new_page(), root, plant.judge, most)
                if not answer.ok:
                    walk.note(f"no log-in: {answer.text()}")
                walk.everywhere()
                count[role.value] += len(walk.seen)
                print(f"{role} {language}: {len(walk.seen)} pages, {len(walk.faults)} faults", flush=True)
                faults |= {f"{role} {language} {one}": one for one in walk.faults}
                context.close()
    print(f"pages: {sum(count.values())} pages in {time.monotonic() - began:.0f} s, {dict(count)}")
    return faults


def document(plant: Plant, program: str, examples: int, roles: list[str]) -> dict[str, str]:
    """What schemathesis says of the node's document, as each role."""
    faults: dict[str, str] = {}
    for role, token in ((one, token) for one, token in plant.tokens.items() if one in roles):
        began = time.monotonic()
        command = [program, "run", f"http://127.0.0.1:{plant.port}/api/docs/openapi.json"]
        command += ["-H", f"Authorization: Bearer {token}", "-n", str(examples), "--seed", "1", "--continue-on-failure"]
        command += ["--checks", "all", "--exclude-checks", LEFT_OUT, "--no-color", "--max-failures", "200"]
        command += ["--exclude-path-regex", "/tokens/|/disabled|/roles|/me/|^/mtconnect"]
        told = subprocess.run(
            command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C.UTF-8"}
        )
        text = told.stdout + told.stderr
        for fault in re.findall(r"^ *- (ST\d+ .+)$", text, re.MULTILINE):
            faults.setdefault(f"{role}: {fault}", text[-4000:])
        (Path(tempfile.gettempdir()) / f"schemathesis-{role}.txt").write_text(text, "utf-8")
        tail = text.strip().splitlines()[-12:]
        print(f"document as {role}: {time.monotonic() - began:.0f} s, exit {told.returncode}", *tail, sep="\n  ")
    return faults


LEFT_OUT = "positive_data_acceptance,missing_required_header,ignored_auth,use_after_free,ensure_resource_availability"
"""What is asked may be well formed and yet name what is not there."""


def main() -> None:
    """Run the parts named, or all, and say what was found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("parts", nargs="*", default=["fuzz", "pages", "document"])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--schemathesis", default="schemathesis")
    parser.add_argument("--examples", type=int, default=20)
    parser.add_argument("--pages", type=int, default=60, help="at most, of each role and language")
    parser.add_argument("--roles", nargs="+", default=[*Role], help="as whom schemathesis asks")
    asked = parser.parse_args()
    print(machine("litestar", "uvicorn"))
    with tempfile.TemporaryDirectory() as folder:
        plant, faults = peopled(Path(folder)), dict[str, str]()
        with running(plant):
            if "pages" in asked.parts:
                faults |= pages(plant, asked.pages)
            if "fuzz" in asked.parts:
                faults |= fuzz(plant, asked.rounds)
            if "document" in asked.parts:
                faults |= document(plant, asked.schemathesis, asked.examples, asked.roles)
        faults |= {f"the log: {one}": plant.log[-3000:] for one in plant.judge.of_log(plant.log)}
    for fault, first in faults.items():
        print(f"FOUND {fault}\n  {first[:600]}")
    print(f"{len(faults)} found")


if __name__ == "__main__":
    main()
