from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient

from lineside.api import bundle_files

Client = AsyncTestClient[Litestar]


@pytest.mark.parametrize("path", ["/", "/machine/press", "/tally", "/anything/at/all", "/?path=favicon.svg"])
async def test_every_address_of_the_app_is_answered_by_its_index(client: Client, path: str) -> None:
    """A page may be opened by its address; it is looked up anew each time, since it names the other files."""
    answer = await client.get(path)

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.content == bundle_files()["index.html"]


@pytest.mark.parametrize("path", ["/", "/favicon.svg", "/api/plant", "/api/twin"])
async def test_head_is_answered_as_get_without_the_body(address: str, path: str) -> None:
    """A watchdog that only looks gets the same status and headers."""
    async with httpx.AsyncClient(base_url=f"http://{address}", timeout=60) as real:
        whole, answer = await real.get(path), await real.head(path)

    assert (answer.status_code, answer.content) == (whole.status_code, b"")
    for name in ("content-type", "content-length"):
        assert answer.headers[name] == whole.headers[name]


async def test_head_of_what_is_only_posted_is_refused(client: Client) -> None:
    """As GET is."""
    assert (await client.head("/api/tally")).status_code == 405


async def test_assets_are_kept_forever(client: Client) -> None:
    """Their names change with their content."""
    assets = [name for name in bundle_files() if name.startswith("assets/")]

    for name in assets:
        answer = await client.get(f"/{name}")

        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.content == bundle_files()[name]
    assert {name.rpartition(".")[2] for name in assets} >= {"js", "css"}


async def test_pages_replaced_meanwhile_are_not_served(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """An upgrade in place may be under way: a running program serves the pages that belong to it, all of them."""
    monkeypatch.setattr(Path, "read_bytes", lambda _: b"of another version")

    found = {name: (await client.get(f"/{name}")).content for name in bundle_files() if name != "hub.html"}

    assert b"of another version" not in found.values()
    assert b'<div id="app">' in found["index.html"]


async def test_files_carry_their_type(client: Client) -> None:
    """Browsers are told not to guess, so the type must be right."""
    icon = await client.get("/favicon.svg")
    page = await client.get("/")

    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert icon.headers["content-type"].startswith("image/svg+xml")
    assert icon.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path", ["/assets/gone.js", "/api/nothing", "/api/", "/api", "/api/plant/press", "/api/jobs/x"]
)
async def test_what_is_not_there_is_not_the_index(client: Client, path: str) -> None:
    """A missing file or route is an error, not a page."""
    answer = await client.get(path)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/../plant.toml", "/assets/../../../app.py", "/%2e%2e/%2e%2e/app.py", "//etc/passwd"])
async def test_nothing_outside_the_bundle_is_served(client: Client, path: str) -> None:
    """A path cannot climb out of the pages."""
    answer = await client.get(path)

    assert b"[site]" not in answer.content
    assert b"Litestar" not in answer.content
    assert b"root:" not in answer.content


async def test_pages_that_were_never_built_say_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The API works without them."""
    monkeypatch.setattr("lineside.api.static.bundle_files", dict)

    answer = await client.get("/")

    assert (answer.status_code, answer.json()["key"]) == (404, "api.no_pages")
    assert "make setup" in answer.json()["cure"]


ANSWERED = ("/api", "/write", "/ping", "/health", "/metrics", "/mtconnect")


def routes_of(app: Litestar) -> Iterator[tuple[str, str]]:
    """Every path and method that the API answers."""
    for route in app.routes:
        for method in getattr(route, "methods", ()):
            if route.path.startswith(ANSWERED) and not route.path.startswith("/api/docs") and method != "OPTIONS":
                yield re.sub(r":\w+}", "}", route.path), method.lower()


async def test_the_description_lists_every_route(client: Client, app: Litestar) -> None:
    """OpenAPI names each route and method once, says what it does, and loads nothing from elsewhere."""
    answer = await client.get("/api/docs/openapi.json")
    described = answer.json()["paths"]
    operations = [operation for path in described.values() for operation in path.values()]

    assert answer.status_code == 200
    assert {(path, method) for path, methods in described.items() for method in methods} == set(routes_of(app))
    assert len({operation["operationId"] for operation in operations}) == len(operations) >= 14
    assert all(operation["description"] for operation in operations)


async def test_the_description_names_the_parameters_as_they_are_asked(client: Client) -> None:
    """What the description says can be sent."""
    kpi = (await client.get("/api/docs/openapi.json")).json()["paths"]["/api/kpi"]["get"]

    assert {parameter["name"] for parameter in kpi["parameters"]} == {"from", "to", "scope", "by"}
