"""The vocabulary of machine states and what each means to ISO 22400-2."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """What a machine is doing. States tile its time: at every moment it is in exactly one."""

    RUNNING = "running"
    SETUP = "setup"
    STARVED = "starved"
    BLOCKED = "blocked"
    DOWN = "down"
    STOPPED = "stopped"
    PLANNED_STOP = "planned_stop"
    OFF = "off"
    UNMAPPED = "unmapped"
    NO_DATA = "no_data"


class TimeElement(StrEnum):
    """The ISO 22400-2 time element a state's seconds count as, inside planned operation time."""

    APT = "APT"  # actual production time
    ASUT = "ASUT"  # actual unit setup time
    ADET = "ADET"  # actual unit delay time
    ADOT = "ADOT"  # actual unit down time
    PLANNED_DOWN = "PDOT"  # planned down time: taken out of planned busy time
    UNKNOWN = "unknown"  # neither production nor loss can be claimed


TIME_ELEMENT: dict[State, TimeElement] = {
    State.RUNNING: TimeElement.APT,
    State.SETUP: TimeElement.ASUT,
    State.STARVED: TimeElement.ADET,
    State.BLOCKED: TimeElement.ADET,
    State.DOWN: TimeElement.ADOT,
    State.STOPPED: TimeElement.ADET,
    State.PLANNED_STOP: TimeElement.PLANNED_DOWN,
    State.OFF: TimeElement.ADET,
    State.UNMAPPED: TimeElement.UNKNOWN,
    State.NO_DATA: TimeElement.UNKNOWN,
}

STATES: tuple[State, ...] = tuple(State)
"""Index order used wherever states travel as small integers."""

CODE: dict[State, int] = {state: index for index, state in enumerate(STATES)}

ASSIGNABLE: tuple[State, ...] = tuple(s for s in STATES if s not in (State.UNMAPPED, State.NO_DATA))
"""States a rule of the plant file may name; the other two are found, not declared."""
