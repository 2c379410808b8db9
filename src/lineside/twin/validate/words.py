"""Trust in words: for what a twin can be trusted, and for what it cannot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from lineside.texts import DEFAULT_LANGUAGE, say

_CLOSE = 0.05


def in_words(
    trust: Mapping[str, Any], names: Mapping[str, str], language: str = DEFAULT_LANGUAGE
) -> tuple[list[str], list[str]]:
    """What a validation (`lineside.trust/1`) says the twin is good for, and what not; `names` of stations to show."""
    if trust["verdict"] == "untested":
        reason = trust.get("reason")
        why = say(reason["key"], language, **reason["fields"]) if reason else ""
        return [], [say("validate.untested", language, reason=why).strip()]
    told = [*_structure(trust, language), *_made(trust, language), *_states(trust, names, language)]
    told += _change(trust.get("change"), names, language)
    return [text for good, text in told if good], [text for good, text in told if not good]


def rungs_in_words(trust: Mapping[str, Any], language: str = DEFAULT_LANGUAGE) -> list[dict[str, str]]:
    """Each trial of a validation (`lineside.trust/1`) by itself: `rung` and `verdict` as said, `told` as a key."""
    return [
        {
            "rung": say(f"validate.rung.{rung}", language),
            "verdict": say(f"validate.rung.{told}", language),
            "told": told,
        }
        for rung, told in trust.get("rungs", {}).items()
    ]


def _structure(trust: Mapping[str, Any], language: str) -> Iterator[tuple[bool, str]]:
    replay = trust["replay"]
    if replay is None:
        reason = say(f"validate.{trust['no_replay']}", language)
        yield False, say("validate.structure_untried", language, reason=reason)
    elif replay["holds"]:
        yield True, say("validate.structure", language, share=95)
    else:
        cycle, high = f"{replay['cycle']:.0f}", f"{replay['high']:.0f}"
        yield False, say("validate.no_structure", language, high=high, cycle=cycle)


def _made(trust: Mapping[str, Any], language: str) -> Iterator[tuple[bool, str]]:
    made = next((one for one in trust["measured"] if one["what"] == "made"), None)
    if made is None:
        return
    shifts, error = len(made["observed"]), f"{made['error']['mean'] * 100:+.1f}"
    if made["equivalent"]:
        yield True, say("validate.made", language, shifts=shifts, error=error)
    else:
        yield False, say("validate.made_off", language, error=error)
    ninety = next(one for one in made["coverage"] if one["level"] == 0.9)
    if ninety["low"] > ninety["level"] or ninety["high"] < ninety["level"]:
        yield False, say("validate.made_unsure", language, inside=ninety["inside"], shifts=shifts)
    for contest in made["contests"]:
        baseline = say(f"validate.{contest['baseline']}", language)
        better = contest["verdict"] == "better"
        yield better, say(f"validate.made_{contest['verdict']}", language, baseline=baseline)


def _change(change: Mapping[str, Any] | None, names: Mapping[str, str], language: str) -> Iterator[tuple[bool, str]]:
    """What became of a change that the history holds."""
    if change is None:
        yield False, say("validate.no_change", language)
        return
    drifts = [
        say(
            f"validate.drift.{one['what']}",
            language,
            station=names.get(one["station"], one["station"]),
            about=names.get(one["about"], one["about"]),
            factor=f"{one['factor']:.2g}",
        )
        for one in change["drifts"]
    ]
    told = {"change": ", ".join([*(one["name"] for one in change["changes"]), *drifts]), "shifts": change["shifts"]}
    told |= {"made": change["made"], "gained": f"{(change['gained'] or 0.0) * 100:+.1f}"}
    told |= {end: f"{change['gain'][end] * 100:+.1f}" for end in ("mean", "low", "high")}
    told |= {f"parts_{end}": f"{change['told'][end]:.0f}" for end in ("low", "high")}
    yield change["verdict"] == "held", say(f"validate.change_{change['verdict']}", language, **told)


def _states(trust: Mapping[str, Any], names: Mapping[str, str], language: str) -> Iterator[tuple[bool, str]]:
    """Stations whose share of time in a state is off by more than five points; the others need no word."""
    for one in trust["measured"]:
        if one["what"] == "made":
            continue
        observed = sum(one["observed"]) / len(one["observed"])
        off = one["error"]["mean"] * observed
        if abs(off) > _CLOSE:
            told = {
                "station": names.get(one["station"], one["station"]),
                "state": say(f"cli.twin.{one['what']}", language),
            }
            yield False, say("validate.state_off", language, error=f"{off * 100:+.1f}", **told)
