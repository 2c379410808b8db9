"""The hub of a cluster of factories: compares, classifies, supports and oversees without their raw data."""

from lineside.hub.applications import Applications
from lineside.hub.laboratory import try_change

__all__ = ["Applications", "try_change"]
