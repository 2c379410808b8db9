"""What the commands about backups take; what they do is imported when it is asked for."""

from __future__ import annotations

import sys
from pathlib import Path

import click

_EXISTING = click.Path(exists=True, file_okay=False, path_type=Path)
_BACKUP = click.Path(exists=True, path_type=Path)
_NEW = click.Path(file_okay=False, path_type=Path)
_FILE = click.Path(path_type=Path)


@click.command()
@click.argument("folder", type=_EXISTING, required=False, metavar="DIR")
@click.argument("target", type=_NEW, required=False, metavar="TARGET")
@click.option("--encrypt-to", "sealed", type=_FILE, metavar="KEYFILE", help="Make TARGET one file for this key alone.")
@click.option(
    "--verify", type=_BACKUP, metavar="BACKUP", help="Instead read all of this backup and say if it is whole."
)
@click.option("--key", type=_FILE, metavar="KEYFILE", help="Opens the encrypted backup that is verified.")
@click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
def backup(
    folder: Path | None, target: Path | None, sealed: Path | None, verify: Path | None, key: Path | None, as_json: bool
) -> None:
    """Back up the plant in DIR to TARGET, a new folder elsewhere; a node that runs on DIR goes on.

    TARGET appears when it is whole, with the sum of every file. Everything stored before is in it.
    """
    from lineside.cli.keeping import make_backup, verify_backup
    from lineside.cli.terminal import words

    if verify is not None:
        if folder is not None:
            raise click.UsageError(words("usage.verify_alone"))
        sys.exit(verify_backup(verify, key, as_json=as_json))
    if folder is None or target is None:
        raise click.UsageError(f"Missing argument '{'DIR' if folder is None else 'TARGET'}'.")
    sys.exit(make_backup(folder, target, sealed, as_json=as_json))


@click.command()
@click.argument("backup", type=_BACKUP, metavar="BACKUP")
@click.argument("folder", type=_NEW, metavar="NEWDIR")
@click.option("--key", type=_FILE, metavar="KEYFILE", help="Opens an encrypted backup.")
@click.option("--partly", is_flag=True, help="Leave damaged files out instead of refusing.")
def restore(backup: Path, folder: Path, key: Path | None, partly: bool) -> None:
    """Make a plant folder NEWDIR of BACKUP, every file checked; nothing is overwritten."""
    from lineside.cli.keeping import restore_backup

    restore_backup(backup, folder, key, partly=partly)


@click.group()
def key() -> None:
    """The key of the plant's owner, which alone opens encrypted backups."""


@key.command("new")
@click.argument("file", type=_FILE, metavar="FILE")
def key_new(file: Path) -> None:
    """Write a new secret key to FILE, and print the public key to which backups are encrypted."""
    from lineside.cli.keeping import make_key

    make_key(file)
