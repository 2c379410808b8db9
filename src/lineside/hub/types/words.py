"""Types and paths in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lineside.exchange import Indicator, catalogue
from lineside.hub.types.explaining import Character, Trait
from lineside.hub.types.learned import Learned, Why
from lineside.hub.types.paths import Path, Step
from lineside.texts import DEFAULT_LANGUAGE, has, say


def in_words(character: Character, least: int, language: str = DEFAULT_LANGUAGE) -> str:
    """What members of a type are like, how many there are at least, and how surely it was found."""
    traits = say("types.and", language).join(trait_in_words(one, language) for one in character.traits)
    return say(
        "types.type",
        language,
        traits=traits or say("types.ordinary", language),
        size=character.size // least * least,
        stability=f"{100 * character.stability:.0f}",
    )


def trait_in_words(trait: Trait, language: str = DEFAULT_LANGUAGE) -> str:
    """A trait with its numbers: "few machines connected (Machines connected 10 %, the others 45 %)"."""
    indicator = catalogue().of(trait.feature.indicator)
    side = "high" if trait.high else "low"
    key = f"types.{trait.feature.kind}.{indicator.id}.{side}"
    if not has(key):
        better = trait.high == (indicator.better == "higher")
        key = (
            f"types.trend.{'better' if better else 'worse'}" if trait.feature.kind == "trend" else f"types.level.{side}"
        )
    return say(
        "types.trait",
        language,
        trait=say(key, language, indicator=indicator.names[language]),
        indicator=indicator.names[language],
        own=amount(trait.own, indicator, language, a_year=trait.feature.kind == "trend"),
        others=amount(trait.others, indicator, language, a_year=trait.feature.kind == "trend"),
    )


def no_type(found: Learned, row: int, language: str = DEFAULT_LANGUAGE) -> str | None:
    """Why a member is of no type; None where it is of one."""
    why = Why(int(found.why[row]))
    return None if why is Why.TYPED else say(f"types.why.{why.name.lower()}", language)


def overview(found: Learned, language: str = DEFAULT_LANGUAGE) -> str:
    """How many types were found and how sure that is; or that there are none."""
    if not found.number:
        return say("types.none_found", language)
    return say("types.found", language, number=found.number, chance=f"{100 * found.p:.2g}")


def left_out_in_words(found: Learned, language: str = DEFAULT_LANGUAGE) -> list[str]:
    """Which features do not count, and why."""
    return [
        say(
            f"types.left_out.{one.why}",
            language,
            feature=say(
                f"types.feature.{one.feature.kind}",
                language,
                indicator=catalogue().of(one.feature.indicator).names[language],
            ),
        )
        for one in found.profiles.left_out
    ]


def path_in_words(path: Path, language: str = DEFAULT_LANGUAGE) -> list[str]:
    """The steps of a path, a sentence each; one sentence where there is none."""
    indicator = catalogue().of(path.target)
    if not path.steps:
        return [no_path(path.target, language)]
    return [_step(one, indicator, path.least, language) for one in path.steps]


def no_path(target: str, language: str = DEFAULT_LANGUAGE) -> str:
    """That no step is known for an indicator."""
    return say("types.path.none", language, indicator=catalogue().of(target).names[language])


@dataclass(frozen=True, slots=True)
class Seen:
    """A step as people read it; without an interval where that may not be told."""

    kind: Literal["pack", "indicator"]
    what: str
    """In the reader's words."""
    gain: float
    interval: tuple[float, float] | None
    members: int
    proven: bool
    cost: float | None


def _step(step: Step, target: Indicator, least: int, language: str) -> str:
    own = step.what if step.kind == "pack" else catalogue().of(step.what).names[language]
    members = step.members // least * least
    seen = Seen(step.kind, own, step.gain, (step.low, step.high), members, step.proven, step.cost)
    return step_in_words(seen, target, language)


def step_in_words(seen: Seen, target: Indicator, language: str = DEFAULT_LANGUAGE) -> str:
    """A step in a sentence."""
    interval = say("types.interval.few", language)
    if seen.interval is not None:
        low, high = (amount(one, target, language) for one in seen.interval)
        interval = say("types.interval", language, low=low, high=high)
    told = say(
        f"types.step.{seen.kind}.{'measured' if seen.proven else 'seen'}",
        language,
        what=seen.what,
        indicator=target.names[language],
        gain=amount(seen.gain, target, language),
        interval=interval,
        members=seen.members,
    )
    return told if seen.cost is None else told + say("types.step.cost", language, cost=f"{seen.cost:,.0f}")


def amount(value: float, indicator: Indicator, language: str, *, a_year: bool = False) -> str:
    """A value with its unit, as fine as the indicator's public grid."""
    if indicator.unit == "share":
        text = say("types.points", language, value=f"{100 * value:+.3g}") if a_year else f"{100 * value:.3g} %"
    else:
        text = f"{value:+.3g} {indicator.unit}" if a_year else f"{value:.3g} {indicator.unit}"
    return say("types.a_year", language, amount=text) if a_year else text
