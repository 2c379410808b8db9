"""The one abstract door outward: whatever leaves the plant is handed to an `Outlet` first.

Steps that send (`publish`, `api`, later mail and a hub) are given an outlet by who wires the node. The valve
implements it. A step that finds its parcel withheld sends nothing of it, and says why to who runs the plant.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass

from lineside.errors import NotPermitted
from lineside.trust.falling import Transformation


class Withheld(NotPermitted):
    """Something may not leave; the key says which rule holds it back."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """Bytes as they are about to leave, and what the owner needs to judge them."""

    flow: str
    """The way out: "sparkplug", "mtconnect", "token/7", "download", "file"."""
    recipient: str
    """Who gets them, as the way knows it: the address of a broker, the name of an account. Never a password."""
    things: frozenset[str]
    """What they are made of, by the names of the catalogue; all of it, or the parcel does not leave."""
    content: bytes
    form: str
    """Their media type."""
    what: str
    """What it is among others of its flow, such as "DDATA press"; the last bytes of each are shown."""
    days: float = 0.0
    """How long a time they tell of, in days."""
    done: Transformation | None = None
    """What was done to them, as the release asks; it may let their grade fall."""


class Outlet(ABC):
    """Decides what leaves."""

    @abstractmethod
    def let_out(self, parcel: Parcel) -> None:
        """Returns once a parcel may leave, which is then noted as having left. Raises Withheld.

        Quick and without I/O; called from any thread.
        """

    @abstractmethod
    def is_open(self, flow: str, recipient: str) -> bool:
        """Whether anything at all may leave to them on this way now: ask before connecting."""


class Unguarded(Outlet):
    """Lets everything out and keeps the last of it: for who sends nothing of a plant, such as a trial of a flow."""

    def __init__(self, most: int = 1000) -> None:
        self.parcels: deque[Parcel] = deque(maxlen=most)

    def let_out(self, parcel: Parcel) -> None:
        """Nothing holds it back."""
        self.parcels.append(parcel)

    def is_open(self, flow: str, recipient: str) -> bool:
        """Always."""
        del flow, recipient
        return True
