"""What the factories of the demo cluster depend on. All of it is our choice, plausible and not known of any factory.

What is made says which goods come from outside; a job shop keeps more on stock than a series line, which is supplied as
it works; a process takes most energy and can spare least. Who keeps no orders does not know its inputs, who has no
meter does not know its power, and only the more digital ones have a twin that tried a power cap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lineside.demo.cluster.firms import Firm
from lineside.exchange import Energy, Input, Recovery
from lineside.rules import industries
from lineside.texts import DEFAULT_LANGUAGE, say

_STREAM = 5
"""The stream of random numbers of this module."""
_GOODS = {
    "process": ("chemicals", "packaging", "catalysts"),
    "metal": ("steel", "castings", "bearings", "tools", "drives"),
    "electric": ("chips", "boards", "copper", "steel"),
    "other": ("packaging", "yarn", "paper", "tools"),
}
_METAL = frozenset({"31", "32", "33", "34", "35", "36", "37"})
_ELECTRIC = frozenset({"38", "39", "40"})
_STOCK_DAYS = {"job_shop": (10.0, 60.0), "series": (2.0, 20.0), "process": (5.0, 30.0)}
_COST_SHARE = {"job_shop": (0.01, 0.04), "series": (0.02, 0.06), "process": (0.06, 0.15)}
_SPARED = {"job_shop": (0.05, 0.3), "series": (0.0, 0.2), "process": (0.0, 0.05)}
_NO_OTHER = 0.2
"""The share of inputs for which no other source is known."""
_TWIN = 0.5
"""From this digital intensity on a factory has a twin that tried power caps."""
_CAPS, _DAYS = (0.1, 0.2, 0.4), 10.0
_KW_A_MACHINE = 6.0


@dataclass(frozen=True, slots=True)
class Depends:
    """What one factory releases of it."""

    inputs: tuple[Input, ...]
    energy: Energy | None
    recoveries: tuple[Recovery, ...]


def depends(firm: Firm, seed: int, language: str = DEFAULT_LANGUAGE) -> Depends | None:
    """What a factory depends on, as far as it knows; None where it knows nothing. The same arguments give the same."""
    rng = np.random.default_rng([seed, _STREAM, firm.number])
    inputs = _inputs(firm, rng, language) if firm.orders else ()
    energy = _energy(firm, rng) if firm.meter else None
    if not inputs and energy is None:
        return None
    recoveries = _recoveries(firm, energy, rng) if energy is not None and firm.digital >= _TWIN else ()
    return Depends(inputs, energy, recoveries)


def _inputs(firm: Firm, rng: np.random.Generator, language: str) -> tuple[Input, ...]:
    goods = _GOODS[_trade(firm)]
    chosen = rng.permutation(len(goods))[: int(rng.integers(1, 4))]
    return tuple(
        Input(
            what=say(f"demo.cluster.good.{goods[one]}", language),
            share=round(float(rng.uniform(0.1, 0.9)), 2),
            stock_days=round(float(rng.uniform(*_STOCK_DAYS[firm.kind]))),
            replaced_days=None if rng.random() < _NO_OTHER else round(float(rng.uniform(10.0, 90.0))),
        )
        for one in chosen
    )


def _energy(firm: Firm, rng: np.random.Generator) -> Energy:
    return Energy(
        power_kw=round(firm.machines * _KW_A_MACHINE * float(rng.uniform(0.5, 2.0))),
        cost_share=round(float(rng.uniform(*_COST_SHARE[firm.kind])), 3),
        spared=round(float(rng.uniform(*_SPARED[firm.kind])), 2),
    )


def _recoveries(firm: Firm, energy: Energy, rng: np.random.Generator) -> tuple[Recovery, ...]:
    """A twin finds ways around, so it loses less than in proportion; the deeper the cap, the longer the way back."""
    found = []
    for size in _CAPS:
        plain = max(size - energy.spared, 0.0) / (1 - energy.spared)
        middle, wide = plain * float(rng.uniform(0.7, 0.95)), 0.02 + 0.15 * plain
        days = 1.0 + 10.0 * size
        day_cny = firm.revenue_cny / 250
        low, high = max(middle - wide, 0.0), min(middle + wide, 1.0)
        found.append(
            Recovery(
                shock="power",
                size=size,
                days=_DAYS,
                output_lost=(round(low, 3), round(high, 3)),
                recovery_days=(round(0.5 * days, 1), round(1.5 * days, 1)),
                cost_cny=(round(low * day_cny * _DAYS, -2), round(high * day_cny * _DAYS, -2)),
            )
        )
    return tuple(found)


def _trade(firm: Firm) -> str:
    if firm.division in _ELECTRIC:
        return "electric"
    if firm.division in _METAL:
        return "metal"
    return "process" if industries().of(firm.division).kind == "process" else "other"
