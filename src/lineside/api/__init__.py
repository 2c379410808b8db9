"""REST and the one WebSocket of a node, and what a hub serves the same way; `hub` within is the application of one."""

from lineside.api.app import create_app
from lineside.api.application import Application
from lineside.api.door import Door
from lineside.api.grade_view import catalogue_json, preview_json
from lineside.api.guard import undeclared
from lineside.api.house import House
from lineside.api.member_point_routes import pilots_json, standpoint_json
from lineside.api.member_sum_routes import called_json, seen_json
from lineside.api.membership_routes import EnrolAsked
from lineside.api.membership_view import membership_json, membership_preview_json, profile_of
from lineside.api.overseen_asked import AnswerAsked, ConsentAsked, ExposureAsked, IncidentAsked
from lineside.api.overseen_view import answer_json, draft_json, exposure_basis_json, overseen_json
from lineside.api.people_view import account_json
from lineside.api.solution_view import (
    applied_json,
    need_json,
    needs_json,
    offers_json,
    pack_draft_json,
    solution_json,
    solutions_json,
)
from lineside.api.static import bundle_files
from lineside.api.tls import secured
from lineside.api.valve_routes import ReleaseAsked
from lineside.api.valve_view import release_in_full_json, valve_json
from lineside.api.wire import Doorway, Seats, protocols

__all__ = [
    "AnswerAsked",
    "Application",
    "ConsentAsked",
    "Door",
    "Doorway",
    "EnrolAsked",
    "ExposureAsked",
    "House",
    "IncidentAsked",
    "ReleaseAsked",
    "Seats",
    "account_json",
    "answer_json",
    "applied_json",
    "bundle_files",
    "called_json",
    "catalogue_json",
    "create_app",
    "draft_json",
    "exposure_basis_json",
    "membership_json",
    "membership_preview_json",
    "need_json",
    "needs_json",
    "offers_json",
    "overseen_json",
    "pack_draft_json",
    "pilots_json",
    "preview_json",
    "profile_of",
    "protocols",
    "release_in_full_json",
    "secured",
    "seen_json",
    "solution_json",
    "solutions_json",
    "standpoint_json",
    "undeclared",
    "valve_json",
]
