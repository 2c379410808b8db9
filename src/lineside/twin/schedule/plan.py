"""A schedule that people read, `lineside.plan/1`: what runs where and when, and how good that is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

PLAN: Literal["lineside.plan/1"] = "lineside.plan/1"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class PlannedOperation(_Part):
    """One operation of a plan."""

    job: str
    operation: str
    machine: str
    start: int
    end: int
    setup: int = Field(0, description="Set-up time on shift that lies directly before it.")


class PlannedJob(_Part):
    """What becomes of a job."""

    completed: int
    due: int | None
    late: int
    on_time: bool


class PlannedMachine(_Part):
    """What a machine does, until the makespan."""

    working: int
    setup: int
    on: int
    """Time on shift."""
    utilisation: float


class Step(_Part):
    """What was known at a time of the search, in seconds."""

    seconds: float
    cost: int
    bound: int


class Plan(_Part):
    """A schedule and what is known of it."""

    form: Literal["lineside.plan/1"] = Field(PLAN, alias="schema")
    name: str
    time_unit: str
    cost: int
    bound: int = Field(description="No schedule costs less.")
    optimal: bool = Field(description="The cost is the bound.")
    makespan: int
    weighted_tardiness: int
    operations: tuple[PlannedOperation, ...]
    jobs: Mapping[str, PlannedJob]
    machines: Mapping[str, PlannedMachine]
    seed: int
    seconds: float
    history: tuple[Step, ...] = ()
