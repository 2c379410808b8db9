"""Sets the demo plant up, imports its history and runs it."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import click

from lineside.cli.importing import wait_for
from lineside.cli.process import keep_log, run_on
from lineside.cli.running import run_plant, serve
from lineside.cli.serving import Served, listener
from lineside.cli.terminal import words
from lineside.demo import DEMO_FILE, DemoPlan, Works, catch_up, fill_in, prepare
from lineside.errors import ConfigurationError
from lineside.jobs import Job
from lineside.node import DATA, Node, now_us, submit_import

_SEED = 22400
"""Every demo has the same weeks behind it, so that people can talk about what they see."""


def run_demo(folder: Path, port: int | None, *, browser: bool, works: Works | None = None, seed: int = _SEED) -> None:
    """Runs the demo plant of a folder, which is made when it is not there.

    Raises ConfigurationError when the folder holds something else.
    """
    if (folder / DEMO_FILE).is_file():
        click.echo(words("demo.continued", folder=folder))
        run_plant(folder, port, Served(open=False), browser=browser)
        return
    if folder.is_dir() and any(folder.iterdir()):
        raise ConfigurationError("cli.not_a_demo", folder=folder)
    run_on()
    with listener(port) as door:
        click.echo(_making(folder, works))
        plan = _make(folder, works, seed)
        keep_log(folder / DATA / "node.log")
        with Node.open(folder) as node:
            with suppress(KeyboardInterrupt):
                _import(node, [file.path for file in plan.files])
                _import(node, catch_up(plan, now_us()))
                after = lambda: _submit(node, fill_in(plan, now_us()))  # noqa: E731
                serve(node, door, plan, served=Served(open=True), browser=browser, when_heard=after)
                return
            click.echo(words("run.stopped", folder=node.folder))


def _making(folder: Path, works: Works | None) -> str:
    if works is None:
        return words("demo.making", folder=folder)
    return words("cluster.plant", name=works.name, days=works.days, folder=folder)


def _make(folder: Path, works: Works | None, seed: int) -> DemoPlan:
    """The demo made in a folder that was empty; who interrupts it finds nothing half made."""
    try:
        return prepare(folder, now_us=now_us(), seed=seed, works=works)
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError):
            raise ConfigurationError(
                "plant.unwritable", file=str(folder), reason=error.strerror or str(error)
            ) from error
        raise


def _import(node: Node, files: Sequence[Path]) -> None:
    """Imports; what is interrupted is finished when the node starts again."""
    wait_for(node, _submit(node, files))


def _submit(node: Node, files: Sequence[Path]) -> Job:
    return submit_import(node.jobs, {"files": [str(file.resolve()) for file in files]})
