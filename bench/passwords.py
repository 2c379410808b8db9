"""What operators see while somebody tries passwords: a thousand wrong ones a second from one address.

`USERS` people are logged in, each with a session and a live socket of their own. Each opens the page again every 10 to
30 s and asks for what a browser asks for that has the files already: the page, who it is, the plant, and beside each
other lanes, shifts and keeping. The time of a page is that from its first request to its last answer. The attacker is a
process of its own at another address (127.0.0.2) and does not wait for answers: over connections that it keeps, or over
a new one for each try. Node, users and attacker share the machine, so a node alone does better; the processor time of
each is told, and so is what of the attack really went out. It leaves out TLS and the network.

    python bench/passwords.py              # the figure
    python bench/passwords.py --seconds 60
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from http import HTTPStatus
from pathlib import Path

from websockets.asyncio.client import connect

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from bench._machine import machine  # noqa: E402 the path to it was just made

USERS, RATE, KEPT = 200, 1000, 50
PASSWORD = "a horse on the staircase"  # noqa: S105 - it guards a plant that lives for some minutes
WAYS = ("nobody attacks", "kept connections", "a new connection each")
PLANT = """\
[site]
id = "works"
timezone = "UTC"
[area.hall]
[line.cell]
area = "hall"
[source.people]
type = "tally"
[machine.bench]
line = "cell"
source = "people"
[machine.bench.signals]
good = { kind = "count" }
"""


class Browser:
    """One kept connection that asks for one thing after the other."""

    def __init__(self, port: int, cookie: str = "") -> None:
        self.port, self.cookie = port, cookie
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, path: str, body: bytes | None = None) -> tuple[int, str]:
        """Status and head of the answer; over a new connection where the last one was closed meanwhile."""
        try:
            return await self._ask(path, body)
        except (ConnectionError, asyncio.IncompleteReadError):
            self._streams = None
            return await self._ask(path, body)

    async def _ask(self, path: str, body: bytes | None) -> tuple[int, str]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._streams
        writer.write(request(self.port, path, body, self.cookie))
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
        await reader.readexactly(int(length[1]) if length else 0)
        if "connection: close" in head.lower():
            self._streams = None
        return int(head.split()[1]), head


def request(port: int, path: str, body: bytes | None, cookie: str = "") -> bytes:
    """The bytes of a request as a browser at this node sends it."""
    here = f"127.0.0.1:{port}"
    lines = [f"{'GET' if body is None else 'POST'} {path} HTTP/1.1", f"Host: {here}", f"Origin: http://{here}"]
    lines += [f"Cookie: {cookie}"] if cookie else []
    lines += [] if body is None else ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + (body or b"")


async def page(one: Browser, others: tuple[Browser, ...], took: list[float], asked: Counter[int]) -> None:
    """Opens the page once."""
    now = int(time.time() * 1000)
    span = f"from={now - 28_800_000}&to={now}"
    began = time.perf_counter()
    for path in ("/", "/api/me", "/api/plant"):
        asked[(await one.ask(path))[0]] += 1
    rest = ("/api/keeping", f"/api/lanes?{span}", f"/api/shifts?{span}")
    for status, _ in await asyncio.gather(*(b.ask(path) for b, path in zip((one, *others), rest, strict=True))):
        asked[status] += 1
    took.append(time.perf_counter() - began)


async def user(port: int, cookie: str, until: float, took: list[float], asked: Counter[int]) -> None:
    """Keeps a live socket, and opens the page now and then."""
    chance = random.Random(cookie)
    one, others = Browser(port, cookie), (Browser(port, cookie), Browser(port, cookie))
    sent = {"Cookie": cookie, "Origin": f"http://127.0.0.1:{port}"}
    url = f"ws://127.0.0.1:{port}/api/live"
    async with connect(url, additional_headers=sent, proxy=None, open_timeout=60) as socket:
        await socket.send('{"subscribe": ["now"]}')
        pause = chance.uniform(0, 20)
        while time.monotonic() + pause < until:
            await asyncio.sleep(pause)
            await page(one, others, took, asked)
            pause = chance.uniform(10, 30)
        await asyncio.sleep(max(0.0, until - time.monotonic()))


class Attack:
    """Sends wrong passwords at the rate, whether they are answered or not, and counts what came back."""

    def __init__(self, port: int) -> None:
        self.port, self.sent = port, 0
        self.answers: Counter[str] = Counter()

    def wrong(self) -> bytes:
        """The next try."""
        self.sent += 1
        name = ("eva", f"name-{self.sent}")[self.sent % 2]
        tried = {"name": name, "password": "wrong wrong wrong"}
        return request(self.port, "/api/login", json.dumps(tried).encode())

    async def joined(self, *, once: bool) -> Try | None:
        """A connection from another address; it tries once and ends, or is kept."""
        make = asyncio.get_running_loop().create_connection
        try:
            return (await make(lambda: Try(self, once=once), "127.0.0.1", self.port, local_addr=("127.0.0.2", 0)))[1]
        except OSError:
            self.answers["no connection"] += 1
            return None

    async def kept(self, crowd: list[Try | None], number: int) -> None:
        """The next try over a kept connection, or a new one where the node hung up."""
        one = crowd[number % KEPT]
        if one is None or one.transport is None or one.transport.is_closing():
            one = crowd[number % KEPT] = await self.joined(once=False)
        if one is None or one.transport is None:
            return
        if one.transport.get_write_buffer_size() < 20_000:
            one.transport.write(self.wrong())
        else:
            self.answers["held back"] += 1

    async def run(self, seconds: float, *, kept: bool) -> str:
        """What of the attack went out and came back, and what it cost its own process."""
        began, done, tasks = time.monotonic(), 0, set[asyncio.Task[Try | None]]()
        crowd: list[Try | None] = [None] * KEPT
        while (passed := time.monotonic() - began) < seconds:
            for number in range(done, int(passed * RATE)):
                if kept:
                    await self.kept(crowd, number)
                    continue
                tasks.add(task := asyncio.create_task(self.joined(once=True)))
                task.add_done_callback(tasks.discard)
            done = max(done, int(passed * RATE))
            await asyncio.sleep(0.005)
        used = time.process_time() / seconds
        return f"{self.sent / seconds:.0f} tries/s sent, answers {dict(self.answers)}, {used:.0%} of a core"


class Try(asyncio.Protocol):
    """A connection of the attacker."""

    def __init__(self, attack: Attack, *, once: bool) -> None:
        self.attack, self.once = attack, once
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Tries at once where there is one try to a connection."""
        self.transport = transport if isinstance(transport, asyncio.Transport) else None
        if self.once and self.transport is not None:
            self.transport.write(self.attack.wrong())

    def data_received(self, data: bytes) -> None:
        """Counts the answers in it."""
        for status in re.findall(rb"HTTP/1\.1 (\d+)", data):
            self.attack.answers[status.decode()] += 1
        if self.once and self.transport is not None:
            self.transport.close()


def cpu_s(pid: int) -> float:
    """Processor seconds that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def measure(port: int, node: int, code: str, seconds: float) -> None:
    """Runs users alone, then beside each attack, and tells all."""
    people = []
    for number in range(USERS):
        asked = {"name": "eva", "password": PASSWORD} | ({"code": code} if number == 0 else {})
        path = "/api/login" if number else "/api/code"
        status, head = await Browser(port).ask(path, json.dumps(asked).encode())
        if status != HTTPStatus.OK:
            raise RuntimeError(head)
        people.append(re.findall(r"set-cookie: (lineside=[^;]+)", head, re.IGNORECASE)[0])
    for way in WAYS:
        took: list[float] = []
        asked_: Counter[int] = Counter()
        used, own, began = cpu_s(node), time.process_time(), time.monotonic()
        command = [sys.executable, __file__, "--attack", str(port), "--seconds", str(seconds), "--way", way]
        attacker = None if way == WAYS[0] else await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
        await asyncio.gather(*(user(port, one, began + seconds, took, asked_) for one in people))
        used, own = (cpu_s(node) - used) / seconds, (time.process_time() - own) / seconds
        took.sort()
        told = ", ".join(f"{share:.0%} {1000 * took[int(share * (len(took) - 1))]:.0f} ms" for share in (0.5, 0.95, 1))
        print(f"{way}: {len(took)} pages {told}; answers {dict(asked_)}; node {used:.0%}, users {own:.0%} of a core")
        if attacker is not None:
            print(f"  attacker: {(await attacker.communicate())[0].decode().strip()}", flush=True)


def main() -> None:
    """Starts the node, measures, stops it."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--seconds", type=float, default=40)
    asked.add_argument("--attack", type=int)
    asked.add_argument("--way", choices=WAYS)
    told = asked.parse_args()
    if told.attack is not None:
        print(asyncio.run(Attack(told.attack).run(told.seconds - 1, kept=told.way == WAYS[1])))
        return
    print(machine("litestar", "uvicorn", "argon2-cffi"), f"load {os.getloadavg()[0]:.1f}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "plant.toml").write_text(PLANT, "utf-8")
        command = [sys.executable, "-m", "lineside", "run", folder, "--no-browser", "--port", "0"]
        environment = {**os.environ, "LC_ALL": "C", "PYTHONUNBUFFERED": "1"}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as node:
            try:
                for line in node.stdout or ():
                    if found := re.search(r"http://[\d.]+:(\d+)/login .*\b(\w{4}(?:-\w{4}){3})\b", line):
                        asyncio.run(measure(int(found[1]), node.pid, found[2], told.seconds))
                        break
            finally:
                node.terminate()


if __name__ == "__main__":
    main()
