"""REST and the one WebSocket of a node; every route and topic declares its permission."""

from lineside.api.app import create_app
from lineside.api.guard import undeclared
from lineside.api.static import bundle_files

__all__ = ["bundle_files", "create_app", "undeclared"]
