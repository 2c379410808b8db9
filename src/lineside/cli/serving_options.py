"""What every command takes that serves a node or a hub."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])
_FILE = click.Path(path_type=Path)
_OPTIONS = (
    click.option(
        "--port", type=click.IntRange(0, 65535), help="Serve here; when left out, 8000 or the next free port."
    ),
    click.option("--no-browser", is_flag=True, help="Only print the address."),
    click.option(
        "--open", "opened", is_flag=True, help="Ask nobody at this computer who they are, while there is no account."
    ),
    click.option(
        "--host", default="127.0.0.1", metavar="ADDRESS", help="Serve at this address of the computer, to others."
    ),
    click.option("--name", "names", multiple=True, metavar="NAME", help="Others know this computer by this name."),
    click.option(
        "--behind-proxy", "behind", metavar="URL", help="A proxy on this computer serves the node at this https URL."
    ),
    click.option("--unencrypted", is_flag=True, help="Serve others though passwords can be read on the way."),
    click.option(
        "--certificate", type=_FILE, metavar="FILE", help="Speak TLS by this certificate (PEM, chain after it)."
    ),
    click.option("--key", type=_FILE, metavar="FILE", help="Its key, where that is not in the same file."),
)


def serving_options(command: _Command) -> _Command:
    """The command with these options."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
