from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from tests.shared import turn

Run = Callable[..., Result]
Launch = Callable[..., Any]

SOON_S = 12
PATIENCE_S = 120
TALLY = """\
[site]
id = "shop"
name = "Shop"
timezone = "UTC"
[area.a]
name = "A"
[line.l]
area = "a"
name = "L"
[source.bench]
type = "tally"
[machine.bench]
line = "l"
name = "Bench"
source = "bench"
[machine.bench.signals]
good = { kind = "count" }
rejected = { kind = "count" }
[machine.bench.units]
good = "good"
rejected = "rejected"
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A small plant in which people count by hand."""
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "plant.toml").write_text(TALLY, "utf-8")
    return folder


def test_one_command_makes_a_demo_that_tells_its_oee(first_run: Any) -> None:
    """From an empty folder `demo` makes a plant, names its address, serves its pages and the OEE of its pump line."""
    finished = [row for row in first_run.rows if row["planned_busy_s"]][:-1]

    assert "Making a demo plant" in first_run.output
    assert re.search(r"Lineside is at http://127\.0\.0\.1:\d+", first_run.output)
    assert "<html" in first_run.page.lower()
    assert len(finished) > 35
    assert all(0 < row["oee"] < 1 for row in finished)


def test_ctrl_c_ends_a_demo_with_a_farewell(first_run: Any) -> None:
    """Ctrl-C ends it with success, says how to go on, and shows nothing of its inside."""
    assert first_run.code == 0
    assert f"Go on with: lineside run {first_run.folder}" in first_run.output
    assert "Traceback" not in first_run.output
    assert not (first_run.folder / "data" / "node.json").exists()


def test_a_demo_goes_on_with_run(running: tuple[Path, Any]) -> None:
    """`run` on a demo's folder starts its machines again: every source delivers."""
    _, node = running
    until = time.monotonic() + PATIENCE_S
    states: dict[str, str] = {}

    while set(states.values()) != {"active"} and time.monotonic() < until:
        time.sleep(0.1)
        states = {source["id"]: source["state"] for source in node.ask("/api/sources")}

    assert states == dict.fromkeys(["mazak-1", "mazak-3", "agie", "hurco", "assembly", "bench"], "active")


def test_a_demo_goes_on_with_demo(demo_folder: Path, launch: Launch) -> None:
    """`demo` on its own folder goes on instead of beginning anew."""
    told = (demo_folder / "demo.toml").read_text("utf-8")

    node = launch("demo", demo_folder, "--port", "0", "--no-browser")

    assert "Going on with the demo plant" in node.output
    assert (demo_folder / "demo.toml").read_text("utf-8") == told


def test_a_folder_that_holds_something_else_is_left_alone(run: Run, tmp_path: Path) -> None:
    """`demo` makes nothing in a folder that is neither empty nor a demo."""
    (tmp_path / "thesis.tex").write_text("important", "utf-8")

    refused = run("demo", tmp_path, "--no-browser")

    assert refused.exit_code == 1
    assert "holds something else than a demo plant" in refused.stderr
    assert [file.name for file in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_demo_interrupted_while_it_is_made_can_be_made_again(tmp_path: Path, launch: Launch) -> None:
    """Ctrl-C in the middle of the making leaves a folder with which `demo` can begin or go on."""
    folder = tmp_path / "demo"
    first = launch("demo", folder, "--port", "0", "--no-browser", ready=False)
    until = time.monotonic() + PATIENCE_S
    while not (folder / "import").exists() and time.monotonic() < until:
        time.sleep(0.01)
    first.end(signal.SIGINT)

    again = launch("demo", folder, "--port", "0", "--no-browser")

    assert again.ask("/api/plant")["folder"] == str(folder)
    assert "Traceback" not in first.output


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-C", "SIGTERM"])
def test_a_node_ends_when_it_is_asked_to(shop: Path, launch: Launch, run: Run, how: signal.Signals) -> None:
    """Ctrl-C and a request to end stop it soon, with success, and the folder can be used at once."""
    node = launch("run", shop, "--port", "0", "--no-browser", cold=True)
    node.ask("/api/tally", {"machine": "bench", "good": 5})
    began = time.monotonic()

    code = node.end(how)

    assert (code, time.monotonic() - began < SOON_S) == (0, True)
    assert f"Stopped. Go on with: lineside run {shop}" in node.output
    assert "Traceback" not in node.output
    assert not (shop / "data" / "node.json").exists()
    assert json.loads(
        run("oee", shop, "--machine", "bench", "--from", "2025-01-01", "--to", "2030-01-01", "--json").stdout
    )


def test_a_node_ends_when_it_is_asked_to_while_it_starts(shop: Path) -> None:
    """A system that goes down again at once finds no traceback in its log."""
    command = [sys.executable, "-m", "lineside", "run", str(shop), "--port", "0", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as node:
        until = time.monotonic() + PATIENCE_S
        while not (shop / "data" / "node.log").exists() and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(0.2)
        node.terminate()
        try:
            output = node.communicate(timeout=PATIENCE_S)[0]
        finally:
            node.kill()

    assert b"Traceback" not in output


def test_a_node_serves_its_pages_and_its_api(running: tuple[Path, Any]) -> None:
    """At the address printed are the pages and the API of that very folder."""
    folder, node = running

    assert "<html" in node.page("/").lower()
    assert node.ask("/api/plant")["folder"] == str(folder)
    assert "Ctrl-C stops it." in node.wait_for("Ctrl-C")


def test_a_port_that_is_taken_is_said_in_one_sentence(shop: Path, run: Run) -> None:
    """A port asked for and not free is named, with what to do."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        refused = run("run", shop, "--port", str(port), "--no-browser")

    assert refused.exit_code == 1
    assert refused.stderr.splitlines() == [
        f"Port {port} on 127.0.0.1 is taken by another program.",
        "Leave --port out to get a free one, or give another.",
    ]


def test_without_a_port_a_free_one_is_found(shop: Path, launch: Launch, common: Path) -> None:
    """When the usual port is taken the next free one is, and the address says which."""
    with turn(common, "usual-port"), socket.socket() as other:  # else another test could have it, and give it up
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            other.bind(("127.0.0.1", 8000))
            other.listen()
        except OSError:
            pass  # somebody else has it, which serves as well

        node = launch("run", shop, "--no-browser")

    assert 8000 < int(node.url.rpartition(":")[2]) < 8100
    assert node.ask("/api/plant")["folder"] == str(shop)


def test_two_nodes_never_share_a_folder(run: Run, running: tuple[Path, Any]) -> None:
    """The second one says who has the folder, and leaves."""
    folder, node = running

    refused = run("run", folder, "--port", "0", "--no-browser")

    assert refused.exit_code == 1
    assert f"The plant folder {folder} is in use by another process ({node.process.pid})." in refused.stderr
    assert "Traceback" not in refused.output


FULL_DISK = """
import resource, sys
from lineside.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), int(sys.argv[1])))
main(["run", sys.argv[2], "--port", "0", "--no-browser"])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no limit on the size of files")
@pytest.mark.parametrize("room", [0, 20_000])
def test_a_start_on_a_full_disk_ends_with_a_sentence(shop: Path, launch: Launch, room: int) -> None:
    """Whatever cannot be written first, the command says what is wrong and what to do; with room it runs."""
    command = [sys.executable, "-c", FULL_DISK, str(room), str(shop)]
    refused = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"})

    assert refused.returncode == 1
    assert "disk" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert len(refused.stderr.splitlines()) == 2
    assert launch("run", shop, "--port", "0", "--no-browser").ask("/api/plant")["folder"] == str(shop)


def test_a_folder_that_cannot_be_written_is_named(shop: Path, run: Run) -> None:
    """A node that cannot keep its log does not begin."""
    (shop / "data").write_text("in the way", "utf-8")

    refused = run("run", shop, "--port", "0", "--no-browser")

    assert refused.exit_code == 1
    assert f"The log {shop / 'data' / 'node.log'} cannot be written" in refused.stderr


PORT_80 = """
import os, sys
from lineside.cli import serving
from lineside.errors import LinesideError
if os.geteuid() == 0:
    os.setuid(65534)
try:
    serving.listener(80).close()
except LinesideError as error:
    print(error.key)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there every user may serve at any port")
def test_a_port_that_is_not_for_this_user_is_told_from_a_taken_one() -> None:
    """Ports below 1024 are mostly kept for the administrator: the cure is another one."""
    told = subprocess.run([sys.executable, "-c", PORT_80], capture_output=True, text=True, check=True).stdout.strip()

    assert told in ("cli.port_denied", "")  # some systems let everybody serve there


def test_a_machine_whose_port_is_taken_is_named(demo_folder: Path, launch: Launch) -> None:
    """When another program has the port of a demo machine, `run` says which and where to change it."""
    port = int(re.findall(r"assembly = (\d+)", (demo_folder / "demo.toml").read_text("utf-8"))[0])
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        text = (demo_folder / "demo.toml").read_text("utf-8")
        (demo_folder / "demo.toml").write_text(text.replace(str(port), str(taken)), "utf-8")

        node = launch("run", demo_folder, "--port", "0", "--no-browser", ready=False)
        code = node.process.wait(PATIENCE_S)
        node.end(signal.SIGTERM)

    assert code == 1
    assert f"Port {taken} on 127.0.0.1 is taken, so the demo machine assembly cannot speak there." in node.output
    assert "Traceback" not in node.output


def test_ctrl_c_once_more_breaks_off_nothing(demo_folder: Path, launch: Launch) -> None:
    """What ends in order goes on ending in order, and says nothing of what it has in hand."""
    node = launch("run", demo_folder, "--port", "0", "--no-browser")
    node.process.send_signal(signal.SIGINT)
    time.sleep(0.05)  # two at the same moment are one

    code = node.end(signal.SIGINT)

    assert code == 0
    assert f"Stopped. Go on with: lineside run {demo_folder}" in node.output
    assert [line for line in node.output.splitlines() if "Traceback" in line or "ERROR" in line] == []


INSISTING = """
import os, signal
from lineside.cli.ending import Ending
Ending(lambda: print("ending", flush=True))
for sign in {signals}:
    signal.raise_signal(sign)
print("not yet", flush=True)
"""


@pytest.mark.parametrize(
    ("signals", "code", "said", "told"),
    [
        ("[2]", 0, "ending\nnot yet\n", 0),
        ("[2, 2]", 0, "ending\nnot yet\n", 1),
        ("[15, 15, 15, 15]", 0, "ending\nnot yet\n", 0),
        ("[2, 15, 2, 2]", 130, "ending\n", 1),
    ],
)
def test_who_insists_is_told_and_then_obeyed(signals: str, code: int, said: str, told: int) -> None:
    """The second ctrl-C is answered, the third ends at once; a supervisor's requests to end count once."""
    program = INSISTING.format(signals=signals)

    ended = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "en_US.UTF-8"},
    )

    assert (ended.returncode, ended.stdout, ended.stderr.count("Ctrl-C once more")) == (code, said, told)


IGNORED = """
import signal
from lineside.cli.ending import Ending
from lineside.cli.process import LikeCtrlC

class Finalized:
    def __del__(self):
        signal.raise_signal(signal.SIGTERM)

signal.signal(signal.SIGTERM, LikeCtrlC())
Finalized()
print("goes on", flush=True)
Ending(lambda: print("ending", flush=True))
"""


def test_a_request_to_end_that_python_ignored_is_obeyed() -> None:
    """It came in the midst of a finalizer while the node started; a supervisor asks once and would wait in vain."""
    ended = subprocess.run([sys.executable, "-c", IGNORED], capture_output=True, text=True, check=False)

    assert "ignored" in ended.stderr
    assert (ended.returncode, ended.stdout) == (0, "goes on\nending\n")


def test_a_killed_demo_loses_nothing_acknowledged(demo_folder: Path, launch: Launch) -> None:
    """Whatever was acknowledged before `kill -9` is there when the node runs again."""
    node = launch("run", demo_folder, "--port", "0", "--no-browser")
    for number in range(1, 31):
        node.ask("/api/tally", {"machine": "bench", "good": number, "time": f"2025-06-15T07:00:{number:02}"})
    samples = _texts(node)

    node.end(signal.SIGKILL)
    again = launch("run", demo_folder, "--port", "0", "--no-browser")

    row = again.ask("/api/kpi?scope=machine/bench&from=2025-06-15T06:00&to=2025-06-15T08:00")["rows"][0]
    assert row["good"] == sum(range(1, 31))
    assert len(samples) > 1000
    assert set(samples[-1000:]) <= set(_texts(again))


def _texts(node: Any) -> list[tuple[int, str | None]]:
    """What the state of the weld station was, as far as the node knows it."""
    told = node.ask("/api/texts?series=weld/state&from=2025-01-01&to=2034-01-01&limit=20000")
    return list(zip(told["t"], told["v"], strict=True))
