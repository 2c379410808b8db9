"""Questions to the members of the demo cluster: one that is over, and those that are open when its hub is seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import numpy as np

from lineside.demo.cluster.asked import Draft, scenes, spoken
from lineside.demo.cluster.speaking import Speaker, heard
from lineside.exchange import Envelope, Reply, catalogue, month_name, month_number
from lineside.hub import Hub
from lineside.hub.oversight import Asked
from lineside.texts import DEFAULT_LANGUAGE
from lineside.trust import HERE

_STREAM = 9
"""The stream of random numbers of this module."""
_DAY_MS = 86_400_000
_PAST_DAYS, _OPEN_DAYS, _LONGER_DAYS = 28, 30, 90
_ANSWERS = 0.85
"""The share of generated members that answer, of those a tenth decline where they may."""
_DECLINES, _YES = 0.1, 0.7


def ask_past(hub: Hub, speakers: Mapping[int, Speaker], seed: int, language: str = DEFAULT_LANGUAGE) -> Asked:
    """Asks what is over when the demo is made; one who was silent is let off and another one given more time.

    Raises LinesideError for what the hub does not take.
    """
    told = scenes()
    asked = _asked(hub, told.past, _PAST_DAYS, language)
    _answer(hub, asked, speakers.values(), seed)
    silent = sorted(asked.members - hub.oversight.replies.newest(asked.sha256).keys())
    if len(silent) > 1:
        hub.oversight.questions.waive(asked.number, silent[0], spoken(told.excused, language), by=HERE)
        due_ms, why = asked.due_ms + _LONGER_DAYS * _DAY_MS, spoken(told.longer, language)
        hub.oversight.questions.waive(asked.number, silent[1], why, by=HERE, due_ms=due_ms)
    return asked


def ask_everybody(
    hub: Hub, speakers: Mapping[int, Speaker], seed: int, language: str = DEFAULT_LANGUAGE
) -> tuple[Asked, ...]:
    """Asks all members, those that measure too, what is then open, each question once; gives those that are new.

    Without speakers no generated member replies: their keys are gone. Raises LinesideError for what cannot be asked.
    """
    known = {one.question.title for one in hub.oversight.questions.listed()}
    new = tuple(_asked(hub, one, _OPEN_DAYS, language) for one in scenes().open if one.title not in known)
    for one in new:
        _answer(hub, one, speakers.values(), seed)
    return new


def _asked(hub: Hub, draft: Draft, days: int, language: str) -> Asked:
    told: dict[str, Any] = msgspec.to_builtins(draft)
    told |= {"basis": spoken(scenes().basis, language), "to": {}, "due_ms": hub.oversight.now_ms + days * _DAY_MS}
    if draft.indicators:
        unit = catalogue().of(draft.indicators[0]).unit
        told |= {"month": month_name(hub.sandboxes.month - 1), "unit": unit}
    return hub.oversight.questions.publish(told)


def _answer(hub: Hub, asked: Asked, speakers: Iterable[Speaker], seed: int) -> None:
    rng, now_ms = np.random.default_rng([seed, _STREAM, asked.number]), hub.oversight.now_ms
    said: list[tuple[Speaker, Envelope]] = []
    for one in speakers:
        chance, yes = rng.random(), bool(rng.random() < _YES)
        if one.member in asked.members and chance < _ANSWERS:
            declines = not asked.question.duty and chance < _ANSWERS * _DECLINES
            reply = {"declined": True} if declines else _reply(asked, one, yes=yes)
            said.append((one, one.statement(Reply, now_ms, question=asked.sha256, origin="generated", **reply)))
    heard(hub, said)


def _reply(asked: Asked, one: Speaker, *, yes: bool) -> dict[str, Any]:
    """What a generated member replies: of an indicator by the value that it told, as a node would."""
    question = asked.question
    if not question.indicators:
        return {"yes": yes}
    (indicator,) = question.indicators
    month = month_number(question.month or "")
    newest_first = (value for said in one.told.said[::-1] if said.month == month for value in said.values)
    told = next((value for value in newest_first if value.indicator == indicator), None)
    if told is None or told.value is None:
        return {"absent": "not_computed" if told is None else told.absent}
    band = sum(told.value >= edge for edge in question.edges)
    return {"indicators": question.indicators, "band": band, "coverage": told.coverage}
