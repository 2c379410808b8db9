"""An outcome in words, for a reader without statistics."""

from __future__ import annotations

from math import isfinite

from lineside.exchange import catalogue, month_name
from lineside.hub.pilots.inference import Interval
from lineside.hub.pilots.matching import Matched
from lineside.hub.pilots.outcome import Outcome, Verdict
from lineside.hub.pilots.plan import Choice, Hypothesis, Plan
from lineside.hub.pilots.power import Reach
from lineside.hub.pilots.telling import Told
from lineside.texts import DEFAULT_LANGUAGE, say

_MUCH_MISSING = 0.2


def headline(found: Outcome, language: str = DEFAULT_LANGUAGE) -> str:
    """The verdict in one sentence, with the estimate and its interval."""
    return _verdict(found, found.plan, language)


def told_headline(told: Told, plan: Plan, language: str = DEFAULT_LANGUAGE) -> str:
    """The same of what others may be told of it."""
    return f"{_verdict(told, plan, language)} {say('pilots.told.rounded', language)}"


def hypothesis_words(plan: Plan, language: str = DEFAULT_LANGUAGE) -> str:
    """What is expected, from when on and for how long, in one sentence or two."""
    hypothesis = plan.hypothesis
    return say(
        f"pilots.hypothesis.{'relative' if hypothesis.relative else 'absolute'}",
        language,
        start=month_name(plan.start),
        post=plan.post,
        indicator=_name(hypothesis, language),
        expected=_amount(hypothesis.expected, hypothesis, language),
        worth=_amount(hypothesis.worth, hypothesis, language),
    )


def _verdict(found: Outcome | Told, plan: Plan, language: str) -> str:
    effect, key = found.effect, found.verdict.value
    if (
        found.verdict is Verdict.FAILED
        and max(plan.hypothesis.direction * end for end in (effect.low, effect.high)) < 0
    ):
        key = "harmed"
    if found.verdict is Verdict.OPEN and found.doubts:
        key = "doubted"
    return say(
        f"pilots.verdict.{key}",
        language,
        indicator=_name(plan.hypothesis, language),
        effect=_amount(effect.mean, plan.hypothesis, language),
        interval=_range(effect, plan.hypothesis, language),
        worth=_amount(plan.hypothesis.worth, plan.hypothesis, language),
        share=_percent(1 - plan.alpha),
        why=_join([say(f"pilots.doubt.{doubt.value}", language) for doubt in found.doubts], language),
    )


def findings(found: Outcome, language: str = DEFAULT_LANGUAGE) -> list[str]:
    """What lies beneath the verdict, a sentence each: size, groups, the time before, fakes, each factory, gaps."""
    told = [_against_expected(found, language), _groups(found, language), *_before(found, language)]
    return [*told, *_fakes(found, language), *_alone(found, language), *_gaps(found, language)]


def foreseen(reach: Reach, hypothesis: Hypothesis, language: str = DEFAULT_LANGUAGE) -> str:
    """What a plan can find, in one sentence."""
    return say(
        f"pilots.reach.{'hopeless' if reach.hopeless else 'enough'}",
        language,
        smallest=_amount(reach.smallest, hypothesis, language),
        expected=_amount(reach.expected, hypothesis, language),
    )


def compared(found: Matched, language: str = DEFAULT_LANGUAGE) -> list[str]:
    """Why each member is in the comparison group, for the hub's analysts: it names members."""
    said = [
        say(
            "pilots.match",
            language,
            member=one.member,
            treated=one.treated,
            distance=f"{one.distance:.1f}",
            level=f"{one.level:+.3g}",
            trend=f"{one.trend:+.2g}",
            industry=say(f"pilots.match.industry.{'same' if one.same_industry else 'other'}", language),
            size=say(f"pilots.match.size.{'same' if one.same_size else 'other'}", language),
        )
        for one in found.matches
    ]
    said += [say("pilots.match.alone", language, member=member) for member in found.alone]
    return [*said, say("pilots.match.falls_back", language, effect=f"{found.falls_back:+.2g}")]


def _against_expected(found: Outcome, language: str) -> str:
    hypothesis = found.plan.hypothesis
    side = hypothesis.direction
    least, most = sorted((side * found.effect.low, side * found.effect.high))
    expected = abs(hypothesis.expected)
    key = "less" if most < expected else "more" if least > expected else "possible"
    return say(f"pilots.expected.{key}", language, expected=_amount(hypothesis.expected, hypothesis, language))


def _groups(found: Outcome, language: str) -> str:
    key = "matched" if found.plan.chosen is Choice.MATCHED else "named"
    return say(
        f"pilots.groups.{key}",
        language,
        treated=found.treated.counted,
        planned=found.treated.planned,
        comparison=found.comparison.counted,
        others=found.comparison.planned,
    )


def _before(found: Outcome, language: str) -> list[str]:
    if found.parallel is None:
        return [say("pilots.before.unknown", language)]
    check, hypothesis = found.parallel, found.plan.hypothesis
    drift = max(check.drift.high, 0.0) if found.effect.mean > 0 else min(check.drift.low, 0.0)
    return [
        say(
            f"pilots.before.{'apart' if check.p <= 0.05 else 'alike'}",
            language,
            largest=_amount(check.largest.mean, hypothesis, language),
            month=-check.month,
            most=_size(check.not_ruled_out, hypothesis, language),
        ),
        say("pilots.before.drift", language, drift=_amount(drift, hypothesis, language)),
    ]


def _fakes(found: Outcome, language: str) -> list[str]:
    said = []
    if found.fakes.start is not None:
        key = "quiet" if found.fakes.start.holds(0.0) else "seen"
        said.append(
            say(
                f"pilots.fake_start.{key}",
                language,
                interval=_range(found.fakes.start, found.plan.hypothesis, language),
            )
        )
    if found.fakes.share is None:
        return [*said, say("pilots.fakes.few", language)]
    return [*said, say("pilots.fakes", language, number=found.fakes.number, share=_percent(found.fakes.share))]


def _alone(found: Outcome, language: str) -> list[str]:
    hypothesis = found.plan.hypothesis
    ends = sorted(one.effect.mean for one in found.without)
    low, high = (_amount(end, hypothesis, language) for end in (ends[0], ends[-1]))
    return [say("pilots.without", language, low=low, high=high)]


def _gaps(found: Outcome, language: str) -> list[str]:
    said = [say("pilots.generated", language, share=_percent(found.generated))] if found.generated else []
    if found.unused:
        said.append(say("pilots.unused", language, number=len(found.unused)))
    key = "many" if found.missing > _MUCH_MISSING else "few"
    return [*said, say(f"pilots.missing.{key}", language, share=_percent(found.missing))]


def _name(hypothesis: Hypothesis, language: str) -> str:
    return catalogue().of(hypothesis.indicator).names[language]


def _amount(value: float, hypothesis: Hypothesis, language: str) -> str:
    """A change with its sign and unit; shares as points, relative changes as per cent."""
    if not isfinite(value):
        return say("pilots.no_bound", language)
    unit = catalogue().of(hypothesis.indicator).unit
    if hypothesis.relative:
        return f"{_signed(100 * value, '.1f')} %"
    if unit == "share":
        return say("pilots.points", language, points=_signed(100 * value, ".1f"))
    return f"{_signed(value, '.3g')} {unit}"


def _signed(value: float, spec: str) -> str:
    """A number with its sign, which is a real minus as on the screens."""
    return f"{value:+{spec}}".replace("-", "−")


def _size(value: float, hypothesis: Hypothesis, language: str) -> str:
    return _amount(abs(value), hypothesis, language).removeprefix("+")


def _range(one: Interval, hypothesis: Hypothesis, language: str) -> str:
    ends = _amount(one.low, hypothesis, language), _amount(one.high, hypothesis, language)
    return say("pilots.range", language, low=ends[0], high=ends[1])


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _join(parts: list[str], language: str) -> str:
    return say("pilots.and", language).join(parts)
