"""Backups made, verified and restored, in words."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import click

from lineside.cli.folders import is_hub, require_house
from lineside.cli.following import follow_remote
from lineside.cli.remote import RemoteNode, opened_or_running
from lineside.cli.terminal import words
from lineside.errors import ConfigurationError
from lineside.node import (
    BOOKS,
    HISTORY,
    BackupDamaged,
    Manifest,
    back_up,
    back_up_hub,
    restore,
    unseal,
    unsealed,
    verify,
)
from lineside.plant import PLANT_FILE
from lineside.trust import OwnerKey

_MIB = 2**20


def make_backup(folder: Path, target: Path, key_file: Path | None, *, as_json: bool) -> int:
    """Backs up the plant or hub of a folder, sealed to a key where one is given; one that runs does so itself.

    1 when a person stopped it.
    """
    require_house(folder)
    hub, target = is_hub(folder), target.absolute()
    key = None if key_file is None else read_key(key_file)
    made: Mapping[str, Any] | RemoteNode | None = opened_or_running(
        folder, lambda owned: (back_up_hub if hub else back_up)(owned, target, key=key)
    )
    if isinstance(made, RemoteNode):
        to = {} if key is None else {"to": key.recipient}
        made = follow_remote(made, "backup", {"target": str(target), **to})
    if made is None:
        click.echo(words("backup.cancelled"), err=True)
        return 1
    if as_json:
        click.echo(json.dumps(made, ensure_ascii=False))
    else:
        size = f"{made['bytes'] / _MIB:,.1f}"
        click.echo(
            words(
                "backup.sealed" if key is not None else "hub.backed_up" if hub else "backup.made",
                target=target,
                files=made["files"],
                size=size,
                values=f"{made['values']:,}",
            )
        )
    return 0


def read_key(file: Path) -> OwnerKey:
    """The key in a file. Raises ConfigurationError for none."""
    try:
        return OwnerKey.parse(file.read_text("utf-8"), str(file))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise ConfigurationError("trust.seal.key_file", file=str(file), reason=reason) from error


def _secret_key(backup: Path, file: Path | None) -> OwnerKey:
    """The key that opens a sealed backup. Raises ConfigurationError without one, or for a public one."""
    if file is None:
        raise ConfigurationError("trust.seal.sealed", file=str(backup))
    key = read_key(file)
    if key.secret is None:
        raise ConfigurationError("trust.seal.public", file=str(file))
    return key


def make_key(file: Path) -> None:
    """Writes a new key into a new file, for its owner to keep elsewhere, and says what that means."""
    key = OwnerKey.new()
    text = f"# public key: {key.recipient}\n{key.identity}\n"
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as into:
            into.write(text)
    except OSError as error:
        raise ConfigurationError("trust.seal.key_new", file=str(file), reason=error.strerror) from error
    click.echo(words("key.made", file=file))
    click.secho(key.recipient, bold=True)
    click.echo(words("key.keep", file=file))


def verify_backup(backup: Path, key_file: Path | None, *, as_json: bool) -> int:
    """Reads all of a backup and says whether it is as it was written; 1 when it is not."""
    try:
        manifest = unseal(backup, _secret_key(backup, key_file)) if backup.is_file() else verify(backup)
    except BackupDamaged as error:
        if not as_json:
            _tell_damages(error)
            raise
        click.echo(json.dumps({"whole": error.whole, "damaged": error.damages}, ensure_ascii=False))
        return 1
    if as_json:
        click.echo(json.dumps({"whole": list(manifest.files), "damaged": {}}, ensure_ascii=False))
    else:
        click.echo(words("backup.verified", backup=backup, **_shown(manifest)))
    return 0


def restore_backup(backup: Path, folder: Path, key_file: Path | None, *, partly: bool) -> None:
    """Makes a plant folder of a backup and says how to go on. Raises what is damaged, each file named first."""
    if backup.is_file():
        with unsealed(backup, folder, _secret_key(backup, key_file), partly=partly) as plain:
            restore_backup(plain, folder, None, partly=partly)
        return
    try:
        restored = restore(backup, folder, partly=partly)
    except BackupDamaged as error:
        _tell_damages(error)
        raise
    click.echo(words("restore.done", folder=folder, **_shown(restored.manifest, restored.left_out)))
    for name in restored.left_out:
        click.secho(words("restore.left_out", file=name, lost=_lost(name)), fg="yellow")
    click.echo(words("restore.next_hub" if is_hub(folder) else "restore.next", folder=folder))


def _shown(manifest: Manifest, without: Collection[str] = ()) -> dict[str, object]:
    values = 0 if HISTORY in without else manifest.values
    files = len(manifest.files) - len(without)
    return {"made": manifest.made, "origin": manifest.folder, "files": files, "values": f"{values:,}"}


def _tell_damages(error: BackupDamaged) -> None:
    for name, damage in error.damages.items():
        told = words("backup.damaged", file=name, what=words(f"backup.damage.{damage}"), lost=_lost(name))
        click.secho(told, err=True, fg="red")


def _lost(name: str) -> str:
    """What a plant lacks without this file."""
    known = {HISTORY: "history", BOOKS: "books", PLANT_FILE: "plant"}
    return words(f"backup.lost.{known.get(name, 'other')}")
