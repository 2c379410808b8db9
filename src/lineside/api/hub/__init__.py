"""The web application of a hub: a door of its own, for all of a hub is loaded behind it, which no node has use for."""

from lineside.api.hub.app import create_hub_app
from lineside.api.hub_view import invited_json, member_json

__all__ = ["create_hub_app", "invited_json", "member_json"]
