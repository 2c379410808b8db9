"""A twin as the pages show it: names of people's machines, sentences in their language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lineside.texts import has, say
from lineside.twin import STATES
from lineside.twin.fit import Change, Parameter, Twin
from lineside.twin.validate import in_words, rungs_in_words

Names = Mapping[str, str]


def station_json(twin: Twin, result: Mapping[str, Any], station: str, names: Names) -> dict[str, Any]:
    """A station: its places, what the twin says it does and what it was seen doing."""
    model = twin.line.stations[station]
    seen = next((one for one in twin.seen if one.station == station), None)
    places = next((p for p in twin.parameters if p.what == "places" and p.station == station), None)
    known = None
    if places is not None:
        known = "at_least" if places.note == "at_least" else "measured" if places.n else places.origin
    return {
        "id": station,
        "name": names.get(station, station),
        "servers": model.servers,
        "buffer": {
            "capacity": None if model.buffer is None else model.buffer.capacity,
            "seen": None if places is None else places.value,
            "known": known,
        },
        "shares": {state: result["stations"][station][state] for state in STATES},
        "observed": None if seen is None else dict(seen.shares),
        "coverage": None if seen is None else seen.coverage,
        "to": [route.to for route in model.to],
    }


def parameter_json(parameter: Parameter, names: Names, language: str) -> dict[str, Any]:
    """A parameter with its origin and what is to be said of it."""
    note = f"fit.note.{parameter.note}"
    return {
        "path": parameter.path,
        "what": parameter.what,
        "station": parameter.station,
        "station_name": None if parameter.station is None else names.get(parameter.station, parameter.station),
        "about": names.get(parameter.about, parameter.about),
        "value": parameter.value,
        "unit": parameter.unit,
        "n": parameter.n,
        "low": parameter.low,
        "high": parameter.high,
        "confidence": 0.95,
        "origin": parameter.origin,
        "note": say(note, language) if parameter.note and has(note) else "",
    }


def drift_json(change: Change, names: Names, start_us: int, language: str) -> dict[str, Any]:
    """A drift, with its cause in a sentence."""
    about = names.get(change.about, change.about)
    told = {"station": names.get(change.station, change.station), "about": about, "factor": f"{change.factor:.2g}"}
    told |= {"low": f"{change.low:.2g}", "high": f"{change.high:.2g}"}
    return {
        "what": change.what,
        "station": change.station,
        "about": change.about,
        "since_ms": _ms(start_us, change.since),
        "factor": change.factor,
        "low": change.low,
        "high": change.high,
        "sentence": say(f"fit.drift.{change.what}", language, **told),
    }


def trust_json(trust: Mapping[str, Any] | None, names: Names, start_us: int, language: str) -> dict[str, Any]:
    """How far a twin can be trusted, in words and in numbers; times in epoch milliseconds."""
    told: Mapping[str, Any] = trust or {"verdict": "untested"}
    trusted, not_trusted = in_words(told, names, language)
    whole: dict[str, Any] = {"verdict": told["verdict"], "trusted": trusted, "not_trusted": not_trusted}
    whole["rungs"] = rungs_in_words(told, language)
    whole["stated"] = bool((told.get("change") or {}).get("changes"))
    if "measured" not in told:
        return whole | {"replay": None, "scores": [], "cut_ms": None, "shifts": 0}
    spans = [(_ms(start_us, start), _ms(start_us, end)) for start, end in told["epochs"]]
    return whole | {
        "replay": told["replay"],
        "cut_ms": _ms(start_us, told["cut"]),
        "shifts": len(spans),
        "scores": [_score_json(one, spans, names) for one in told["measured"]],
    }


def _score_json(one: Mapping[str, Any], spans: list[tuple[int, int]], names: Names) -> dict[str, Any]:
    epochs = zip(spans, one["observed"], one["forecast"], strict=True)
    return {
        "measure": one["what"],
        "station": one["station"],
        "station_name": None if one["station"] is None else names.get(one["station"], one["station"]),
        "unit": one["unit"],
        "n": len(spans),
        "epochs": [
            {"start_ms": span[0], "end_ms": span[1], "observed": observed, **forecast}
            for span, observed, forecast in epochs
        ],
        "coverage": one["coverage"],
        "error": one["error"],
        "uniformity": one["uniformity"],
        "contests": one["contests"],
        "verdict": one["verdict"],
    }


def _ms(start_us: int, seconds: float) -> int:
    return round(start_us / 1000 + seconds * 1000)
