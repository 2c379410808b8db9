"""Oversight: published questions that members answer through their valve, and obligations with due dates."""

from lineside.hub.oversight.addressing import addressed, require_known
from lineside.hub.oversight.asked import Asked, State, Waiver, Withdrawal
from lineside.hub.oversight.asking import MOST_A_MONTH
from lineside.hub.oversight.oversight import Oversight
from lineside.hub.oversight.questions import Asking, Questions
from lineside.hub.oversight.records import QuestionRecord, WaiverRecord
from lineside.hub.oversight.replies import Replies
from lineside.hub.oversight.standing import Stand
from lineside.hub.oversight.telling import Told, exact

__all__ = [
    "MOST_A_MONTH",
    "Asked",
    "Asking",
    "Oversight",
    "QuestionRecord",
    "Questions",
    "Replies",
    "Stand",
    "State",
    "Told",
    "Waiver",
    "WaiverRecord",
    "Withdrawal",
    "addressed",
    "exact",
    "require_known",
]
