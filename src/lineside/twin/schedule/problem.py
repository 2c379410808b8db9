"""The scheduling problem, `lineside.schedule/1`: plain data that says what is to be made, on what, and by when.

Every class is a frozen value and its part of the published JSON schema at once. All times are whole numbers of the
problem's time unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from lineside.twin.model import ANY, Name, Resource, Time, Whole

SCHEMA: Literal["lineside.schedule/1"] = "lineside.schedule/1"

LONGEST = 10**9
Span = Annotated[int, Field(ge=0, le=LONGEST)]
Duration = Annotated[int, Field(ge=1, le=LONGEST)]
Weight = Annotated[int, Field(ge=0, le=1_000_000)]


def as_objective(value: Any) -> Any:
    """A name is that objective alone."""
    if value in ("makespan", "tardiness"):
        return {"makespan": int(value == "makespan"), "tardiness": int(value == "tardiness")}
    return value


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WorkCalendar(_Part):
    """When a machine works: spans of time from 0 on, repeated after `period`."""

    on: Annotated[tuple[tuple[Span, Duration], ...], Field(min_length=1)]
    period: Duration | None = Field(None, description="Left out: off for good after the last span.")


class Change(_Part):
    """What changing from one product to another takes."""

    before: str = Field(ANY, alias="from", description="Product made before; `*` is any.")
    after: str = Field(ANY, alias="to", description="Product to be made; `*` is any.")
    time: Span


class Breakdown(_Part):
    """One way in which a machine fails: its working time wears it, its repair takes time on shift."""

    time_to_failure: Time
    repair: Time


class Machine(_Part):
    """Does one operation at a time."""

    calendar: Name | None = None
    setups: tuple[Change, ...] = ()
    made: str | None = Field(None, description="Product it is set up for at time 0.")
    variation: Time | None = Field(
        None, description="Factor on the durations of its operations, where they name none: what they really take."
    )
    failures: Mapping[Name, Breakdown] = {}


class Operation(_Part):
    """One step of a job."""

    on: Annotated[Mapping[Name, Duration], Field(min_length=1)] = Field(
        description="Working time on each machine that can do it."
    )
    name: Name | None = None
    after: tuple[str, ...] | None = Field(
        None, description="Operations of the job that must be done before; the one listed before it when left out."
    )
    needs: Mapping[Name, Whole] = Field({}, description="Resources it holds from its start to its end.")
    interruptible: bool = Field(
        True, description="Goes on after an off-shift gap where it stopped; else it must fit into one span."
    )
    variation: Time | None = Field(None, description="Factor on its duration: what it really takes.")


class Job(_Part):
    """What is wanted: operations, one after the other unless they say otherwise."""

    operations: Annotated[tuple[Operation, ...], Field(min_length=1)]
    product: Name | None = Field(None, description="For set-ups.")
    release: Span = 0
    due: Span | None = None
    weight: Weight = Field(1, description="Of each unit of time it is late.")


class Objective(_Part):
    """What is to be small: makespan times its weight plus weighted tardiness times its weight."""

    makespan: Weight = 0
    tardiness: Weight = 0

    @model_validator(mode="after")
    def _something(self) -> Objective:
        if not self.makespan and not self.tardiness:
            raise ValueError("makespan and tardiness cannot both weigh 0")
        return self


class Problem(_Part):
    """Jobs to be done on machines."""

    form: Literal["lineside.schedule/1"] = Field(alias="schema")
    name: str = ""
    time_unit: str = Field("min", description="Said beside every time; all times of the file are in it.")
    objective: Annotated[Objective, BeforeValidator(as_objective)] = Objective(makespan=1)
    calendars: Mapping[Name, WorkCalendar] = {}
    resources: Mapping[Name, Resource] = {}
    machines: Annotated[Mapping[Name, Machine], Field(min_length=1)]
    jobs: Annotated[Mapping[Name, Job], Field(min_length=1)]


def operation_names(job: Job) -> list[str]:
    """The operations' names; an unnamed one has its number from 1 on."""
    return [operation.name or str(i) for i, operation in enumerate(job.operations, 1)]


def before_each(job: Job) -> list[list[int]]:
    """For each operation of a job the places of those that must be done before; unknown names are left out."""
    names = operation_names(job)
    return [
        ([i - 1] if i else []) if operation.after is None else [names.index(n) for n in operation.after if n in names]
        for i, operation in enumerate(job.operations)
    ]


def order_of(job: Job) -> list[int] | None:
    """The places of a job's operations, each after those before it; None where they wait for each other."""
    waiting, done, order = before_each(job), set[int](), list[int]()
    while len(order) < len(waiting):
        ready = next((i for i, before in enumerate(waiting) if i not in done and done.issuperset(before)), None)
        if ready is None:
            return None
        done.add(ready)
        order.append(ready)
    return order
