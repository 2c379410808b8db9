"""The line that `twin.py` and `_peers.py` simulate: ten unreliable stations in a row."""

from __future__ import annotations

STATIONS, PLACES = 10, 10
WORK, LIFE, REPAIR = 1.0, 100.0, 10.0
