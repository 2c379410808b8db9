"""What people ask for when they answer authorities: over HTTP, and by commands."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from lineside.exchange import Energy, Input
from lineside.node import Depends, FromTwin, Happened, Wish

_Words = Annotated[str, Meta(max_length=2000)]
_Name = Annotated[str, Meta(min_length=1, max_length=200)]


class AnswerAsked(Struct, forbid_unknown_fields=True):
    """How to answer: as computed, by hand with `yes` or `band` where nothing computes it, or not, with the reason."""

    how: Literal["computed", "entered", "declined"]
    yes: bool | None = None
    band: Annotated[int, Meta(ge=0, le=100)] | None = None
    why: _Words = ""
    digest: str = ""
    """Of what was seen; a look needs none."""

    def wish(self) -> Wish:
        """The same for who works it out."""
        return Wish(self.how, self.yes, self.band, self.why)


class IncidentAsked(Struct, forbid_unknown_fields=True):
    """What happened; `follows` is the number of the incident that it says more of."""

    concern: _Name
    severity: int
    title: _Name
    began_ms: Annotated[int, Meta(ge=0, le=2**53 - 1)]
    words: _Words = ""
    ended_ms: Annotated[int, Meta(ge=0, le=2**53 - 1)] | None = None
    follows: int | None = None
    digest: str = ""

    def happened(self) -> Happened:
        """The same for who tells it."""
        told = msgspec.structs.asdict(self)
        return Happened(**{name: value for name, value in told.items() if name != "digest"})


class ConsentAsked(Struct, forbid_unknown_fields=True):
    """Whether this factory agrees; false ends the sandbox, with the reason."""

    agrees: bool
    why: _Words = ""
    digest: str = ""


class TwinAnswer(Struct, forbid_unknown_fields=True):
    """The job whose answer goes with it, and which input was late."""

    job: int
    what: Annotated[str, Meta(max_length=200)] = ""


class ExposureAsked(Struct, forbid_unknown_fields=True):
    """What the plant depends on, all of it."""

    inputs: Annotated[list[Input], Meta(max_length=50)] = []
    energy: Energy | None = None
    twins: Annotated[list[TwinAnswer], Meta(max_length=20)] = []
    digest: str = ""

    def depends(self) -> Depends:
        """The same for who tells it."""
        return Depends(tuple(self.inputs), self.energy, tuple(FromTwin(one.job, one.what) for one in self.twins))
