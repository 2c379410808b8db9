"""What a backup holds: its files with their sums, and which versions wrote them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from lineside.books import Kept, durable
from lineside.errors import UnusableData

MANIFEST = "manifest.json"
HISTORY = "data/history.duckdb"
BOOKS = "data/books.sqlite"
_SCHEMA = "lineside.backup/1"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. `files` by path within the plant folder, `rows` by table of the history."""

    made: str
    lineside: str
    folder: str
    history_format: int
    books_migration: str
    rows: dict[str, int]
    files: dict[str, Kept]

    @property
    def values(self) -> int:
        """How many samples its history holds."""
        return self.rows.get("cold", 0) + self.rows.get("hot", 0)

    def write(self, folder: Path) -> None:
        """Writes it into a backup, under a sum of its own."""
        told = {"schema": _SCHEMA, **asdict(self)}
        told["sha256"] = _sum_of(told)
        with durable(folder / MANIFEST) as file:
            file.write(json.dumps(told, indent=2, ensure_ascii=False).encode() + b"\n")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """That of a backup. Raises UnusableData where there is none, or it is not as it was written."""
        path = folder / MANIFEST
        try:
            told = json.loads(path.read_text("utf-8"))
            schema, digest = told.pop("schema"), told.pop("sha256")
            if schema == _SCHEMA and digest == _sum_of({"schema": schema, **told}):
                return cls(**told | {"files": {name: Kept(**kept) for name, kept in told["files"].items()}})
        except FileNotFoundError:
            raise UnusableData("node.no_backup", folder=str(folder)) from None
        except OSError as error:
            raise UnusableData("node.backup_unreadable", file=str(path), reason=error.strerror) from error
        except (ValueError, TypeError, KeyError, AttributeError):
            schema = _SCHEMA
        if schema != _SCHEMA:
            raise UnusableData("node.backup_newer", folder=str(folder), found=schema)
        raise UnusableData("node.manifest_damaged", file=str(path))


def _sum_of(told: dict[str, object]) -> str:
    return hashlib.sha256(json.dumps(told, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
