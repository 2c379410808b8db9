# ruff: noqa: S101 - an answer without a receipt is no figure
"""How many submissions a hub verifies, stores and receipts: run by hand, quote with machine and date.

    python bench/hub_intake.py [--seconds 20] [--members 10000] [--senders 32] [--lines 1] [--postgres] [--http]
                                [--load]

Members of a catalogue of 40 indicators say a month each; what they say is signed beforehand. Senders are threads that
hand envelopes to `Hub.receive`, each with so many lines, and wait for the receipts. With `--postgres` the books lie in
a PostgreSQL of its own on loopback that waits for the disk at each commit, as does SQLite. With `--http` the hub runs
in a process of its own and each sender keeps a connection to it, so that both share this machine. `--load` opens the
hub again and tells how long the figures took to be made of the envelopes. Not measured: TLS, and a network.
"""

from __future__ import annotations

import argparse
import http.client
import multiprocessing
import os
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

import uvicorn
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

sys.path.insert(0, str(Path(__file__).parent.parent))

from bench._machine import machine
from lineside.api import Door
from lineside.api.hub import create_hub_app
from lineside.exchange import (
    ENROLMENT,
    STATEMENT,
    Answer,
    Catalogue,
    Enrolment,
    Envelope,
    Invitation,
    Profile,
    Submission,
    Value,
    catalogue,
    decoded,
    encoded,
    month_name,
)
from lineside.hub import Hub, Standing, agreement_hash, scaffold_hub
from lineside.trust import Key
from tests.postgres import OWNER, Postgres, needed

Receive = Callable[[bytes], list[Answer]]
INDICATORS = 40
FIRST = 2023 * 12 + 6


def forty() -> Catalogue:
    """Return the catalogue with as many indicators as the figure is about."""
    told = catalogue()
    some = list(told.indicators.values())
    named = [replace(some[at % len(some)], id=f"{some[at % len(some)].id}_{at}") for at in range(INDICATORS)]
    return replace(told, indicators={one.id: one for one in named})


def keys(count: int) -> list[Key]:
    """Return as many keys as members."""
    return [Key(Ed25519PrivateKey.generate()) for _ in range(count)]


def enrol(hub: Hub, held: list[Key]) -> list[str]:
    """Make all of them members; give the hashes that their first statements name."""
    heads: list[str] = []
    for start in range(0, len(held), 500):
        some = held[start : start + 500]
        invited = hub.invitations.invite([f"member {start + at}" for at in range(len(some))])
        lines = []
        for key, one in zip(some, invited, strict=True):
            told = decoded(Envelope.parse(one.envelope))
            assert isinstance(told, Invitation)
            asked = Enrolment(
                hub=told.hub,
                code=told.code,
                key=key.public.hex(),
                profile=Profile(name=one.label, industry=str(13 + len(heads) % 31), region="all", employees=50),
                agreement=agreement_hash(told.agreement),
                made_ms=time.time_ns() // 1_000_000,
            )
            envelope = Envelope.sign(ENROLMENT, encoded(asked), key)
            lines.append(envelope.json())
            heads.append(envelope.sha256)
        assert all(answer.reply for answer in hub.receive(b"\n".join(lines)))
    with hub.register.changing() as change:  # at once, as this is not what is measured
        for member in hub.register.everybody():
            change.put(replace(member, state=Standing.MEMBER, admitted_us=change.now_us))
    return heads


def said(hub: Hub, held: list[Key], heads: list[str], count: int) -> list[list[bytes]]:
    """Return statements in rounds, each of every member a month on."""
    names, rounds, last = list(hub.catalogue.indicators), [], list(heads)
    numbers = range(1, len(held) + 1)
    for turn in range(-(-count // len(held))):
        lines = []
        for number in list(numbers)[: count - turn * len(held)]:
            values = tuple(
                Value(
                    indicator=name,
                    value=0.5 + (number * 7 + turn * 13 + at) % 1000 / 9973,
                    coverage=0.97,
                    evidence="e" * 64,
                )
                for at, name in enumerate(names)
            )
            told = Submission(
                hub=hub.id,
                member=number,
                number=turn + 1,
                previous=last[number - 1],
                made_ms=time.time_ns() // 1_000_000,
                month=month_name(FIRST + turn),
                catalogue=hub.catalogue.edition.id,
                values=values,
            )
            envelope = Envelope.sign(STATEMENT, encoded(told), held[number - 1])
            last[number - 1] = envelope.sha256
            lines.append(envelope.json())
        rounds.append(lines)
    return rounds


def sent(
    receive: Callable[[], Receive], lines: list[bytes], senders: int, each: int, seconds: float
) -> tuple[int, float]:
    """Hand lines over from many threads; give how many were receipted and in how long."""
    pieces = iter([b"\n".join(lines[at : at + each]) for at in range(0, len(lines), each)])
    lock, counts, until = threading.Lock(), [0] * senders, time.monotonic() + seconds

    def next_piece() -> bytes | None:
        with lock:
            return next(pieces, None)

    def send(sender: int) -> None:
        take = receive()
        while time.monotonic() < until and (piece := next_piece()) is not None:
            answers = take(piece)
            assert all(answer.reply for answer in answers), answers
            counts[sender] += len(answers)

    began = time.monotonic()
    threads = [threading.Thread(target=send, args=(number,)) for number in range(senders)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts), time.monotonic() - began


def books(stack: ExitStack, folder: Path, *, postgres: bool) -> None:
    """Write the hub's settings, with a database where one is wanted."""
    file = scaffold_hub(folder, name="Bench", time_zone="UTC")
    if not postgres:
        return
    server = stack.enter_context(Postgres(needed()))
    server.run(f"ALTER USER {OWNER} PASSWORD 'bench'")
    server.stop()
    server.start(fsync="on", shared_buffers="128MB")
    os.environ["LINESIDE_BENCH_BOOKS"] = server.url(OWNER).replace("@", ":bench@")
    text = file.read_text("utf-8").replace("[protection]", '[books]\nurl_env = "LINESIDE_BENCH_BOOKS"\n[protection]')
    file.write_text(text, "utf-8")


def rate(where: str, rounds: list[list[bytes]], receive: Callable[[], Receive], options: argparse.Namespace) -> None:
    """Send rounds one after another, as a chain allows no other order, and print how fast each was taken."""
    size = sum(map(len, rounds[0])) / len(rounds[0])
    for lines in rounds:
        spent = time.process_time()
        count, seconds = sent(receive, lines, options.senders, options.lines, options.seconds)
        spent = time.process_time() - spent
        print(
            f"{where}: {count:,} submissions of {INDICATORS} indicators ({size:,.0f} bytes) in {seconds:.1f} s, "
            f"{count / seconds:,.0f}/s, {spent / seconds:.2f} cores of this process"
        )


def over_http(port: int) -> Receive:
    """Return what sends over a connection that is kept."""
    connection = http.client.HTTPConnection("127.0.0.1", port)

    def take(text: bytes) -> list[Answer]:
        connection.request("POST", "/api/exchange", text)
        answer = connection.getresponse()
        told = answer.read()
        assert answer.status == HTTPStatus.OK, told
        return [Answer.parse(line) for line in told.splitlines()]

    return take


@contextmanager
def serving(folder: Path) -> Iterator[int]:
    """Serve the hub from another process while the block runs; give its port."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = int(door.getsockname()[1])
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(folder, port))
    process.start()
    try:
        until = time.monotonic() + 120
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.join()


def serve(folder: Path, port: int) -> None:
    """Serve a hub until this process is ended."""
    with Hub(folder, catalogue=forty()) as hub:
        app: Any = create_hub_app(hub, Door(open=False))
        uvicorn.run(app, host="127.0.0.1", port=port, log_config=None, access_log=False)


def main() -> None:
    """Say what the options ask for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--members", type=int, default=10_000)
    parser.add_argument("--statements", type=int, default=20_000)
    parser.add_argument("--senders", type=int, default=32)
    parser.add_argument("--lines", type=int, default=1)
    parser.add_argument("--postgres", action="store_true")
    parser.add_argument("--http", action="store_true")
    parser.add_argument("--load", action="store_true")
    options = parser.parse_args()
    print(machine("cryptography", "sqlalchemy", "msgspec"))
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="lineside-hub-"))
        stack.callback(shutil.rmtree, folder)
        books(stack, folder / "hub", postgres=options.postgres)
        measure(folder / "hub", options)


def measure(folder: Path, options: argparse.Namespace) -> None:
    """Fill a hub and print the figures."""
    where = "PostgreSQL" if options.postgres else "SQLite"
    with Hub(folder, catalogue=forty()) as hub:
        held = keys(options.members)
        began = time.monotonic()
        heads = enrol(hub, held)
        print(f"{len(held):,} members enrolled and admitted in {time.monotonic() - began:.1f} s")
        rounds = said(hub, held, heads, options.statements)
        if not options.http:
            rate(where, rounds, lambda: hub.receive, options)
    if options.http:
        with serving(folder) as port:
            rate(f"{where}, HTTP", rounds, lambda: over_http(port), options)
    if options.load:
        began = time.monotonic()
        with Hub(folder, catalogue=forty()) as hub:
            seconds = time.monotonic() - began
            print(f"{hub.loaded:,} envelopes loaded in {seconds:.1f} s, {seconds / hub.loaded * 1e6:.0f} us each")


if __name__ == "__main__":
    main()
