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
    return [text for good, text in told if good], [text for good, text in told if not good]


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
