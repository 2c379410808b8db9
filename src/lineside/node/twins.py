"""The twins of a plant's lines: fitted and tried as jobs, kept in the books, asked by people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lineside.books import Books
from lineside.errors import ConfigurationError, LinesideError
from lineside.history import History
from lineside.jobs import Job, JobContext, Jobs
from lineside.measure import pace_of, parse_moment, planned_time, shifts_of
from lineside.node.indicators import TwinMonth
from lineside.plant import Machine, Plant, Timeline
from lineside.twin import simulate
from lineside.twin.answers import (
    Change,
    Shock,
    Study,
    best_buffers,
    bottleneck,
    candidates,
    changed,
    parse_changes,
    rank,
    shock_costs,
    struck,
    what_if,
)
from lineside.twin.fit import Change as Drift
from lineside.twin.fit import (
    Record,
    Twin,
    TwinRecord,
    keep_twin,
    newest_twin,
    parse_twin,
    record_of_line,
    verdicts,
)
from lineside.twin.validate import Known, Trust, fit_now, validate

Tell = Callable[[float], None]

_DAY_US = 86_400_000_000
WINDOW_DAYS = 28
"""A twin is fitted to so many days before now, where nobody says otherwise."""
REFIT_AFTER_US = _DAY_US
_STEPS = 1000
_REPLICATIONS = 60
QUESTIONS = ("what_if", "rank", "bottleneck", "buffers", "shock")
UNTRUSTED = frozenset({"worse", "untested"})
"""Verdicts with which a twin answers nothing."""
_NEEDS = {"buffers": "places", "shock": "shock"}


@dataclass(slots=True)
class Twins:
    """Fits and asks the twins of one plant."""

    history: History
    books: Books
    timeline: Callable[[], Timeline]
    now: Callable[[], int]

    def newest(self, line: str) -> TwinRecord | None:
        """The newest fit of a line, or None when there is none."""
        with self.books.reading() as session:
            return newest_twin(session, line)

    def verdicts(self) -> dict[str, dict[str, Any]]:
        """When each line's newest twin was made and how far it can be trusted, without reading it."""
        with self.books.reading() as session:
            return {line: {"made_ms": made_us // 1000, "verdict": told} for line, made_us, told in verdicts(session)}

    def month(self, asked: Iterable[Mapping[str, Any]]) -> TwinMonth:
        """What indicators know of the twins; `asked` are the params of the questions that were answered in a month."""
        return TwinMonth(tuple(sorted(self.verdicts())), dict(Counter(str(one["line"]) for one in asked)))

    def twin(self, line: str) -> Twin:
        """The twin that answers for a line. Raises ConfigurationError when it has none."""
        return self._answering(line)[0]

    def edition(self, number: int, line: str) -> Twin:
        """A kept fit of a line by its number. Raises ConfigurationError when it is kept no more."""
        with self.books.reading() as session:
            kept = session.get(TwinRecord, number)
        if kept is None:
            raise ConfigurationError("node.twin_gone", line=line)
        return parse_twin(kept.twin, line)

    def trusted(self, line: str) -> Twin:
        """The same; raises ConfigurationError where no trial was made, or one showed it to be worse than guesses."""
        twin, trust = self._answering(line)
        verdict = (trust or {}).get("verdict", "untested")
        if verdict in UNTRUSTED:
            raise ConfigurationError(f"node.twin_{verdict}", line=line)
        return twin

    def _answering(self, line: str) -> tuple[Twin, Mapping[str, object] | None]:
        kept = self.newest(line)
        if kept is None:
            raise ConfigurationError("node.no_twin", line=line)
        return parse_twin(kept.twin, line), kept.trust

    def names(self, twin: Twin) -> dict[str, str]:
        """What the plant calls a twin's stations and products."""
        machines = self.timeline().newest.machines.values()
        return {machine.id: machine.name for machine in machines} | dict(twin.names)

    def candidates(self, twin: Twin, language: str) -> tuple[Change, ...]:
        """Ready-made changes of a line, in the words of its people."""
        return candidates(twin.line, language, names=self.names(twin))

    def require(self, line: str, question: str, asked: Mapping[str, Any]) -> None:
        """Raises what a question to the twin of a line would fail with; see `submit_question`."""
        twin = self.trusted(line)
        for change in _changes(asked):
            changed(twin.line, change)
        need = _NEEDS.get(question)
        if need is not None and asked.get(need) is None:
            raise ConfigurationError("node.question_needs", question=question, needs=need)
        if question == "shock":
            struck(twin.line, Shock(**asked["shock"]), _study(twin).horizon)

    def record(self, line: str, start: int, end: int) -> Record:
        """What the history knows of a line, microseconds UTC."""
        return record_of_line(self.history, self.timeline(), line, start, end)

    # -- jobs ------------------------------------------------------------------------------------------

    def fit_work(self, context: JobContext, params: Mapping[str, Any]) -> dict[str, Any]:
        """The job kind "twin.fit": params `line`, and `start` and `end` (microseconds) where not the last weeks.

        With `change` (`since` in microseconds, `changes`) it is tried on that, too, as are those that follow; without
        any `changes` in it, what was stated before is forgotten.
        """
        start, end, change = (params.get(name) for name in ("start", "end", "change"))
        return {"twin": self._fitted(context, str(params["line"]), start, end, change)}

    def refit_work(self, context: JobContext, params: Mapping[str, Any]) -> dict[str, Any]:
        """The job kind "twin.refit": every twin older than a day anew; one that cannot be fitted stops no other."""
        del params
        done, left = {}, {}
        for line in self.timeline().newest.lines:
            record = self.newest(line)
            if record is not None and self.now() - record.made_us > REFIT_AFTER_US:
                try:
                    done[line] = self._fitted(context, line, None, None)
                except LinesideError as error:
                    left[line] = {"key": error.key, "fields": dict(error.fields)}
        return {"fitted": done, "left": left}

    def ask_work(self, context: JobContext, params: Mapping[str, Any]) -> dict[str, Any]:
        """The job kind "twin.ask": params `line`, `question` and what that question needs; see `submit_question`."""
        twin = self.trusted(str(params["line"]))
        tell = _teller(context, 0.0, 1.0)
        study = _study(twin)
        question = params["question"]
        if question == "bottleneck":
            return bottleneck(twin.line, study, tell=tell)
        if question == "buffers":
            return best_buffers(twin.line, int(params["places"]), study, tell=tell)
        changes = _changes(params) or self.candidates(twin, str(params.get("language", "en")))
        if question == "shock":
            return shock_costs(twin.line, Shock(**params["shock"]), study, changes=changes, tell=tell)
        if question == "what_if":
            return what_if(twin.line, changes, study, replications=_REPLICATIONS, tell=tell)
        return rank(twin.line, changes, study, tell=tell)

    def _fitted(
        self,
        context: JobContext,
        line: str,
        start: int | None,
        end: int | None,
        change: Mapping[str, Any] | None = None,
    ) -> int:
        """Fits, tries and keeps the twin of a line; gives back its number."""
        until = min(end or self.now(), self.now())
        begin = until - WINDOW_DAYS * _DAY_US if start is None else start
        context.progress(0, _STEPS, "read")
        record = self.record(line, self._first_heard(line, begin, until), until)
        context.progress(50, _STEPS, "fit")
        epochs, tell = self._epochs(line, record, begin, until), _teller(context, 0.1, 0.8, "validate")
        if change is not None and change["changes"]:
            known = _known(record, begin, change["since"], change["changes"])
            twin = fit_now(record, known, epochs, _teller(context, 0.05, 0.1, "fit"))
            trust = validate(record, epochs=epochs, known=known, tell=tell).plain()
        else:
            stated = self._stated(line, record, begin) if change is None else None
            twin = fit_now(record, stated, epochs, _teller(context, 0.05, 0.1, "fit"))
            trust = _trial(record, epochs, stated, twin.changes, tell)
        context.progress(800, _STEPS, "simulate")
        study = _study(twin)
        result = simulate(twin.line, horizon=study.horizon, replications=30, warmup=0.0).plain()
        found = bottleneck(twin.line, study, tell=_teller(context, 0.85, 1.0, "bottleneck"))
        with self.books.session() as session:
            kept = keep_twin(
                session,
                line,
                twin.plain(),
                trust,
                {"result": result, "bottleneck": found},
                made_us=self.now(),
                start_us=_origin(record, begin),
                end_us=until,
            )
            return kept.id

    def tried(self, line: str, start: int, end: int) -> Trust:
        """How a twin of the first two thirds of some time foretells the rest; nothing is kept."""
        record = self.record(line, start, end)
        return validate(record, epochs=self._epochs(line, record, start, end))

    def _stated(self, line: str, record: Record, begin: int) -> Known | None:
        """What somebody said was changed, when the last twin was tried."""
        kept = self.newest(line)
        told: Any = None if kept is None else (kept.trust or {}).get("change")
        if kept is None or not told or not told["changes"]:
            return None
        return _known(record, begin, kept.start_us + round(told["since"] * 1e6), told["changes"])

    def _first_heard(self, line: str, begin: int, until: int) -> int:
        """The begin of what was heard of the line in a window, so that silence before it is no past."""
        sources = {machine.source for machine in self.timeline().newest.machines_of(line)} - {None}
        heard = [self.history.heard(str(source), begin, until) for source in sources]
        first = [int(spans[0, 0]) for spans in heard if len(spans)]
        return max(min(first), begin) if first else begin

    def _epochs(self, line: str, record: Record, begin: int, until: int) -> list[tuple[float, float]] | None:
        """The shifts of the line inside the record, in its seconds; None where it has no calendar."""
        plant = self.timeline().newest
        pace = self._pace(plant, line)
        shifts = shifts_of(plant, pace, begin, until) if pace is not None else []
        if record.epoch is None:
            return None
        zero = record.epoch.timestamp()
        spans = [(shift.start / 1e6 - zero, shift.end / 1e6 - zero) for shift in shifts]
        whole = [(start, end) for start, end in spans if start >= record.start and end <= record.end]
        worked = [span for span in whole if _planned(plant, pace, span, zero)] if pace is not None else []
        return worked or None

    @staticmethod
    def _pace(plant: Plant, line: str) -> Machine | None:
        name = pace_of(plant, line) or next((machine.id for machine in plant.machines_of(line)), None)
        return None if name is None else plant.machines[name]


def submit_fit(
    jobs: Jobs,
    plant: Plant,
    line: str,
    start: int | None = None,
    end: int | None = None,
    change: Mapping[str, Any] | None = None,
) -> Job:
    """Queues a fit of a line, to be tried on a `change` of it, too: `since` as people write times, and `changes`.

    Raises ConfigurationError when the plant has no such line or `since` is no time, ChangesRefused for changes that
    are none.
    """
    _require_line(plant, line)
    params: dict[str, Any] = {"line": line}
    params |= ({} if start is None else {"start": start}) | ({} if end is None else {"end": end})
    if change is not None:
        _changes(change)
        params["change"] = {"since": parse_moment(str(change["since"]), plant), "changes": change["changes"]}
    return jobs.submit("twin.fit", plant.lines[line].name, params)


def submit_question(jobs: Jobs, plant: Plant, line: str, question: str, asked: Mapping[str, Any]) -> Job:
    """Queues a question to the twin of a line.

    `what_if` and `rank` take `changes` (or none: the usual ones), `buffers` takes `places`, `shock` takes `shock`.
    Raises ConfigurationError for another question, ChangesRefused for changes that are none.
    """
    _require_line(plant, line)
    if question not in QUESTIONS:
        raise ConfigurationError("node.no_question", question=question, known=", ".join(QUESTIONS))
    _changes(asked)
    return jobs.submit("twin.ask", plant.lines[line].name, {"line": line, "question": question, **asked})


def _require_line(plant: Plant, line: str) -> None:
    if line not in plant.lines:
        raise ConfigurationError("record.no_line", line=line, known=", ".join(plant.lines) or "-")


def _changes(params: Mapping[str, Any]) -> tuple[Change, ...]:
    changes = params.get("changes")
    return parse_changes({"schema": "lineside.changes/1", "changes": changes}) if changes else ()


def _study(twin: Twin) -> Study:
    """As long as the past the twin was fitted to, so that its products and shifts all come by."""
    return Study(horizon=twin.end - twin.start, threads=1)


def _origin(record: Record, begin: int) -> int:
    """The moment a record's seconds count from, microseconds UTC."""
    return begin if record.epoch is None else round(record.epoch.timestamp() * 1e6)


def _trial(
    record: Record,
    epochs: Sequence[tuple[float, float]] | None,
    stated: Known | None,
    drifts: Sequence[Drift],
    tell: Tell,
) -> dict[str, Any]:
    """How far a twin is to be trusted; tried on the change it was tried on last, as long as the record holds it."""
    for known in [None] if stated is None else [stated, None]:
        try:
            return validate(record, epochs=epochs, known=known, drifts=drifts, tell=tell).plain()
        except ConfigurationError as error:
            untried = {"key": error.key, "fields": dict(error.fields)}
    return {"verdict": "untested", "reason": untried}


def _known(record: Record, begin: int, since: int, changes: Sequence[Mapping[str, Any]]) -> Known:
    """A change in the seconds of a record."""
    return Known((since - _origin(record, begin)) / 1e6, _changes({"changes": changes}))


def _planned(plant: Plant, machine: Machine, span: tuple[float, float], zero: float) -> bool:
    planned = planned_time(plant, machine, round((span[0] + zero) * 1e6), round((span[1] + zero) * 1e6)).spans
    return planned is None or sum(end - start for start, end in planned) > (span[1] - span[0]) * 1e6 / 4


def _teller(context: JobContext, low: float, high: float, message: str = "") -> Callable[[float], None]:
    """Tells shares of one step of some work as progress of the whole."""
    return lambda share: context.progress(round((low + (high - low) * share) * _STEPS), _STEPS, message)
