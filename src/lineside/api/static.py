"""The built web app, with every path of its own answered by its index page."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from mimetypes import guess_type
from pathlib import Path

from litestar import MediaType, Response, get
from litestar.exceptions import NotFoundException

from lineside.api.guard import needs
from lineside.trust import Permission

_FOREVER = "public, max-age=31536000, immutable"


@cache
def bundle_files() -> dict[str, Path]:
    """Every file of the bundle by its path in the web; empty when it was never built."""
    root = Path(str(files("lineside.api"))) / "static"
    return {p.relative_to(root).as_posix(): p for p in root.rglob("*") if p.is_file()}


@get(
    ["/", "/{path:path}"],
    opt=needs(Permission.READ_PLANT),
    include_in_schema=False,
    sync_to_thread=True,
    media_type=MediaType.HTML,
)
def bundle(path: Path | None = None) -> Response[bytes]:
    """A file of the web app, or its index page for every address inside the app."""
    wanted = "" if path is None else path.as_posix().strip("/")
    found = bundle_files()
    if wanted.startswith("api/") or (wanted.startswith("assets/") and wanted not in found):
        raise NotFoundException(f"nothing at /{wanted}")
    file = found.get(wanted) or found.get("index.html")
    if file is None:
        raise NotFoundException("the web app is not built: run `make setup`, or install the wheel")
    caching = _FOREVER if wanted.startswith("assets/") else "no-cache"
    kind = guess_type(file.name)[0] or "application/octet-stream"
    return Response(file.read_bytes(), media_type=kind, headers={"Cache-Control": caching})
