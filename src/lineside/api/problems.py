"""Errors as problem+json (RFC 9457), in the reader's language, without a traceback."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException

from lineside.errors import ConfigurationError, LinesideError, NotPermitted, Unreachable, UnusableData
from lineside.texts import DEFAULT_LANGUAGE, LANGUAGES, say

_log = logging.getLogger(__name__)
_STATUS: tuple[tuple[type[LinesideError], HTTPStatus], ...] = (
    (NotPermitted, HTTPStatus.FORBIDDEN),
    (ConfigurationError, HTTPStatus.BAD_REQUEST),
    (UnusableData, HTTPStatus.UNPROCESSABLE_ENTITY),
    (Unreachable, HTTPStatus.BAD_GATEWAY),
)


def language_of(request: Request[Any, Any, Any]) -> str:
    """The reader's language: `?lang=`, else the first known one of Accept-Language."""
    wanted = [request.query_params.get("lang", ""), *request.headers.get("accept-language", "").split(",")]
    known = (word.strip()[:2].lower() for word in wanted)
    return next((word for word in known if word in LANGUAGES), DEFAULT_LANGUAGE)


def lineside_problem(request: Request[Any, Any, Any], error: LinesideError) -> Response[dict[str, Any]]:
    """An error Lineside raised on purpose."""
    status = next((s for kind, s in _STATUS if isinstance(error, kind)), HTTPStatus.INTERNAL_SERVER_ERROR)
    language = language_of(request)
    return _problem(
        status,
        error.sentence(language),
        key=error.key,
        fields={name: str(value) for name, value in error.fields.items()},
        cure=error.cure(language),
    )


def http_problem(_: Request[Any, Any, Any], error: HTTPException) -> Response[dict[str, Any]]:
    """A request the framework refused: unknown path, missing or malformed parameter."""
    extra = error.extra if isinstance(error.extra, list) else []
    details = [
        error.detail,
        *(f"{e.get('key', '')}: {e.get('message', '')}" for e in extra if isinstance(e, dict)),
    ]
    return _problem(HTTPStatus(error.status_code), "; ".join(details))


def unforeseen_problem(request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    """A fault of Lineside: the log holds the traceback, the answer says so."""
    _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return _problem(HTTPStatus.INTERNAL_SERVER_ERROR, say("api.fault", language_of(request)))


def _problem(status: HTTPStatus, detail: str, **more: Any) -> Response[dict[str, Any]]:
    content = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": detail,
        **more,
    }
    return Response(content, status_code=status, media_type="application/problem+json")
