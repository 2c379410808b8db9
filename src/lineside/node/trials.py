"""Tries sources as a job: listens for some seconds beside the node, and says what came."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from secrets import token_hex
from typing import Any

from lineside.connect import PUSH, Ear, SourceSettings, SourceState, listen, source, without_password
from lineside.errors import ConfigurationError, LinesideError
from lineside.jobs import Cancelled, Job, JobContext, Jobs
from lineside.node.intake import PASSIVE
from lineside.plant import Draft, Kind, Plant, Timeline, fragment, parse_plant, wanted_of
from lineside.texts import LANGUAGES

LISTEN = "listen"
LONGEST_S = 300.0
_REMEMBERED = 20
_Asked = tuple[SourceSettings, Mapping[str, Kind], float]


class Trials:
    """Tries the sources of one plant, and such as are to be.

    What is to be tried stays in memory: an address may hold a password, and jobs are kept on disk.
    """

    def __init__(self, timeline: Callable[[], Timeline]) -> None:
        self._timeline = timeline
        self._asked: OrderedDict[str, _Asked] = OrderedDict()

    def drafted(self, draft: Draft) -> Plant:
        """The plant with a source that is not in its file yet. Raises PlantFileError with every finding."""
        return parse_plant(f"{self._timeline().editions[-1].text.rstrip()}\n\n{fragment(draft)}")

    def submit(self, jobs: Jobs, plant: Plant, name: str, seconds: float) -> Job:
        """Queues listening to a source of this plant. Raises ConfigurationError for what cannot be listened to."""
        settings = plant.sources.get(name)
        if settings is None:
            raise ConfigurationError("node.no_source", source=name, known=", ".join(plant.sources))
        if settings.type in {*PASSIVE, PUSH}:
            raise ConfigurationError("node.trial_passive", source=name, type=settings.type)
        if not 0 < seconds <= LONGEST_S:
            raise ConfigurationError("node.trial_seconds", seconds=f"{seconds:g}", most=f"{LONGEST_S:g}")
        wanted = wanted_of(plant, name)
        source(settings, wanted, beside=True)  # what is wrong with the settings is better told before the waiting
        token = token_hex(8)
        self._asked[token] = settings, wanted, seconds
        if len(self._asked) > _REMEMBERED:
            self._asked.popitem(last=False)
        return jobs.submit(LISTEN, name, {"token": token, "source": name})

    def work(self, context: JobContext, params: Mapping[str, Any]) -> dict[str, Any]:
        """The job kind "listen": cancelled, it gives back what came so far."""
        asked = self._asked.pop(str(params["token"]), None)
        if asked is None:
            raise ConfigurationError("node.trial_gone", source=params["source"])
        settings, wanted, seconds = asked

        def tell(passed: float, ear: Ear) -> bool:
            try:
                context.progress(round(passed), round(seconds), f"{ear.values} values of {len(ear.came)} addresses")
            except Cancelled:
                return False
            return True

        ear = asyncio.run(listen(settings, wanted, seconds, tell, self._timeline().newest.site.zone))
        return {"source": settings.id, "url": settings.url and without_password(settings.url), **_told(ear, wanted)}


def _told(ear: Ear, wanted: Mapping[str, Kind]) -> dict[str, Any]:
    """What an ear heard, as plain data with its sentences in every language."""
    told = LinesideError(ear.told.key, **ear.told.fields)
    active = ear.told.state is SourceState.ACTIVE
    return {
        "state": ear.told.state.value,
        "reason": _words(told.sentence),
        "cure": _words(lambda language: None if active else told.cure(language)),
        "values": ear.values,
        "skew_s": ear.vitals.skew_s,
        "losses": [
            {"time_ms": time // 1000, "reason": _words(LinesideError(key, **fields).sentence)}
            for time, key, fields in ear.losses
        ],
        "addresses": [_address(address, kind, ear) for address, kind in wanted.items()],
    }


def _address(address: str, kind: Kind, ear: Ear) -> dict[str, Any]:
    came, wrong = ear.came.get(address), ear.misread.get(address)
    last = None if came is None else came.last
    return {
        "address": address,
        "kind": kind,
        "count": 0 if came is None else came.count,
        "value": None if last is None else (last.text if last.number is None else last.number),
        "quality": None if last is None else last.quality.name.lower(),
        "time_ms": None if last is None else last.time // 1000,
        "wrong": None if wrong is None else _words(wrong.sentence),
    }


def _words(sentence: Callable[[str], str | None]) -> dict[str, str | None]:
    return {language: sentence(language) for language in LANGUAGES}
