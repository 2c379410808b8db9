"""What a line model answers by simulation alone: what if, what first, where the bottleneck is.

Every answer is plain data, `lineside.answer/1`, in which no mean stands without its interval.
"""

from lineside.twin.answers.bottleneck import bottleneck
from lineside.twin.answers.buffers import best_buffers
from lineside.twin.answers.candidates import candidates
from lineside.twin.answers.changes import (
    CHANGES,
    Change,
    ChangesRefused,
    changed,
    changes_document,
    parse_changes,
    read_changes,
)
from lineside.twin.answers.periods import active_shares, turning_points
from lineside.twin.answers.rank import rank
from lineside.twin.answers.shock import shock_costs
from lineside.twin.answers.shocks import Shock, struck
from lineside.twin.answers.study import ANSWER, MORE_IS_BETTER, Aim, Study
from lineside.twin.answers.what_if import what_if

__all__ = [
    "ANSWER",
    "CHANGES",
    "MORE_IS_BETTER",
    "Aim",
    "Change",
    "ChangesRefused",
    "Shock",
    "Study",
    "active_shares",
    "best_buffers",
    "bottleneck",
    "candidates",
    "changed",
    "changes_document",
    "parse_changes",
    "rank",
    "read_changes",
    "shock_costs",
    "struck",
    "turning_points",
    "what_if",
]
