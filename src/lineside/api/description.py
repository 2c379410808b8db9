"""The own description of the routes of a house, for programs that are generated from it: OpenAPI under /api/docs."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, Router
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import Method
from litestar.types.internal_types import PathParameterDefinition

from lineside import __version__
from lineside.api.guard import Within, needs
from lineside.trust import Permission

_OTHER_FORMS = {"/write": "application/json", "/api/v2/write": "application/json", "/mtconnect": "text/xml"}
"""Who asks here speaks another protocol, with errors of its own."""
_TEXT = {"type": "string"}
_PROBLEM = {
    "type": "object",
    "description": "What is wrong, and what to do about it (RFC 9457).",
    "required": ["type", "title", "status", "detail", "key", "fields", "cure"],
    "properties": {
        **dict.fromkeys(("type", "title", "detail", "key"), _TEXT),
        "status": {"type": "integer"},
        "fields": {"type": "object", "additionalProperties": _TEXT},
        "cure": {"type": ["string", "null"]},
        "findings": {"type": "array", "items": {"type": "object"}},
    },
}


class Described(JsonRenderPlugin):
    """The document, with the errors as they are told."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """The document as JSON."""
        schemas = openapi_schema["components"]["schemas"]
        if "Problem" not in schemas:
            schemas["Problem"] = _PROBLEM
            for path, operations in openapi_schema["paths"].items():
                for operation in operations.values():
                    operation["responses"].pop("400", None)
                    operation["responses"]["default"] = _refusal(path)
        return super().render(request, openapi_schema)


def _refusal(path: str) -> dict[str, Any]:
    """Every answer of a route that is no success."""
    other = next((form for start, form in _OTHER_FORMS.items() if path.startswith(start)), None)
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": "What is wrong, and what to do", "content": content if other is None else {other: {}}}


def _operation_id(_: HTTPRouteHandler, method: Method, path: list[str | PathParameterDefinition]) -> str:
    """What generated clients call a route: `get_api_jobs`."""
    return "_".join([method.lower(), *(part if isinstance(part, str) else part.name for part in path)])


def _nothing_else(answer: Response[Any]) -> Response[Any]:
    if answer.status_code == NotFoundException.status_code:  # the framework would tell it as a page
        raise NotFoundException
    return answer


def description(kind: str) -> OpenAPIConfig:
    """The description of what a kind of house answers."""
    return OpenAPIConfig(
        f"Lineside {kind}",
        __version__,
        path="/api/docs",
        use_handler_docstrings=True,
        operation_id_creator=_operation_id,
        render_plugins=[Described()],
        openapi_router=Router(
            "/api/docs",
            route_handlers=[],
            opt=needs(Permission.READ_PLANT, Within.ANYWHERE),
            include_in_schema=False,
            after_request=_nothing_else,
        ),
    )
