"""Sets the demo plant up, imports its history and runs it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from lineside.cli.importing import import_locally
from lineside.cli.serving import keep_log, listener, run_plant, serve
from lineside.cli.terminal import words
from lineside.demo import DEMO_FILE, catch_up, prepare
from lineside.errors import ConfigurationError
from lineside.node import Node, now_us

_SEED = 22400
"""Every demo has the same weeks behind it, so that people can talk about what they see."""


def run_demo(folder: Path, port: int | None, *, browser: bool) -> None:
    """Runs the demo plant of a folder, which is made when it is not there.

    Raises ConfigurationError when the folder holds something else.
    """
    if (folder / DEMO_FILE).is_file():
        click.echo(words("demo.continued", folder=folder))
        run_plant(folder, port, browser=browser)
        return
    if folder.is_dir() and any(folder.iterdir()):
        raise ConfigurationError("cli.not_a_demo", folder=folder)
    with listener(port) as door:
        click.echo(words("demo.making", folder=folder))
        plan = prepare(folder, now_us=now_us(), seed=_SEED)
        keep_log(folder)
        with Node.open(folder) as node:
            _import(node, [file.path for file in plan.files])
            _import(node, catch_up(plan, now_us()))
            serve(node, door, plan, browser=browser)


def _import(node: Node, files: Sequence[Path]) -> None:
    import_locally(node, {"files": [str(file.resolve()) for file in files]})
