"""Errors as problem+json (RFC 9457), in the reader's language, without a traceback."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException

from lineside.api.security import SECURITY
from lineside.errors import ConfigurationError, LinesideError, NotIdentified, NotPermitted, Unreachable, UnusableData
from lineside.texts import DEFAULT_LANGUAGE, LANGUAGES

_log = logging.getLogger(__name__)
RETRY_AFTER_S = "10"
"""When to ask again what cannot be done just now."""
_STATUS: tuple[tuple[type[LinesideError], HTTPStatus], ...] = (
    (NotIdentified, HTTPStatus.UNAUTHORIZED),
    (NotPermitted, HTTPStatus.FORBIDDEN),
    (ConfigurationError, HTTPStatus.BAD_REQUEST),
    (UnusableData, HTTPStatus.UNPROCESSABLE_ENTITY),
    (Unreachable, HTTPStatus.BAD_GATEWAY),
)
_STATUS_OF = {
    "trust.too_many": HTTPStatus.TOO_MANY_REQUESTS,
    "api.too_fast": HTTPStatus.TOO_MANY_REQUESTS,
    "api.crowded": HTTPStatus.TOO_MANY_REQUESTS,
    "api.full": HTTPStatus.SERVICE_UNAVAILABLE,
    "api.head_late": HTTPStatus.REQUEST_TIMEOUT,
    "api.head_large": HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    "api.head_wrong": HTTPStatus.BAD_REQUEST,
    "api.no_socket": HTTPStatus.BAD_REQUEST,
    "api.body_unread": HTTPStatus.BAD_REQUEST,
    "api.tls_only": HTTPStatus.BAD_REQUEST,
    "api.hung_up": HTTPStatus.BAD_REQUEST,
    "trust.nobody": HTTPStatus.NOT_FOUND,
    "trust.no_token": HTTPStatus.NOT_FOUND,
    "sign_in.unknown": HTTPStatus.NOT_FOUND,
    "jobs.unknown": HTTPStatus.NOT_FOUND,
    "hub.no_member": HTTPStatus.NOT_FOUND,
    "rules.programme.none": HTTPStatus.NOT_FOUND,
    "applications.none": HTTPStatus.NOT_FOUND,
    "pilots.none": HTTPStatus.NOT_FOUND,
    "support.result_gone": HTTPStatus.NOT_FOUND,
    "valve.no_release": HTTPStatus.NOT_FOUND,
    "node.no_source": HTTPStatus.NOT_FOUND,
    "api.no_pages": HTTPStatus.NOT_FOUND,
    "api.no_authority": HTTPStatus.NOT_FOUND,
    "api.push_nowhere": HTTPStatus.NOT_FOUND,
    "feed.unknown": HTTPStatus.NOT_FOUND,
    "grades.no_thing": HTTPStatus.NOT_FOUND,
    "orders.no_kind": HTTPStatus.NOT_FOUND,
    "hub.no_objection": HTTPStatus.NOT_FOUND,
    "hub.many_lines": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "api.body_late": HTTPStatus.REQUEST_TIMEOUT,
    "api.body_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "api.body_encoding": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "node.upload_gone": HTTPStatus.NOT_FOUND,
    "node.upload_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "node.upload_many": HTTPStatus.SERVICE_UNAVAILABLE,
    "node.upload_unwritten": HTTPStatus.INSUFFICIENT_STORAGE,
    "api.body_packed": HTTPStatus.BAD_REQUEST,
    "api.body_busy": HTTPStatus.SERVICE_UNAVAILABLE,
    "node.pairing_moved": HTTPStatus.CONFLICT,
    "connect.push.not_running": HTTPStatus.SERVICE_UNAVAILABLE,
    "history.disk_full": HTTPStatus.INSUFFICIENT_STORAGE,
    "books.disk_full": HTTPStatus.INSUFFICIENT_STORAGE,
}
_REFUSED = {
    HTTPStatus.NOT_FOUND: "api.nothing_here",
    HTTPStatus.METHOD_NOT_ALLOWED: "api.method",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "api.too_large",
}


class Asked(Request[Any, Any, Any]):
    """A request; that its body is no text, or nested too deeply to be read, is no fault of the node."""

    async def json(self) -> Any:
        """The body. Raises LinesideError."""
        try:
            return await super().json()
        except (RecursionError, UnicodeDecodeError):
            raise LinesideError("api.body_unread") from None


def language_of(request: Request[Any, Any, Any]) -> str:
    """The reader's language: `?lang=`, else the first known one of Accept-Language."""
    return language_among(f"{request.query_params.get('lang', '')},{request.headers.get('accept-language', '')}")


def language_among(words: str) -> str:
    """The first known language of several, as Accept-Language has them."""
    known = (word.strip()[:2].lower() for word in words.split(","))
    return next((word for word in known if word in LANGUAGES), DEFAULT_LANGUAGE)


def lineside_problem(request: Request[Any, Any, Any], error: LinesideError) -> Response[dict[str, Any]]:
    """An error Lineside raised on purpose; what was not permitted is in the ledger."""
    if isinstance(error, NotPermitted) and not isinstance(error, NotIdentified):
        request.app.state.keeper.refused(request, error)
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
    fields = {"method": request.method, "path": request.scope["path"], "reason": "; ".join(filter(None, details))}
    told = _problem(request, status, LinesideError(_REFUSED.get(status, "api.request"), **fields))
    if allowed := (error.headers or {}).get("allow"):  # RFC 9110 has a 405 say what may be done instead
        told.headers["Allow"] = ", ".join(sorted({*allowed.split(", ")} - {"OPTIONS"}))
    return told


def unforeseen_problem(request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    """A fault of Lineside: the log holds the traceback, the answer says so."""
    _log.error("%s %s failed", request.method, request.scope["path"], exc_info=error)
    return _problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, LinesideError("api.fault"))


def headers_of(status: HTTPStatus, error: LinesideError) -> dict[str, str]:
    """When to ask again, or how to say who asks."""
    if status is HTTPStatus.TOO_MANY_REQUESTS:
        return {"Retry-After": str(error.fields.get("seconds", RETRY_AFTER_S))}
    if status is HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": 'Bearer realm="lineside"'}
    if status is HTTPStatus.REQUEST_TIMEOUT:  # the rest of it is not waited for
        return {"Connection": "close", "Retry-After": RETRY_AFTER_S}
    return {"Retry-After": RETRY_AFTER_S} if status is HTTPStatus.SERVICE_UNAVAILABLE else {}


def _problem(request: Request[Any, Any, Any], status: HTTPStatus, error: LinesideError) -> Response[dict[str, Any]]:
    content = problem(error, status, language_of(request))
    headers = SECURITY | headers_of(status, error)
    return Response(content, status_code=status, media_type="application/problem+json", headers=headers)


def answer_of(error: LinesideError, language: str) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Status, headers and body of an error, where no response of the framework can be given."""
    status = status_of(error)
    body = msgspec.json.encode(problem(error, status, language))
    headers = {
        **SECURITY,
        **headers_of(status, error),
        "Content-Type": "application/problem+json",
        "Content-Length": str(len(body)),
    }
    return status, [(name.lower().encode(), value.encode()) for name, value in headers.items()], body


def spoken(scope: Mapping[str, Any]) -> str:
    """The language that a request asks for in its headers."""
    return language_among(
        next((value.decode("latin-1") for name, value in scope["headers"] if name == b"accept-language"), "")
    )


def problem(error: LinesideError, status: HTTPStatus, language: str) -> dict[str, Any]:
    """An error as problem+json has it."""
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
    return content
