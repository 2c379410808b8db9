"""The key that speaks for this node at a hub: a file that its owner alone can read, as that of the ledger."""

from __future__ import annotations

from pathlib import Path

from lineside.errors import ConfigurationError
from lineside.trust import Key, fingerprint

MEMBER_KEY = "member.key"
_FRESH = "member.new"


class Keys:
    """The keys in a folder: the one in force, and one that is to follow it."""

    def __init__(self, folder: Path) -> None:
        self.file, self._fresh = folder / MEMBER_KEY, folder / _FRESH

    def make(self, before: int | None) -> Key:
        """A first key for a new membership; one of an earlier membership, by its number, is kept under another name."""
        if self.file.exists():
            self.file.rename(self.file.with_name(f"member-{before or 0}.key"))
        self._fresh.unlink(missing_ok=True)
        return Key.make(self.file)

    def of(self, public: str) -> Key:
        """The key in force, which must be this one. Raises ConfigurationError where the folder does not hold it."""
        if self._fresh.exists() and Key.read(self._fresh).public.hex() == public:
            self._fresh.replace(self.file)  # the process ended in the midst of a change
        found = Key.read(self.file)
        if found.public.hex() != public:
            theirs, own = fingerprint(found.public), fingerprint(bytes.fromhex(public))
            raise ConfigurationError("member.other_key", file=str(self.file), found=theirs, key=own)
        return found

    def following(self) -> Key:
        """A new key, beside the one in force until `of` is asked for it."""
        self._fresh.unlink(missing_ok=True)
        return Key.make(self._fresh)

    def upcoming(self) -> Key:
        """The key that is to follow. Raises ConfigurationError where none was made."""
        return Key.read(self._fresh)
