"""What this plant depends on, as people say it and its twins answer; it leaves when a person says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lineside.errors import ConfigurationError
from lineside.exchange import Energy, Exposure, Input, Origin, Recovery
from lineside.jobs import Job, Jobs, JobState
from lineside.node.member import Build, Member, Said
from lineside.node.overseen.drafts import Draft, Drafts
from lineside.node.overseen.power import Power
from lineside.node.overseen.recovery import SHOCKS, recovery_of
from lineside.trust import HERE

ASKED = "twin.ask"
_LATEST = 50


@dataclass(frozen=True, slots=True)
class FromTwin:
    """The answer of a twin that goes with it: the number of the job, and which input was late."""

    job: int
    what: str = ""


@dataclass(frozen=True, slots=True)
class Depends:
    """What a person says that the plant depends on; it takes the place of what was said before."""

    inputs: tuple[Input, ...] = ()
    energy: Energy | None = None
    twins: tuple[FromTwin, ...] = ()


class Exposures:
    """Says it. `power` gives the power of a month by its name, `jobs` the node's jobs."""

    def __init__(self, member: Member, drafts: Drafts, power: Callable[[str], Power], jobs: Callable[[], Jobs]) -> None:
        self._member, self._drafts, self._power, self._jobs = member, drafts, power, jobs

    def look(self, depends: Depends) -> Draft:
        """What would be said. Raises ConfigurationError."""
        return self._drafts.of(self._build(depends))

    def say(self, depends: Depends, seen: str, who: str = HERE) -> Said:
        """Signs what was seen. Raises what `look` and `Drafts.sign` do."""
        return self._drafts.sign(lambda: self._build(depends), seen, who)

    def last(self) -> Said | None:
        """What was said last; None where nothing was."""
        said = self._member.chain.all(self._member.memberships.speaking())
        return next((one for one in reversed(said) if isinstance(one.statement, Exposure)), None)

    def power(self) -> tuple[str, Power]:
        """The last whole month, and what the machines took in it."""
        month = self._member.last_month()
        return month, self._power(month)

    def answers(self) -> list[Job]:
        """What twins answered to shocks from outside, the newest first."""
        recent = self._jobs().recent(_LATEST, ASKED, question="shock")
        return [one for one in recent if one.state is JobState.DONE and _shock(one) in SHOCKS]

    def _build(self, depends: Depends) -> Build:
        recoveries = tuple(self._recovery(one) for one in depends.twins)
        if not (depends.inputs or depends.energy or recoveries):
            raise ConfigurationError("overseen.nothing_said")
        names = [one.what for one in depends.inputs]
        if len(set(names)) < len(names):
            raise ConfigurationError("overseen.twice", what=next(one for one in names if names.count(one) > 1))
        month, profile = self._member.last_month(), self._member.memberships.speaking().profile
        origin: Origin = "generated" if profile is not None and profile.generated else "entered"
        return lambda fields: Exposure(
            month=month, inputs=depends.inputs, energy=depends.energy, recoveries=recoveries, origin=origin, **fields
        )

    def _recovery(self, twin: FromTwin) -> Recovery:
        job = self._jobs().get(twin.job)
        if job.kind != ASKED or job.state is not JobState.DONE or job.result is None:
            raise ConfigurationError("overseen.no_answer", job=twin.job)
        return recovery_of(job.result, twin.what)


def _shock(job: Job) -> object:
    shock = job.params.get("shock")
    return shock.get("kind") if isinstance(shock, dict) else None
