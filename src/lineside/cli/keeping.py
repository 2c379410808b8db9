"""Backups made, verified and restored, in words."""

from __future__ import annotations

import json
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import click

from lineside.cli.following import follow_remote
from lineside.cli.plants import require_plant
from lineside.cli.remote import running_node
from lineside.cli.terminal import words
from lineside.errors import FolderInUse
from lineside.node import BOOKS, HISTORY, BackupDamaged, Manifest, back_up, restore, verify
from lineside.plant import PLANT_FILE

_MIB = 2**20
_PATIENCE_S = 60


def make_backup(folder: Path, target: Path, *, as_json: bool) -> int:
    """Backs up the plant of a folder; a node that runs on it does so itself. 1 when a person stopped it."""
    require_plant(folder)
    target = target.absolute()
    made = _made(folder, target)
    if made is None:
        click.echo(words("backup.cancelled"), err=True)
        return 1
    if as_json:
        click.echo(json.dumps(made, ensure_ascii=False))
    else:
        size = f"{made['bytes'] / _MIB:,.1f}"
        click.echo(words("backup.made", target=target, files=made["files"], size=size, values=f"{made['values']:,}"))
    return 0


def _made(folder: Path, target: Path) -> Mapping[str, Any] | None:
    """By this process, or by the node; one that is just starting, or that ends, is given a minute."""
    until = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return back_up(folder, target)
        except FolderInUse:
            node = running_node(folder)
            if node is not None:
                return follow_remote(node, "backup", {"target": str(target)})
            if time.monotonic() > until:
                raise
            time.sleep(1)


def verify_backup(backup: Path, *, as_json: bool) -> int:
    """Reads all of a backup and says whether it is as it was written; 1 when it is not."""
    try:
        manifest = verify(backup)
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


def restore_backup(backup: Path, folder: Path, *, partly: bool) -> None:
    """Makes a plant folder of a backup and says how to go on. Raises what is damaged, each file named first."""
    try:
        restored = restore(backup, folder, partly=partly)
    except BackupDamaged as error:
        _tell_damages(error)
        raise
    click.echo(words("restore.done", folder=folder, **_shown(restored.manifest, restored.left_out)))
    for name in restored.left_out:
        click.secho(words("restore.left_out", file=name, lost=_lost(name)), fg="yellow")
    click.echo(words("restore.next", folder=folder))


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
