"""From signals to states: the rules of the plant file, applied to whole stretches of time at once.

The first rule whose conditions all hold names the state. A signal without a usable value makes a condition
fail; when no rule holds the state is *no data* if any signal of the rules lacks a value, else *unmapped*.
Outside the time its source was heard a machine's state is *no data*, whatever it last said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from lineside.history import Quality, Samples
from lineside.measure.intervals import Intervals, Times, constant, merge, tile, within
from lineside.plant import CODE, Condition, Machine, State

Truth = npt.NDArray[np.bool_]

_ORDERED: Mapping[str, np.ufunc] = {
    ">": np.greater,
    ">=": np.greater_equal,
    "<": np.less,
    "<=": np.less_equal,
}


def derive_states(
    machine: Machine, traces: Mapping[str, Samples], heard: npt.NDArray[np.int64], start: int, end: int
) -> Intervals:
    """The states of `machine` in [start, end).

    `traces` holds the samples of its state signals by signal id, each with the value in force before `start`;
    `heard` the (n, 2) spans in which its source was heard.
    """
    if not machine.states:
        return constant(State.NO_DATA, start, end)
    begin = np.array([start], dtype=np.int64)
    edges = merge(
        [column.clip(start, end - 1) for column in (begin, heard.ravel(), *(t.time for t in traces.values()))]
    )
    codes = rule_codes(machine, traces, edges)
    codes[~within(heard, edges)] = CODE[State.NO_DATA]
    return tile(np.append(edges, end), codes)


def rule_codes(machine: Machine, traces: Mapping[str, Samples], at: Times) -> npt.NDArray[np.int8]:
    """The state code the rules give at each of the ascending times `at`, whether or not the source was heard."""
    index = {signal: np.searchsorted(trace.time, at, side="right") - 1 for signal, trace in traces.items()}
    known = {signal: _usable(traces[signal], position) for signal, position in index.items()}
    every = np.logical_and.reduce(list(known.values())) if known else np.ones(len(at), dtype=bool)
    codes = np.where(every, CODE[State.UNMAPPED], CODE[State.NO_DATA]).astype(np.int8)
    open_ = np.ones(len(at), dtype=bool)
    for rule in machine.states:
        holds = open_.copy()
        for signal, condition in rule.when.items():
            position = index[signal]
            truth = np.append(_truth(condition, traces[signal]), False)
            holds &= known[signal] & truth[position]
        if not rule.when:
            holds &= every
        codes[holds] = CODE[rule.state]
        open_ &= ~holds
    return codes


def _usable(trace: Samples, position: npt.NDArray[np.intp]) -> Truth:
    """Which positions (-1: before the first sample) point at a good or uncertain value."""
    usable = trace.quality <= Quality.UNCERTAIN
    usable &= (trace.codes >= 0) | ~np.isnan(trace.number)
    truth: Truth = np.append(usable, False)[position]
    return truth


def _truth(condition: Condition, trace: Samples) -> Truth:
    """Which samples fulfil the condition."""
    compare = _ORDERED.get(condition.comparison or "")
    if compare is not None and condition.number is not None:
        with np.errstate(invalid="ignore"):
            return np.asarray(compare(trace.number, condition.number))
    equal = _equals(condition.words, trace)
    return ~equal if condition.comparison == "!=" else equal


def _equals(words: Sequence[str], trace: Samples) -> Truth:
    equal = np.zeros(len(trace.time), dtype=bool)
    codes = [code for code, word in enumerate(trace.words) if word in words]
    if codes:
        equal |= np.isin(trace.codes, codes)
    numbers = [value for word in words if (value := _number(word)) is not None]
    if numbers:
        equal |= np.isin(trace.number, numbers)
    return equal


def _number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None
