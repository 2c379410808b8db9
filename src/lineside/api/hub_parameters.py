"""What routes of a hub take."""

from __future__ import annotations

from litestar.di import NamedDependency

from lineside.hub import Hub

TheHub = NamedDependency[Hub]
"""The hub that is asked."""
