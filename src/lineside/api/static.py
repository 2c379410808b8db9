"""The built web app, with every path of its own answered by the page of the house."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from mimetypes import guess_type
from pathlib import Path

from litestar import MediaType, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from lineside.api.guard import needs
from lineside.api.house import TheHouse
from lineside.api.security import PAGE_SECURITY
from lineside.errors import LinesideError
from lineside.trust import Permission

_PAGES = {"node": "index.html", "hub": "hub.html"}
_FOREVER = "public, max-age=31536000, immutable"


@cache
def bundle_files() -> dict[str, bytes]:
    """Every file of the bundle by its path in the web, as it was first read; empty when it was never built.

    Pages and program belong together: those of an upgrade are served by who starts after it.
    """
    root = Path(str(files("lineside.api"))) / "static"
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


@get("/", opt=needs(Permission.OPEN), include_in_schema=False, sync_to_thread=False, media_type=MediaType.HTML)
def index(house: TheHouse) -> Response[bytes]:
    """The page of the web app."""
    return _file(_PAGES[house.kind])


@get(
    "/{path:path}",
    opt=needs(Permission.OPEN),
    include_in_schema=False,
    sync_to_thread=False,
    media_type=MediaType.HTML,
)
def bundle(house: TheHouse, path: FromPath[Path]) -> Response[bytes]:
    """A file of the web app, or its page for every address inside the app; never that of another kind of house."""
    wanted = path.as_posix().strip("/")
    known = wanted in bundle_files() and wanted not in _PAGES.values()
    if wanted.startswith("api/") or (wanted.startswith("assets/") and not known):
        raise NotFoundException(f"nothing at /{wanted}")
    return _file(wanted if known else _PAGES[house.kind])


def _file(name: str) -> Response[bytes]:
    content = bundle_files().get(name)
    if content is None:
        raise LinesideError("api.no_pages")
    caching = _FOREVER if name.startswith("assets/") else "no-cache"
    kind = guess_type(name)[0] or "application/octet-stream"
    headers = {**(PAGE_SECURITY if kind == MediaType.HTML else {}), "Cache-Control": caching}
    return Response(content, media_type=kind, headers=headers)
