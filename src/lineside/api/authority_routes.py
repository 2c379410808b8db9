"""The authority that answers for the house, for devices that have not trusted it yet: they compare its fingerprint."""

from __future__ import annotations

from litestar import Response, get

from lineside.api.guard import needs
from lineside.api.house import DATA, TheHouse
from lineside.errors import LinesideError
from lineside.trust import AUTHORITY, Authority, Permission

_FILE = {"Content-Disposition": 'attachment; filename="authority.pem"'}


@get("/api/authority", opt=needs(Permission.OPEN), media_type="application/x-x509-ca-cert", sync_to_thread=True)
def the_authority(house: TheHouse) -> Response[str]:
    """Its certificate in PEM; not found where the house has none of its own."""
    authority = Authority(house.folder / DATA / AUTHORITY)
    if not authority.exists:
        raise LinesideError("api.no_authority")
    return Response(authority.pem, headers=_FILE)
