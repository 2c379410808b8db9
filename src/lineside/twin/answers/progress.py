"""How far an answer is."""

from __future__ import annotations

from lineside.twin.compiled import Tell


class Progress:
    """How far an answer is, told also while that stays the same: who hears it may raise, and so end the answer."""

    def __init__(self, tell: Tell | None) -> None:
        self._tell = tell
        self._share = 0.0

    def reach(self, share: float) -> None:
        """Tells that it has come so far, from 0 to 1; it never goes back."""
        self._share = max(self._share, share)
        self.look()

    def look(self, _: float = 0.0) -> None:
        """Tells again how far it is, from within a run."""
        if self._tell is not None:
            self._tell(self._share)
