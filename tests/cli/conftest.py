"""The commands as a person meets them: run as programs, and quickly in this process where that is the same."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from click.testing import CliRunner, Result

from lineside.cli import main
from lineside.cli.terminal import language
from tests.shared import free_port, turn
from tests.warm import Program, program

WITHIN_S = 300
ENGLISH = {"LC_ALL": "en_US.UTF-8", "PYTHONUNBUFFERED": "1", "PYTHONWARNINGS": "error::ResourceWarning"}
_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
_OPENER = build_opener(ProxyHandler({}))


@dataclass
class Running:
    """A command that runs until it is told to end."""

    process: subprocess.Popen[str] | Program
    said: list[str] = field(default_factory=list)
    url: str = ""

    def __post_init__(self) -> None:
        self._ready = threading.Event()
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line)
            if not self.url and (found := _ADDRESS.search(line)):
                self.url = found[0]
                self._ready.set()
        self._ready.set()

    def wait_until_ready(self) -> None:
        """Returns when the address was printed; ends the command and fails with what was said when it never is."""
        self._ready.wait(WITHIN_S)
        if not self.url:
            self.end(signal.SIGKILL)
        assert self.url, self.said

    def wait_for(self, words: str) -> str:
        """The output as soon as these words are in it: a thread of its own takes them in."""
        until = time.monotonic() + WITHIN_S
        while words not in self.output:
            assert time.monotonic() < until, self.said
            time.sleep(0.05)
        return self.output

    def ask(self, path: str, content: object = None) -> Any:
        """The node's JSON answer."""
        return json.loads(self.page(path, content))

    def page(self, path: str, content: object = None) -> str:
        """The node's answer as text."""
        data = None if content is None else json.dumps(content).encode()
        request = Request(self.url + path, data, {"Content-Type": "application/json"})  # noqa: S310 - loopback
        with _OPENER.open(request, timeout=WITHIN_S) as answer:
            return str(answer.read().decode())

    def end(self, how: signal.Signals) -> int:
        """Sends a signal and gives back the exit code."""
        self.process.send_signal(how)
        code = self.process.wait(WITHIN_S)
        self._listener.join()
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code

    @property
    def output(self) -> str:
        """Everything printed so far, errors too."""
        return "".join(self.said)


def start(*arguments: str | Path, closed: bool = False, cold: bool = False) -> Running:
    """Starts a command as a program of its own, `cold` by an interpreter that has imported nothing.

    A node asks nobody who they are, unless it is `closed`.
    """
    opened = ["--open"] if arguments[0] == "run" and not closed else []
    given, environment = [*map(str, arguments), *opened], os.environ | ENGLISH
    if not cold:
        return Running(program("lineside", *given, env=environment, errors=True))
    command = [sys.executable, "-m", "lineside", *given]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "encoding": "utf-8"}
    return Running(subprocess.Popen(command, env=environment, **pipes))  # type: ignore[call-overload]


@pytest.fixture
def launch() -> Iterator[Callable[..., Running]]:
    """Starts nodes that are ended after the test."""
    started: list[Running] = []

    def launched(*arguments: str | Path, ready: bool = True, **how: bool) -> Running:
        started.append(start(*arguments, **how))
        if ready:
            started[-1].wait_until_ready()
        return started[-1]

    yield launched
    for one in started:
        one.end(signal.SIGKILL)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Result]]:
    """Runs a command in this process, in English or the language given; fails when anything is raised."""

    def ran(*arguments: str | Path, lang: str = "en_US.UTF-8") -> Result:
        monkeypatch.setenv("LC_ALL", lang)
        language.cache_clear()
        result = CliRunner().invoke(main, [str(argument) for argument in arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    yield ran
    language.cache_clear()


@dataclass(frozen=True)
class FirstRun:
    """What the first `lineside demo` of an empty folder did."""

    folder: Path
    output: str
    code: int
    rows: list[dict[str, Any]]
    page: str


@pytest.fixture(scope="session")
def first_run(common: Path) -> FirstRun:
    """A demo made, asked for the OEE of its pump line, and ended with ctrl-C; the first process does it for all."""
    with turn(common, "first-run.json") as told:
        if not told.exists():
            told.write_text(json.dumps(asdict(_first_run(common / "first-demo")), default=str), "utf-8")
        made = FirstRun(**json.loads(told.read_text("utf-8")))
    return replace(made, folder=Path(made.folder))


def _first_run(folder: Path) -> FirstRun:
    demo = start("demo", folder, "--port", "0", "--no-browser", cold=True)
    demo.wait_until_ready()
    rows = demo.ask("/api/kpi?scope=line/pumps&by=shift")["rows"]
    page = demo.page("/")
    code = demo.end(signal.SIGINT)
    return FirstRun(folder, demo.output, code, rows, page)


@pytest.fixture
def demo_folder(first_run: FirstRun, tmp_path: Path) -> Path:
    """A copy of the demo's folder with ports of its own, nothing running on it."""
    return _copied(first_run.folder, tmp_path / "demo")


def _copied(made: Path, to: Path) -> Path:
    """A copy of a demo, with ports of its own: other processes run theirs."""
    folder = Path(shutil.copytree(made, to))
    ports = re.findall(r"^[\w-]+ = (\d{4,5})$", (folder / "demo.toml").read_text("utf-8"), re.MULTILINE)
    free = [free_port() for _ in ports[-5:]]
    for name in ("demo.toml", "plant.toml"):
        text = (folder / name).read_text("utf-8")
        for old, new in zip(ports[-5:], free, strict=True):
            text = re.sub(rf"\b{old}\b", str(new), text)
        (folder / name).write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="module")
def running(first_run: FirstRun, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Running]]:
    """A node that runs on another copy, and its folder."""
    folder = _copied(first_run.folder, tmp_path_factory.mktemp("running") / "demo")
    node = start("run", folder, "--port", "0", "--no-browser")
    node.wait_until_ready()
    yield folder, node
    node.end(signal.SIGKILL)
