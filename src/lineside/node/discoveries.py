"""Discovery as a job of a node: what is at an address, and what to add to the plant."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from lineside.connect import (
    WATCH_S,
    Progress,
    Proposal,
    discover,
    proposal_json,
    read_table,
    without_password,
    write_fragment,
    write_table,
)
from lineside.errors import ConfigurationError
from lineside.jobs import Job, JobContext, Jobs
from lineside.plant import Finding, PlantFileError, PlantText, Timeline
from lineside.texts import say

DISCOVER = "discover"


@dataclass(frozen=True, slots=True)
class Discoveries:
    """Looks around for one plant."""

    timeline: Callable[[], Timeline]

    def submit(self, jobs: Jobs, params: Mapping[str, Any], language: str) -> Job:
        """Queues a look around at `url`, with `options`, `pack`, `watch_s` and `line` as the command has them.

        Raises ConfigurationError for an address with a password in it: jobs are kept on disk.
        """
        url = str(params["url"])
        if has_password(url):
            raise ConfigurationError("discover.password", url=without_password(url))
        return jobs.submit(DISCOVER, without_password(url), {**params, "language": language})

    def work(self, context: JobContext, params: Mapping[str, Any]) -> dict[str, Any]:
        """The job kind "discover"; its result is the proposal, and the same as table and as text of a plant file."""
        plant = self.timeline().newest
        url, language = str(params["url"]), str(params["language"])

        def tell(progress: Progress) -> None:
            context.progress(round(progress.seconds), round(progress.of), str(progress.found))

        proposal = asyncio.run(
            discover(
                url,
                options=params.get("options") or {},
                pack=params.get("pack"),
                watch_s=WATCH_S if params.get("watch_s") is None else float(params["watch_s"]),
                tell=tell,
                machines=set(plant.machines),
                taken=set(plant.sources),
            )
        )
        return {
            "proposal": proposal_json(proposal, language),
            "csv": write_table(proposal, language),
            "fragment": self._fragment(proposal, params.get("line"), url, language),
        }

    def fragment(self, table: str, line: str | None, language: str) -> tuple[str, tuple[Finding, ...]]:
        """What an edited table adds to the plant; or nothing, and why the plant file would refuse it.

        Raises UnusableData for a table that cannot be read, ConfigurationError for a line that the plant has not.
        """
        try:
            return self._fragment(read_table(table), line, "csv", language), ()
        except PlantFileError as error:
            return "", error.findings

    def _fragment(self, proposal: Proposal, line: str | None, source: str, language: str) -> str:
        edition = self.timeline().editions[-1]
        known = PlantText(edition.text, edition.plant)
        zone = edition.plant.site.zone
        by = say("discover.by", language, url=source, day=datetime.now(zone).date().isoformat())
        made = write_fragment(proposal, by=by, language=language, timezone=zone.key, plant=known, line=line)
        return made.text


def has_password(url: str) -> bool:
    """Whether an address holds a password."""
    try:
        return urlsplit(url).password is not None
    except ValueError:
        return False
