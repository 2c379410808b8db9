"""The changes of the books' tables, one after another, whichever room they belong to.

A new one is a module in `versions` whose `down_revision` is the last one; `lineside.books.books.HEAD`
then names it.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def upgrade(connection: Connection, found: str | None) -> bool:
    """Applies every migration after `found` in the connection's transaction; False if `found` is unknown."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    if found is not None and found not in _known(config):
        return False
    command.upgrade(config, "head")
    return True


def _known(config: Config) -> set[str]:
    return {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
