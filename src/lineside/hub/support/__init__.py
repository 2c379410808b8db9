"""Support programmes, used: which fit a member, applications, and the laboratory on the members as they are."""

from lineside.hub.support.comparing import Comparison
from lineside.hub.support.enterprises import By
from lineside.hub.support.facts import Fact, told_by
from lineside.hub.support.fitting import Fit, Fits
from lineside.hub.support.knowing import Knowing
from lineside.hub.support.protecting import protected
from lineside.hub.support.reviewing import OF_MEMBER, OF_REVIEWER, open_to_member, open_to_reviewer
from lineside.hub.support.shelf import Shelf
from lineside.hub.support.statements import Told
from lineside.hub.support.support import LABORATORY, MemberStep, ReviewerStep, Support
from lineside.hub.support.trying import Change, Tried

__all__ = [
    "LABORATORY",
    "OF_MEMBER",
    "OF_REVIEWER",
    "By",
    "Change",
    "Comparison",
    "Fact",
    "Fit",
    "Fits",
    "Knowing",
    "MemberStep",
    "ReviewerStep",
    "Shelf",
    "Support",
    "Told",
    "Tried",
    "open_to_member",
    "open_to_reviewer",
    "protected",
    "told_by",
]
