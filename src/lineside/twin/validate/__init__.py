"""The trust in a twin: forecasts of shifts it was not fitted to, beside what happened and beside plain baselines."""

from lineside.twin.validate.baselines import last_week, rate_model
from lineside.twin.validate.scores import LEVELS, Contest, Coverage, Score, crps, score, transform

__all__ = [
    "LEVELS",
    "Contest",
    "Coverage",
    "Score",
    "crps",
    "last_week",
    "rate_model",
    "score",
    "transform",
]
