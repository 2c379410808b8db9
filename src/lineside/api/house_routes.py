"""What a house is, for the page that opens it."""

from __future__ import annotations

from typing import Any

from litestar import Request, get

from lineside.api.guard import TheCaller, needs
from lineside.api.house import TheHouse
from lineside.api.problems import language_of
from lineside.trust import LOCAL_OWNER, Permission


@get("/api/house", opt=needs(Permission.OPEN), sync_to_thread=False)
def the_house(house: TheHouse, caller: TheCaller, request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Whether it is a node or a hub, and its name: a hub's is public, a node's is for who may know the plant.

    `attention` is what has to be known before what it shows is believed. Only who owns the folder learns where it lies.
    """
    known, language = Permission.READ_PLANT in caller.permissions, language_of(request)
    return {
        "kind": house.kind,
        "name": house.name if known or house.kind == "hub" else None,
        "timezone": house.zone.key if known else None,
        "attention": [
            {"sentence": one.sentence(language), "cure": one.cure(language)} for one in house.attention if known
        ],
        "folder": str(house.folder.resolve()) if caller is LOCAL_OWNER else None,
    }
