"""Shocks: what the loss of an input, a power cap or a price would do to a cluster, and what everybody is told of it."""

from lineside.hub.shocks.checks import require_exposure
from lineside.hub.shocks.effect import Between, Effect, Exposed, Group, Hit, Recoveries, effect, inputs_named
from lineside.hub.shocks.records import ToldShocksRecord
from lineside.hub.shocks.risk import Basis, Risk, risk
from lineside.hub.shocks.shock import MOST_DAYS, MOST_RISE, PUBLISHED, Shock, ShockKind
from lineside.hub.shocks.shocks import EVERY_DAYS, Shocks, Told
from lineside.hub.shocks.telling import Figure, Loss, Seat, figures, renewed, whole

__all__ = [
    "EVERY_DAYS",
    "MOST_DAYS",
    "MOST_RISE",
    "PUBLISHED",
    "Basis",
    "Between",
    "Effect",
    "Exposed",
    "Figure",
    "Group",
    "Hit",
    "Loss",
    "Recoveries",
    "Risk",
    "Seat",
    "Shock",
    "ShockKind",
    "Shocks",
    "Told",
    "ToldShocksRecord",
    "effect",
    "figures",
    "inputs_named",
    "renewed",
    "require_exposure",
    "risk",
    "whole",
]
