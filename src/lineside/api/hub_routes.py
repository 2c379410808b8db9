"""The routes of a hub, beside those of every house."""

from __future__ import annotations

from collections.abc import Sequence

from litestar.types import ControllerRouterHandler

from lineside.api import tier_routes

HUB_ROUTES: Sequence[ControllerRouterHandler] = (
    tier_routes.hub_about,
    tier_routes.hub_surface,
    tier_routes.hub_line,
    tier_routes.hub_point,
    tier_routes.hub_observatory,
)
