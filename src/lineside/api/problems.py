"""Errors as problem+json (RFC 9457), in the reader's language, without a traceback."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException

from lineside.api.security import SECURITY
from lineside.errors import ConfigurationError, LinesideError, NotPermitted, Unreachable, UnusableData
from lineside.texts import DEFAULT_LANGUAGE, LANGUAGES

_log = logging.getLogger(__name__)
RETRY_AFTER_S = "10"
"""When to ask again what cannot be done just now."""
_STATUS: tuple[tuple[type[LinesideError], HTTPStatus], ...] = (
    (NotPermitted, HTTPStatus.FORBIDDEN),
    (ConfigurationError, HTTPStatus.BAD_REQUEST),
    (UnusableData, HTTPStatus.UNPROCESSABLE_ENTITY),
    (Unreachable, HTTPStatus.BAD_GATEWAY),
)
_STATUS_OF = {
    "jobs.unknown": HTTPStatus.NOT_FOUND,
    "node.no_source": HTTPStatus.NOT_FOUND,
    "api.no_pages": HTTPStatus.NOT_FOUND,
    "api.push_nowhere": HTTPStatus.NOT_FOUND,
    "api.body_late": HTTPStatus.REQUEST_TIMEOUT,
    "api.body_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "api.body_encoding": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "api.body_packed": HTTPStatus.BAD_REQUEST,
    "api.body_busy": HTTPStatus.SERVICE_UNAVAILABLE,
    "connect.push.not_running": HTTPStatus.SERVICE_UNAVAILABLE,
    "history.disk_full": HTTPStatus.INSUFFICIENT_STORAGE,
    "books.disk_full": HTTPStatus.INSUFFICIENT_STORAGE,
}
_REFUSED = {
    HTTPStatus.NOT_FOUND: "api.nothing_here",
    HTTPStatus.METHOD_NOT_ALLOWED: "api.method",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "api.too_large",
}


def language_of(request: Request[Any, Any, Any]) -> str:
    """The reader's language: `?lang=`, else the first known one of Accept-Language."""
    wanted = [request.query_params.get("lang", ""), *request.headers.get("accept-language", "").split(",")]
    known = (word.strip()[:2].lower() for word in wanted)
    return next((word for word in known if word in LANGUAGES), DEFAULT_LANGUAGE)


def lineside_problem(request: Request[Any, Any, Any], error: LinesideError) -> Response[dict[str, Any]]:
    """An error Lineside raised on purpose."""
    return _problem(request, status_of(error), error)


def status_of(error: LinesideError) -> HTTPStatus:
    """The status that tells who must act."""
    kind = next((s for kind, s in _STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)
    return _STATUS_OF.get(error.key, kind)


def http_problem(request: Request[Any, Any, Any], error: HTTPException) -> Response[dict[str, Any]]:
    """A request the framework refused: unknown path, missing or malformed parameter."""
    status = HTTPStatus(error.status_code)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return unforeseen_problem(request, error)
    extra = error.extra if isinstance(error.extra, list) else []
    details = [
        error.detail,
        *(f"{e.get('key', '')}: {e.get('message', '')}" for e in extra if isinstance(e, dict)),
    ]
    fields = {"method": request.method, "path": request.url.path, "reason": "; ".join(filter(None, details))}
    return _problem(request, status, LinesideError(_REFUSED.get(status, "api.request"), **fields))


def unforeseen_problem(request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    """A fault of Lineside: the log holds the traceback, the answer says so."""
    _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return _problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, LinesideError("api.fault"))


def _problem(request: Request[Any, Any, Any], status: HTTPStatus, error: LinesideError) -> Response[dict[str, Any]]:
    language = language_of(request)
    content: dict[str, Any] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": error.sentence(language),
        "key": error.key,
        "fields": {name: str(value) for name, value in error.fields.items()},
        "cure": error.cure(language),
    }
    if findings := getattr(error, "findings", ()):
        content["findings"] = [
            {
                "path": getattr(f, "path", None) or getattr(f, "key", ""),
                "sentence": f.sentence(language),
                "cure": f.cure(language),
            }
            for f in findings
        ]
    headers = SECURITY | ({"Retry-After": RETRY_AFTER_S} if status is HTTPStatus.SERVICE_UNAVAILABLE else {})
    return Response(content, status_code=status, media_type="application/problem+json", headers=headers)
