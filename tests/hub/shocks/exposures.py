"""What factories release of what they depend on, made briefly."""

from __future__ import annotations

from typing import Any

from lineside.exchange import Energy, Exposure, Input, Recovery
from lineside.hub.shocks import Exposed, Shock, ShockKind

MONTH = "2026-10"
STEEL = Input(what="Cold-rolled steel", share=0.5, stock_days=10.0, replaced_days=20.0)


def exposure(**other: Any) -> Exposure:
    """What a member says, without a place in a chain."""
    base = {"hub": "0" * 32, "member": 1, "number": 1, "previous": "0" * 64, "made_ms": 0, "month": MONTH}
    return Exposure(**{**base, **other})


def power(spared: float = 0.0, cost_share: float | None = None) -> Exposure:
    """One that tells of its power alone."""
    return exposure(energy=Energy(power_kw=100.0, cost_share=cost_share, spared=spared))


def tried(size: float, lost: tuple[float, float], days: float = 10.0, **other: Any) -> Recovery:
    """What a twin said of a power cap."""
    told = {"shock": "power", "size": size, "days": days, "output_lost": lost, "recovery_days": (1.0, 3.0)}
    return Recovery(**{**told, **other})


def exposed(member: int, told: Exposure | None, employees: float | None = 100.0, group: str = "34") -> Exposed:
    """A factory of a cluster."""
    return Exposed(member, group, employees, told)


def loss_of_steel(days: float = 30.0, size: float = 1.0) -> Shock:
    """The loss of an input that some name."""
    return Shock(ShockKind.SUPPLIER, size, days, "cold-rolled  STEEL")


def cap(size: float, days: float = 10.0) -> Shock:
    """A power cap."""
    return Shock(ShockKind.POWER, size, days)
