"""What is wrong with how a command was typed, in the reader's language: click itself speaks English."""

from __future__ import annotations

import re
from typing import IO, Any

import click

from lineside.cli.terminal import words

_SAID = tuple(
    (re.compile(pattern, re.DOTALL), f"usage.{key}")
    for pattern, key in (
        (r"No such option '(?P<name>.*?)'\.", "no_option"),
        (r"No such command '(?P<name>.*?)'\.", "no_command"),
        (r"(?P<first>No such .*?\.) \(?Did you mean (?:one of: )?(?P<near>.*)\?\)?", "near"),
        (r"Missing (?:argument|option) '(?P<name>.*?)'\.", "missing"),
        (r"Option '(?P<name>.*?)' requires an argument\.", "no_value"),
        (r"Option '(?P<name>.*?)' does not take a value\.", "takes_none"),
        (r"Got unexpected extra arguments? \((?P<names>.*)\)", "extra"),
        (r"Invalid value for (?P<name>.*?): (?P<why>.*)", "invalid"),
        (r"\w+ (?P<path>'.*') does not exist\.", "no_path"),
        (r"\w+ (?P<path>'.*') is a file\.", "is_file"),
        (r"(?P<value>'.*') is not a valid integer(?: range)?\.", "not_whole"),
        (r"(?P<value>'.*') is not a valid float(?: range)?\.", "not_number"),
        (r"(?P<value>\S+) is not in the range (?P<range>.*)\.", "out_of_range"),
        (r"(?P<value>'.*') is not one of (?P<known>.*)\.", "not_one_of"),
    )
)
"""What click says, and the text that says it; the rest stays as it is."""

_WITHIN = ("first", "why")
"""Parts of them that are such sentences, too."""


class Mistyped(click.UsageError):
    """The same error, shown in the reader's language."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Shows how the command is used, where to read on, and what was wrong."""
        if self.ctx is not None:
            usage = self.ctx.get_usage().removeprefix("Usage: ")
            click.echo(words("usage.usage", usage=usage), file=file, err=file is None)
            click.echo(words("usage.help", command=self.ctx.command_path) + "\n", file=file, err=file is None)
        click.echo(words("usage.error", message=in_words(self.message)), file=file, err=file is None)


def in_words(message: str) -> str:
    """What click says of a mistake, in the reader's language where it is a common one."""
    for pattern, key in _SAID:
        if found := pattern.fullmatch(message):
            parts = found.groupdict()
            return words(key, **{name: in_words(said) if name in _WITHIN else said for name, said in parts.items()})
    return message
