"""Where this machine's clock is: the name of its time zone, as far as it can be told."""

from __future__ import annotations

import os
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_LOCALTIME = Path("/etc/localtime")
_TIMEZONE = Path("/etc/timezone")


def local_zone() -> ZoneInfo:
    """The machine's own time zone, or UTC when it cannot be told."""
    for name in _told():
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            continue
    return ZoneInfo("UTC")


def _told() -> list[str]:
    names = [os.environ.get("TZ", "").removeprefix(":")]
    target = os.path.realpath(_LOCALTIME)
    names.append(target.partition("zoneinfo/")[2].removeprefix("Etc/"))
    if _TIMEZONE.is_file():
        names.append(_TIMEZONE.read_text("utf-8").strip())
    return [name for name in names if name]
