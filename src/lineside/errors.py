"""The errors of Lineside, a tree by who must act.

    LinesideError
    +-- ConfigurationError     the engineer: plant file, options, folder
    |   +-- FolderInUse        another process owns the plant folder
    +-- Unreachable            whoever looks after the machine or its network
    +-- UnusableData           whoever made the file or sends the data
    +-- NotPermitted           whoever grants permissions
    |   +-- NotIdentified      the caller: say who you are

An error carries a message key and fields; the sentence and its cure are made at the edge, in the
reader's language, from the catalogue in :mod:`lineside.texts`.
"""

from __future__ import annotations

from lineside.texts import DEFAULT_LANGUAGE, has, say


class LinesideError(Exception):
    """Root of every error Lineside raises on purpose."""

    def __init__(self, key: str, /, **fields: object) -> None:
        super().__init__(key, fields)
        self.key = key
        self.fields = fields

    def sentence(self, language: str = DEFAULT_LANGUAGE) -> str:
        """What is wrong, naming the thing, in the reader's language."""
        return say(self.key, language, **self.fields)

    def cure(self, language: str = DEFAULT_LANGUAGE) -> str | None:
        """What to do about it, or None when the catalogue knows no cure."""
        key = f"{self.key}.cure"
        return say(key, language, **self.fields) if has(key) else None

    def __str__(self) -> str:
        return self.sentence()


class ConfigurationError(LinesideError):
    """The plant file, an option or the folder is wrong."""


class FolderInUse(ConfigurationError):
    """Another process owns the plant folder."""


class Unreachable(LinesideError):
    """A machine or server does not answer."""


class UnusableData(LinesideError):
    """Data came that cannot be read."""


class NotPermitted(LinesideError):
    """The caller lacks the permission the route or topic declares."""


class NotIdentified(NotPermitted):
    """The caller has not said who they are, or not truly."""
