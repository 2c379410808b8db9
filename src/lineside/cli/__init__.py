"""The commands: what they take is declared in `commands`, what they do has a module each."""

from lineside.cli.commands import main

__all__ = ["main"]
