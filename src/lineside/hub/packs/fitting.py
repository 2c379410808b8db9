"""Whether a pack fits a factory, and why not."""

from __future__ import annotations

from lineside.exchange import Pack, Profile
from lineside.hub.compare.peers import size_name
from lineside.texts import say


def unfit(pack: Pack, profile: Profile, size: str | None, language: str) -> list[str]:
    """A sentence for each thing in which a factory is not whom the pack is for; none where it fits."""
    found = []
    own = profile.industry.strip().upper().removeprefix("C")
    if pack.industries and not any(own.startswith(one.strip().upper().removeprefix("C")) for one in pack.industries):
        found.append(say("packs.unfit.industry", language, own=own, wanted=", ".join(pack.industries)))
    if pack.sizes and size not in pack.sizes:
        wanted = ", ".join(size_name(one, language) for one in pack.sizes)
        key = "packs.unfit.no_size" if size is None else "packs.unfit.size"
        found.append(say(key, language, own="" if size is None else size_name(size, language), wanted=wanted))
    if missing := [one for one in pack.traits if one not in profile.traits]:
        found.append(say("packs.unfit.traits", language, missing=", ".join(missing)))
    return found
