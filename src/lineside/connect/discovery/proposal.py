"""What is proposed: sources, machines and signals, each signal with its reason and how sure it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from lineside.connect.found import Note
from lineside.plant import Kind, SourceSettings, State

ROLES = ("total", "good", "rejected", "product")
"""What a signal may be to the units of a machine."""


class Confidence(StrEnum):
    """How sure a proposal is."""

    KNOWN = "known"
    """The model of the other side, or a standard, says so."""
    LIKELY = "likely"
    """Its name, unit or type says so."""
    GUESS = "guess"
    """Only its values say so, or nothing does."""


@dataclass(frozen=True, slots=True)
class StateWords:
    """Values of a signal that mean a state of the machine. Rules are tried from the lowest rank up."""

    rank: int
    state: State
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProposedSignal:
    """One signal. Where `keep` is false it is shown to choose from, and not written."""

    id: str
    address: str
    kind: Kind
    confidence: Confidence
    why: Note
    keep: bool = True
    unit: str = ""
    role: str = ""
    states: tuple[StateWords, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    example: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class ProposedMachine:
    """One machine, and by which pack it was recognised."""

    id: str
    name: str
    source: str
    signals: tuple[ProposedSignal, ...]
    pack: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Everything that is proposed."""

    sources: tuple[SourceSettings, ...]
    machines: tuple[ProposedMachine, ...]
    notes: tuple[Note, ...] = ()
