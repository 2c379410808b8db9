"""The trust in a twin: forecasts of shifts it was not fitted to, beside what happened and beside plain baselines."""

from lineside.twin.validate.baselines import last_week, rate_model
from lineside.twin.validate.epochs import Epoch, epochs_of, seen_in
from lineside.twin.validate.forecast import LEVEL, Ahead, ahead, chance
from lineside.twin.validate.known import Foretold, Known, Rung
from lineside.twin.validate.past import Moment, Past, moment_of
from lineside.twin.validate.replay import Replay, replay
from lineside.twin.validate.scores import LEVELS, Contest, Coverage, Score, crps, score, transform
from lineside.twin.validate.starting import doubts, line_at
from lineside.twin.validate.trust import TRUST, Measured, Trust, Verdict, fit_now, validate
from lineside.twin.validate.words import in_words, rungs_in_words

__all__ = [
    "LEVEL",
    "LEVELS",
    "TRUST",
    "Ahead",
    "Contest",
    "Coverage",
    "Epoch",
    "Foretold",
    "Known",
    "Measured",
    "Moment",
    "Past",
    "Replay",
    "Rung",
    "Score",
    "Trust",
    "Verdict",
    "ahead",
    "chance",
    "crps",
    "doubts",
    "epochs_of",
    "fit_now",
    "in_words",
    "last_week",
    "line_at",
    "moment_of",
    "rate_model",
    "replay",
    "rungs_in_words",
    "score",
    "seen_in",
    "transform",
    "validate",
]
