"""A node that is a member of a hub: membership, its chain of statements, and what it is told."""

from lineside.node.member.answers import Unread
from lineside.node.member.asking import Language
from lineside.node.member.chain import Build, Chain, Kept, Progress, Said, told_before
from lineside.node.member.door import Door, Letter, answers_of
from lineside.node.member.entered import Entered, EnteredValue
from lineside.node.member.member import MEMBER, Carried, Member
from lineside.node.member.membership import Membership, Memberships, Stage, problem_json, problem_of
from lineside.node.member.pilots import PilotsTold
from lineside.node.member.rounds import SeenMember, SeenRound
from lineside.node.member.speaking import things_told
from lineside.node.member.standpoint import Standpoint, Standpoints
from lineside.node.member.sums import CalledSum, SumsTaken
from lineside.node.member.telling import TOLD_AFTER_US, MonthTold, months_due

__all__ = [
    "MEMBER",
    "TOLD_AFTER_US",
    "Build",
    "CalledSum",
    "Carried",
    "Chain",
    "Door",
    "Entered",
    "EnteredValue",
    "Kept",
    "Language",
    "Letter",
    "Member",
    "Membership",
    "Memberships",
    "MonthTold",
    "PilotsTold",
    "Progress",
    "Said",
    "SeenMember",
    "SeenRound",
    "Stage",
    "Standpoint",
    "Standpoints",
    "SumsTaken",
    "Unread",
    "answers_of",
    "months_due",
    "problem_json",
    "problem_of",
    "things_told",
    "told_before",
]
