"""A running demo plant and a real browser: for browser tests, benchmarks of screens and the manual's pictures."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from fcntl import LOCK_EX, LOCK_SH, flock
from pathlib import Path
from tempfile import mkdtemp

from playwright.sync_api import Browser, sync_playwright

from tests import warm
from tests.shared import turn

CHROMIUMS = (
    "/usr/lib/chromium/chromium",
    "/usr/lib/chromium-browser/chromium-browser",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
"""The real program before Debian's wrapper, which leaves processes behind when it is killed."""

SHELLS = ("/usr/lib/chromium/chromium-headless-shell", "chromium-headless-shell", "chrome-headless-shell")
"""The same engine without windows: a new tab costs two fifths, as no frame of a window is drawn around it."""

QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
START_S = 300
ADDRESS = r"http://127\.0\.0\.1:\d+"
FIRST_CODE = rf"({ADDRESS})/login .*\b(\w{{4}}(?:-\w{{4}}){{3}})\b"
"""Where somebody is let in for the first time, and by which code."""
LOOKS = "looks"
"""Whose turn it is in the plant that files share: to look around, which every tab shows, or to measure a tab."""


def chromium(*, bare: bool = False) -> str:
    """The path of this system's Chromium, `bare` rather of the one without windows; raises when there is none."""
    known = (*SHELLS, *CHROMIUMS) if bare else CHROMIUMS
    wanted = [os.environ["LINESIDE_CHROMIUM"]] if "LINESIDE_CHROMIUM" in os.environ else known
    found = next((path for name in wanted if (path := shutil.which(name))), None)
    if found is None:
        message = "no Chromium found: run `make setup-test`, or set LINESIDE_CHROMIUM to its path"
        raise FileNotFoundError(message)
    return found


@contextmanager
def browser(*, bare: bool = False) -> Iterator[Browser]:
    """A headless Chromium of the system, as people have it or `bare` of windows."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    arguments = [*QUIET, *(["--no-sandbox"] if is_root else [])]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium(bare=bare), args=arguments)
        try:
            yield running
        finally:
            running.close()


@contextmanager
def node(*arguments: str | Path, opened: bool = True) -> Iterator[str]:
    """The address of `lineside ARGUMENTS` while it runs; `opened`, it asks nobody who they are. Ctrl-C stops it."""
    more = ["--open"] if opened and arguments[0] == "run" else []
    with told("lineside", *arguments, "--no-browser", "--port", "0", *more) as address:
        yield address[0]


@contextmanager
def program(module: str, *arguments: str | Path) -> Iterator[str]:
    """The address of a program of the tests while it runs: `tests.web.MODULE`. Ctrl-C stops it."""
    with told(f"tests.web.{module}", *arguments) as address:
        yield address[0]


@contextmanager
def told(module: str, *arguments: str | Path, pattern: str = ADDRESS) -> Iterator[re.Match[str]]:
    """What `python -m MODULE ARGUMENTS` says first that fits the pattern, while it runs. Ctrl-C stops it."""
    with warm.program(module, *map(str, arguments), env={**os.environ, "LC_ALL": "C.UTF-8"}) as process:
        try:
            yield _said(process, pattern)
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=START_S)


@contextmanager
def shared_demo(folder: Path) -> Iterator[str]:
    """The address of one demo plant for all processes that name this folder: the first starts it, for all of them.

    It ends when the last of them has left, whether in order or not; who comes later than that starts it anew.
    """
    with (folder / "demo.held").open("a") as held, ExitStack() as started:
        with turn(folder, "demo.address") as told:
            flock(held, LOCK_SH)  # before the look: while it ends, nobody may take its address for a living one
            if not told.exists():
                told.write_text(started.enter_context(node("demo", mkdtemp(prefix="demo.", dir=folder))), "ascii")
                started.callback(told.unlink)
                started.callback(flock, held, LOCK_EX)
        yield told.read_text("ascii")


def _said(process: subprocess.Popen[str] | warm.Program, pattern: str) -> re.Match[str]:
    for line in process.stdout or ():
        if match := re.search(pattern, line):
            return match
    message = f"{process.args!r} ended with {process.wait()} before it said {pattern}"
    raise RuntimeError(message)
