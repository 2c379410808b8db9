"""What the twin of a line says that a pack would bring, as a change of the pack's indicator where it can say that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from lineside.errors import ConfigurationError
from lineside.exchange import Foreseen
from lineside.jobs import Job, JobContext, Jobs, JobState, Json
from lineside.node.indicators import MonthFacts
from lineside.node.packs.draft import PackDraft, together
from lineside.node.twins import Twins
from lineside.twin.answers import changes_document

FORESEE = "pack.foresee"
"""The kind of the job that asks."""

Basis: TypeAlias = Literal["throughput", "lead_time", "on_time"]
Silence: TypeAlias = Literal["other", "no_interval", "lines", "stuck"]
_RELATIVE: Mapping[str, Basis] = {"oee": "throughput", "lead_time": "lead_time"}
"""Indicators that change in proportion to what a twin measures: OEE to the parts that come out, as long as planned
time and the mix of products stay."""
_ABSOLUTE: Mapping[str, Basis] = {"schedule_adherence": "on_time"}
_WEIGHED = frozenset({"oee"})
"""Those of which a line's change says what the whole plant's is, by the line's part of it."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a twin's answer says of an indicator; without `foreseen`, why it says nothing."""

    foreseen: Foreseen | None
    basis: Basis | None = None
    """What of the answer it rests on."""
    silence: Silence | None = None


def outlook(indicator: str, answer: Mapping[str, Any], part: float | None) -> Outlook:
    """What an answer to "what if" says of an indicator of the whole plant, as an interval of the answer's confidence.

    `part` is the line's part of the indicator (1 in a plant of one line); None where nobody knows it.
    """
    basis = _RELATIVE.get(indicator) or _ABSOLUTE.get(indicator)
    change = answer["changes"][0]
    measure = None if basis is None else change["measures"].get(basis)
    if basis is None or measure is None:
        return Outlook(None, silence="other")
    if change["deadlocks"]:
        return Outlook(None, basis, "stuck")
    if part is None or (part != 1.0 and indicator not in _WEIGHED):
        return Outlook(None, basis, "lines")
    relative = indicator in _RELATIVE
    gap = measure["difference"]["relative"] if relative else measure["difference"]
    if gap is None or gap["half_width"] is None:
        return Outlook(None, basis, "no_interval")
    low, high = ((gap["mean"] + sign * gap["half_width"]) * part for sign in (-1, 1))
    return Outlook(Foreseen(indicator=indicator, low=low, high=high, relative=relative), basis)


def part_of(line: str, facts: MonthFacts) -> float | None:
    """The part of the plant's OEE that is a line's: each line weighs by its planned busy time; None if one is unknown.

    The plant's OEE is the sum of planned busy time times OEE over the sum of planned busy time; a relative change of
    one line's changes it by that line's part of the first sum.
    """
    parts = {}
    for name, row in facts.lines.items():
        oee, planned = row.values.get("oee"), row.planned_busy_s
        if oee is None or planned is None:
            return None
        parts[name] = oee * planned
    whole = sum(parts.values())
    return parts[line] / whole if whole else None


class Foresight:
    """Asks twins of packs. `facts` gives those of the last whole month."""

    def __init__(self, twins: Twins, facts: Callable[[], MonthFacts]) -> None:
        self._twins, self._facts = twins, facts

    def submit(self, jobs: Jobs, draft: PackDraft) -> Job:
        """Queues the question what the pack would bring on its line.

        Raises ConfigurationError where the pack changes nothing that a twin knows, where no line is meant, or where
        its line has no twin that can be trusted.
        """
        if not draft.changes:
            raise ConfigurationError("solutions.nothing_to_ask")
        if draft.line is None:
            raise ConfigurationError("solutions.which_line")
        changes = changes_document([together(draft.pack.title.en, draft.changes)])
        self._twins.require(draft.line, "what_if", {"changes": changes})
        params = {
            "pack": draft.kept.sha256,
            "values": dict(draft.choices),
            "line": draft.line,
            "question": "what_if",
            "changes": changes,
        }
        return jobs.submit(FORESEE, draft.pack.title.en, params)

    def work(self, context: JobContext, params: Json) -> dict[str, Any]:
        """The job: the twin's `answer`, and the `part` that the line has of the plant."""
        answer = self._twins.ask_work(context, params)
        line = str(params["line"])
        alone = len(self._twins.timeline().newest.lines) == 1
        return {"answer": answer, "part": 1.0 if alone else part_of(line, self._facts())}


def outlook_of(job: Job, sha256: str, values: Mapping[str, Any], indicator: str) -> Outlook:
    """What a question's answer says. Raises ConfigurationError for one of another pack or other values, or not done."""
    fits = job.kind == FORESEE and job.params.get("pack") == sha256 and job.params.get("values") == dict(values)
    if not fits or job.state is not JobState.DONE or job.result is None:
        raise ConfigurationError("solutions.other_answer", job=job.id)
    result: Mapping[str, Any] = job.result
    return outlook(indicator, result["answer"], result["part"])
