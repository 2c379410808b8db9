"""The routes of a hub, beside those of every house."""

from __future__ import annotations

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from lineside.api import exchange_routes, hub_job_routes, member_routes, objection_routes, sum_routes, tier_routes
from lineside.api.classification_routes import CLASSIFICATION_ROUTES
from lineside.api.incident_routes import INCIDENT_ROUTES
from lineside.api.oversight_routes import OVERSIGHT_ROUTES
from lineside.api.packs_routes import PACKS_ROUTES
from lineside.api.pilot_routes import PILOT_ROUTES
from lineside.api.programme_routes import PROGRAMME_ROUTES
from lineside.api.sandbox_routes import SANDBOX_ROUTES
from lineside.api.shock_routes import SHOCK_ROUTES

HUB_ROUTES: Sequence[ControllerRouterHandler] = (
    exchange_routes.exchange,
    hub_job_routes.hub_job_submit,
    member_routes.hub_settings,
    member_routes.member_list,
    member_routes.member_one,
    member_routes.invitation_list,
    member_routes.invite,
    member_routes.invite_again,
    member_routes.admit,
    member_routes.refuse_member,
    member_routes.close_member,
    member_routes.member_figures,
    member_routes.remark_list,
    objection_routes.objection_list,
    objection_routes.objection_one,
    objection_routes.objection_raise,
    objection_routes.objection_appeal,
    objection_routes.objection_decide,
    tier_routes.hub_about,
    tier_routes.hub_surface,
    tier_routes.hub_line,
    tier_routes.hub_chain,
    tier_routes.hub_point,
    tier_routes.hub_observatory,
    sum_routes.sum_list,
    sum_routes.sum_call,
    sum_routes.sum_stop,
    *PILOT_ROUTES,
    *PACKS_ROUTES,
    *OVERSIGHT_ROUTES,
    *PROGRAMME_ROUTES,
    *SANDBOX_ROUTES,
    *INCIDENT_ROUTES,
    *CLASSIFICATION_ROUTES,
    *SHOCK_ROUTES,
)
