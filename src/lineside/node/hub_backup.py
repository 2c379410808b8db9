"""Backups of a hub: as those of a plant, without a history."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lineside.books import HeldFolder
from lineside.errors import ConfigurationError
from lineside.jobs import Work
from lineside.node.backup import BACKUP, back_up, backup_job, no_history
from lineside.node.telling import backed_up, telling
from lineside.trust import Kind, OwnerKey

if TYPE_CHECKING:
    from lineside.hub import Hub, HubSettings


def hub_kinds(hub: Hub) -> Mapping[str, Work]:
    """The jobs that a hub does for whoever keeps its folder."""
    return {BACKUP: telling(backup_job(hub.folder, no_history), hub.ledger, Kind.BACKUP, "hub", backed_up)}


def back_up_hub(folder: Path, target: Path, key: OwnerKey | None = None) -> dict[str, Any]:
    """Backs up a hub folder that no process has open, sealed to a `key` where one is given.

    Raises FolderInUse when one has, and ConfigurationError where its books lie in PostgreSQL.
    """
    from lineside.hub import read_hub

    require_file_books(read_hub(folder))
    with HeldFolder(folder):
        return back_up(folder, target, key=key)


def require_file_books(settings: HubSettings) -> None:
    """Raises ConfigurationError where the books lie in a database, which no copy of the folder holds."""
    if settings.in_database:
        raise ConfigurationError("hub.postgresql")
