"""Values of one month that cannot all be true, by what the catalogue says that each of them is.

Only what follows for every number of lines and machines: what merely looks unlikely is no contradiction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lineside.exchange import Catalogue, Remark, Value

ROUNDING = 0.005
"""So far OEE may lie from what its factors allow, as each may have been rounded to a tenth of a percent."""
ROUNDED_SHARE = 0.0005
ROUNDED_RATIO = 0.02
"""So far two quotients may lie apart, as each of four values may have been rounded to three digits."""
_FACTORS = ("availability", "performance", "quality")

Told = Mapping[str, float]
"""All values that hold of the month, by indicator."""


def combined(said: Sequence[Value], before: Told, catalogue: Catalogue) -> Iterator[Remark]:
    """What contradicts among the values that hold of a month once `said` is taken, `before` being those told of it.

    A contradiction is told where one of its values is said now, not again with each statement of the month.
    """
    now = {one.indicator for one in said}
    told = {name: value for name, value in before.items() if name not in now}
    told |= {one.indicator: one.value for one in said if one.value is not None}
    fastest = catalogue.of("performance").high
    for names, found in (
        (("oee", *_FACTORS), _product(told, fastest)),
        (("quality", "first_pass_yield"), _rejects(told)),
        (("connected_share", "machines_connected"), _machines(told)),
        (("connected_share", "online_share"), _heard(told)),
        ([f"{what}_per_{of}" for what in ("energy", "carbon") for of in ("unit", "value")], _carbon(told)),
    ):
        if not now.isdisjoint(names):
            yield from found


def _product(told: Told, fastest: float) -> Iterator[Remark]:
    """An OEE that no lines with these factors have.

    Of one line it is their product. Of several all four are means, and their OEE need not be: it lies between what the
    factors leave when their losses never fall together, and the least of what each alone allows. A factor that is not
    told allows everything.
    """
    known = [told[name] for name in _FACTORS if name in told]
    if "oee" not in told or not known:
        return
    least = max(0.0, sum(known) - 2) if len(known) == len(_FACTORS) else 0.0
    most = min(told[name] * (1 if name == "performance" else fastest) for name in _FACTORS if name in told)
    if not least - ROUNDING <= told["oee"] <= most + ROUNDING:
        yield Remark(key="product", indicator="oee", fields={"value": told["oee"], "least": least, "most": most})


def _rejects(told: Told) -> Iterator[Remark]:
    """Nothing rejected at any station, and yet at the ones that quality is counted at."""
    quality = told.get("quality", 1.0)
    if told.get("first_pass_yield") == 1 and quality < 1 - ROUNDING:
        yield Remark(key="rejects", indicator="first_pass_yield", fields={"quality": quality})


def _machines(told: Told) -> Iterator[Remark]:
    """A share of machines that so many machines are of no whole number."""
    if "machines_connected" not in told or "connected_share" not in told:
        return
    number, share = told["machines_connected"], told["connected_share"]
    all_of_them = round(number / share) if share > 0 else 0
    if number <= 0 or share <= 0:
        fits = number == share == 0
    else:
        fits = all_of_them >= number and abs(number / all_of_them - share) <= ROUNDED_SHARE
    if not fits:
        yield Remark(key="machines", indicator="connected_share", fields={"share": share, "number": number})


def _heard(told: Told) -> Iterator[Remark]:
    """Connected machines were heard, of which there are none."""
    if told.get("connected_share") == 0 and "online_share" in told:
        yield Remark(key="unconnected", indicator="online_share", fields={"value": told["online_share"]})


def _carbon(told: Told) -> Iterator[Remark]:
    """The site emits so much for each kWh, whatever both are divided by."""
    factors = [_factor(told, of) for of in ("unit", "value")]
    by_unit, by_value = factors
    if by_unit is None or by_value is None:
        return
    if abs(by_unit - by_value) > ROUNDED_RATIO * max(by_unit, by_value):
        fields: dict[str, str | float | int] = {"by_unit": by_unit, "by_value": by_value}
        yield Remark(key="carbon", indicator="carbon_per_value", fields=fields)


def _factor(told: Told, of: str) -> float | None:
    energy, carbon = told.get(f"energy_per_{of}"), told.get(f"carbon_per_{of}")
    return None if not energy or carbon is None else carbon / energy
