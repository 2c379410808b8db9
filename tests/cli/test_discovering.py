from __future__ import annotations

import asyncio
import csv
import io
import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result

from lineside.connect import packs
from lineside.node import Node

Run = Callable[..., Result]
WATCH_S = "2"
"""As long as a slow machine takes for three values, counted from the connection."""
LINES = b"2026-01-01T00:00:00Z|execution|ACTIVE|Sload|2.5|PartCountAct|6\n"


class _Adapter(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request.sendall(LINES)
        while self.request.recv(1024):
            pass


@pytest.fixture
def url() -> Iterator[str]:
    """The address of an adapter that says three values to whoever connects."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Adapter) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"shdr://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def test_what_is_printed_is_a_plant_that_runs(run: Run, url: str, tmp_path: Path) -> None:
    """Straight into plant.toml: the check finds nothing wrong, and the node knows the machine's state."""
    found = run("discover", url, "--watch", WATCH_S)
    (tmp_path / "plant.toml").write_text(found.stdout, "utf-8")

    checked = run("check", tmp_path)

    assert (found.exit_code, checked.exit_code) == (0, 0)
    assert "1 machine(s), 3 of 3" in found.stderr
    assert asyncio.run(_states(tmp_path)) == "running"


async def _states(folder: Path) -> str:
    """The state of the only machine, as soon as the node that runs on the folder has one."""
    with Node.open(folder) as node:
        async with node.live(), asyncio.timeout(60):
            while True:
                machine = node.now["machines"]["shdr"]
                if machine["state"] not in ("no_data", "unmapped"):
                    return str(machine["state"])
                await asyncio.sleep(0.1)


def test_a_table_is_edited_and_taken_back(run: Run, url: str, tmp_path: Path) -> None:
    """Another id, a kind, a row left out; then only the text is printed."""
    table = tmp_path / "found.csv"
    told = run("discover", url, "--watch", WATCH_S, "--csv", table)
    rows = list(csv.DictReader(io.StringIO(table.read_text("utf-8-sig"))))
    for row in rows:
        row["machine"] = "mill"
        row["keep"] = "no" if row["signal"] == "Sload" else "yes"
    with table.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)

    text = run("discover", "--from-csv", table).stdout

    assert (told.stdout, str(table) in told.stderr) == ("", True)
    assert "[machine.mill]" in text
    assert "Sload" not in text


def test_a_plant_that_is_there_gets_only_what_is_new(run: Run, url: str, tmp_path: Path) -> None:
    """Under ids that are free, for the line named; appended, it is checked without a finding."""
    first = run("discover", url, "--watch", WATCH_S).stdout
    file = tmp_path / "plant.toml"
    file.write_text(first, "utf-8")

    more = run("discover", url, "--watch", WATCH_S, "--plant", tmp_path).stdout
    file.write_text(first + more, "utf-8")

    assert "[site]" not in more
    assert "[machine.shdr-2]" in more
    assert run("check", tmp_path).exit_code == 0


def test_a_line_that_is_not_there_is_told_before_the_watching(run: Run, url: str, tmp_path: Path) -> None:
    """Nobody waits an hour for that."""
    text = run("discover", url, "--watch", WATCH_S).stdout
    (tmp_path / "plant.toml").write_text(text, "utf-8")

    told = run("discover", url, "--watch", "3600", "--plant", tmp_path, "--line", "nine")

    assert told.exit_code == 1
    assert "line-1" in told.stderr


def test_a_proposal_is_json_for_programs(run: Run, url: str) -> None:
    """With kinds, reasons and confidences, and the text too."""
    told = json.loads(run("discover", url, "--watch", WATCH_S, "--json", lang="zh_CN.UTF-8").stdout)

    (machine,) = told["machines"]
    signals = {signal["id"]: signal for signal in machine["signals"]}
    assert (machine["pack"], signals["parts"]["kind"], signals["parts"]["confidence"]) == ("cnc", "counter", "likely")
    assert "模板" in signals["parts"]["reason"]
    assert told["fragment"].startswith("# 由")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "Give either a URL"),
        (("shdr://127.0.0.1:1", "--option", "user"), "NAME=VALUE"),
        (("shdr://127.0.0.1:1", "--option", "relative_time=7"), "relative_time"),
        (("--from-csv", "nowhere.csv"), "nowhere.csv"),
        (("gopher://127.0.0.1:1",), "opc.tcp"),
    ],
)
def test_what_cannot_be_is_told(run: Run, arguments: tuple[str, ...], words: str) -> None:
    """With what to do."""
    told = run("discover", *arguments)

    assert told.exit_code != 0
    assert words in told.stderr


def test_nothing_to_find_is_told(run: Run) -> None:
    """An adapter that only listens."""

    class Mute(_Adapter):
        def handle(self) -> None:
            self.request.recv(1)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mute) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        told = run("discover", f"shdr://127.0.0.1:{server.server_address[1]}", "--watch", "0.2")
        server.shutdown()
        thread.join()

    assert (told.exit_code, "--watch" in told.stderr) == (1, True)


def test_packs_are_listed_with_the_sources_of_their_facts(run: Run) -> None:
    """As a table and as JSON."""
    rows = json.loads(run("packs", "--json").stdout)

    assert [row["id"] for row in rows] == list(packs())
    assert all(row["sources"] for row in rows)
    assert "ISA-TR88" in run("packs").stdout
