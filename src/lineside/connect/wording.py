"""How a peer and what went wrong with it are worded."""

from __future__ import annotations

import os
from collections.abc import Mapping

from lineside.errors import ConfigurationError
from lineside.plant import SourceSettings

NAMED = 8


def named(refused: Mapping[str, str]) -> str:
    """The first of these names in order, with the reason of each, and how many more there are."""
    names = [f"{name} ({why})" if why else name for name, why in sorted(refused.items())]
    more = f", +{len(names) - NAMED}" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def reason(error: BaseException) -> str:
    """What an operating system's or library's error says, in one line."""
    if isinstance(error, OSError) and error.errno:  # a name that cannot be resolved has a negative one
        return os.strerror(error.errno) if error.errno > 0 else str(error.strerror)
    return " ".join(str(error).split()) or type(error).__name__


def unusable_url(settings: SourceSettings) -> ConfigurationError:
    """The error of an address its type cannot use."""
    return ConfigurationError("connect.url", source=settings.id, url=without_password(settings.url or ""))


def without_password(url: str) -> str:
    """The address as it may be shown."""
    scheme, mark, rest = url.rpartition("://")
    return f"{scheme}{mark}{rest.rpartition('@')[2]}"
