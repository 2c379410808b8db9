"""An OPC UA server: one subscription for all wanted nodes, with the source's times and qualities.

Promise: best effort beyond the server's queue. A server may drop values when its queue is full, and says so;
that is told. A new session is built from nothing each time, so a server may come back with other indices.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias
from urllib.parse import urlsplit

from lineside.connect.attention import Attention
from lineside.connect.found import Look, Surroundings
from lineside.connect.live import Delivery, LiveSource, now_us
from lineside.connect.mqtt_payload import Path as Path_
from lineside.connect.mqtt_payload import read_path
from lineside.connect.opcua_browse import most_in_a_call
from lineside.connect.opcua_security import APPLICATION_URI, read_security, secure
from lineside.connect.opcua_structures import Structures
from lineside.connect.opcua_trust import Trust
from lineside.connect.opcua_values import NO_SUCH_PLACE, OVERFLOW, observe_value, part_of
from lineside.connect.source import Option
from lineside.connect.tasks import together
from lineside.connect.wording import reason, unusable_url
from lineside.errors import ConfigurationError, LinesideError, Unreachable
from lineside.plant import Kind, SourceSettings

if TYPE_CHECKING:
    from asyncua.client.client import Client
    from asyncua.common.node import Node

    from lineside.connect.opcua_feed import Feed
    from lineside.connect.opcua_publish import Publication

Places: TypeAlias = dict[int, dict[str, Path_]]
"""By the handle of each node: the addresses that it is, and the place in its value of each."""

FIRST_HANDLE = 1
ITEMS_PER_CALL = 1_000
MOST_ITEMS_PER_CALL = 11_714
"""Where a server says how many items it takes at once."""
RESULTS_HELD = 4
GOODBYE_S = 0.5
SHORTEST_PATIENCE_S = 2.0
LATE_S = 0.2
DISTRUSTS = ("BadSecurityChecksFailed", "BadCertificate")
NO_LOGINS = ("BadUserAccessDenied", "BadIdentityToken")
"""Status codes of a server that wants our certificate, or our login, not so."""


class OpcUaSource(LiveSource):
    """Subscribes to nodes of the server at `opc.tcp://host:port[/path]`.

    An address is a node id (`ns=2;s=Press.State`), one with its namespace's URI (`nsu=urn:press;s=State`),
    which survives a change of indices, or a browse path below the root (`/Objects/2:Press/2:State`). Behind a `#`
    stands the place in a structure or array: `ns=2;s=Press.Status#counts[0].good`.
    """

    SCHEMES = frozenset({"opc.tcp"})
    OPTIONS: ClassVar[Mapping[str, Option]] = {
        "publishing_ms": Option(500, "How often the server sends what changed.", 10, 60_000),
        "sampling_ms": Option(100, "How often the server looks at a value; 0 is as fast as it can.", 0, 60_000),
        "queue": Option(50, "How many values of one node the server keeps between two sendings.", 1, 10_000),
        "retry_refused_s": Option(30.0, "How often refused nodes are asked for again.", 0.1, 86_400),
        "connect_s": Option(10.0, "How long an answer may take.", 0.1, 300),
        "security": Option("", "Policy,mode,certificate,key: Basic256Sha256,SignAndEncrypt,node.der,node.pem."),
        "trust": Option("", "Fingerprints, files and folders of certificates to trust beside the trust list."),
        "revocation": Option(True, "Who is trusted by an authority needs its revocation list."),
        "user": Option("", "User name; the password is read from the environment."),
        "password_env": Option("LINESIDE_OPCUA_PASSWORD", "Environment variable that holds the password."),
        "user_cert": Option("", "Certificate to log in with, instead of a user name."),
        "user_key": Option("", "Key of that certificate."),
    }

    def __init__(self, settings: SourceSettings, wanted: Mapping[str, Kind]) -> None:
        super().__init__(settings, wanted)
        self._url = settings.url or ""
        try:
            parts = urlsplit(self._url)
            usable = parts.scheme == "opc.tcp" and parts.hostname and parts.port != 0
        except ValueError as error:
            raise unusable_url(settings) from error
        if not usable:
            raise unusable_url(settings)
        self.security = read_security(settings.id, self.text("security"))

    @classmethod
    def beside(cls, settings: SourceSettings) -> SourceSettings:
        """More slowly, unless it is said how fast: the server serves the node as well."""
        return settings.model_copy(update={"options": {"sampling_ms": 500, **settings.options}})

    async def look_around(self, look: Look) -> Surroundings:
        """Every variable of the server."""
        from asyncua.ua.uaerrors import UaError

        from lineside.connect.opcua_browse import look_around

        try:
            async with self._session() as (client, _):
                return await look_around(client, self.settings, look)
        except UaError as error:
            raise _refusal(error) from error

    async def converse(self, delivery: Delivery) -> None:
        """Subscribes and takes what the server publishes until the session ends."""
        from asyncua.ua.uaerrors import UaError

        try:
            async with self._session() as (client, results):
                delivery.connected()
                attention = Attention(now_us)
                await together(attention.keep(), self._subscribe(client, results, delivery, attention))
        except UaError as error:
            raise _refusal(error) from error

    @property
    def trust(self) -> Trust:
        """Whom this source may open an encrypted session with."""
        beside = None if self.security is None else Path(self.security.certificate).parent
        return Trust.of(self.text("trust"), beside, revocation=bool(self._options["revocation"]))

    @property
    def _keep_alive_s(self) -> float:
        return min(self.settings.stale_after_s / 3, 5.0)

    @asynccontextmanager
    async def _session(self) -> AsyncIterator[tuple[Client, asyncio.Queue[Any]]]:
        """A session, and the queue of what it publishes; an error in it means that the connection is lost."""
        from asyncua.client.client import Client

        from lineside.connect.opcua_feed import attach

        logging.getLogger("asyncua").setLevel(logging.CRITICAL)  # what it has to say is told as the source's health
        patience_s = self.number("connect_s")  # the library's own lasts one second
        client = Client(self._url, timeout=patience_s, watchdog_intervall=max(patience_s, SHORTEST_PATIENCE_S))
        client.application_uri = APPLICATION_URI
        results: asyncio.Queue[Any] = asyncio.Queue(RESULTS_HELD)
        if self._options["user"]:
            client.set_user(self._options["user"])
            client.set_password(os.environ.get(self._options["password_env"], ""))

        async def tell_loss(error: Exception) -> None:
            await results.put(error)

        attach(client, results)
        client.connection_lost_callback = tell_loss
        try:
            async with asyncio.timeout(patience_s):
                if self.security is not None:
                    await secure(client, self.security, self.trust)
                if self._options["user_cert"]:
                    await _log_in_by(client, self.text("user_cert"), self.text("user_key"))
                await client.connect()
            yield client, results
        finally:
            with suppress(Exception):
                async with asyncio.timeout(GOODBYE_S):
                    await client.disconnect()
            client.disconnect_socket()

    async def _subscribe(
        self, client: Client, results: asyncio.Queue[Any], delivery: Delivery, attention: Attention
    ) -> None:
        from asyncua.ua import StatusCode, UInt32
        from asyncua.ua.uaerrors import UaError

        from lineside.connect.opcua_feed import Feed, Unreadable

        feed = await Feed.open(client.uaclient.session, self.number("publishing_ms"), self._keep_alive_s)
        patience_s = max(3 * feed.keep_alive_s, SHORTEST_PATIENCE_S)
        places: Places = {}
        structures = Structures(client)
        clock = asyncio.get_running_loop().time
        refused = await self._monitor(client, feed, self.wanted, places)
        delivery.refused(refused)
        settled = clock() + patience_s
        again = clock() + self.number("retry_refused_s")
        while True:
            asked = clock()
            try:
                async with asyncio.timeout(patience_s):
                    result = await attention.to(results.get())
            except TimeoutError as error:
                if clock() - asked > patience_s + LATE_S:
                    continue  # this node was held up itself, and what came meanwhile is not read yet
                raise Unreachable("connect.opcua.keepalive", seconds=f"{patience_s:g}") from error
            if isinstance(result, Unreadable):
                delivery.notice("connect.opcua.unreadable", reason=str(result))
                continue
            if isinstance(result, TimeoutError):
                raise result
            if isinstance(result, UaError):
                raise Unreachable("connect.opcua.ended", reason=reason(result)) from result
            if isinstance(result, Exception):
                return
            said = attention.said()
            await self._take(result, places, structures, delivery)
            delivery.alive(said)
            if result.status:
                raise Unreachable("connect.opcua.ended", reason=StatusCode(UInt32(result.status)).name)
            if clock() >= settled:
                delivery.refuse_unheard()
            if refused and clock() >= again:
                refused = await self._monitor(client, feed, refused, places)
                delivery.refused(refused)
                again = clock() + self.number("retry_refused_s")

    async def _monitor(
        self, client: Client, feed: Feed, addresses: Mapping[str, str], places: Places
    ) -> dict[str, str]:
        """Asks for the nodes of these addresses and returns those refused, with the server's reason."""
        from asyncua.ua.uaerrors import UaError

        refused: dict[str, str] = {}
        found: dict[Any, dict[str, Path_]] = {}
        uris = await client.get_namespace_array()
        for address in addresses:
            try:
                node, path = await _locate(client, address, uris)
                found.setdefault(node.nodeid, {})[address] = path
            except (UaError, ValueError) as error:
                refused[address] = type(error).__name__ if isinstance(error, UaError) else reason(error)
        handles = dict(enumerate(found, FIRST_HANDLE + len(places)))
        places.update(zip(handles, found.values(), strict=True))
        for handle, why in (await self._ask(client, feed, handles)).items():
            refused.update(dict.fromkeys(places[handle], why))
            places[handle] = {}
        return refused

    async def _ask(self, client: Client, feed: Feed, handles: Mapping[int, Any]) -> dict[int, str]:
        """Asks in calls as large as the server takes."""
        from asyncua.ua.uaerrors import UaError

        refused: dict[int, str] = {}
        wanted = list(handles)
        size = await most_in_a_call(client, MOST_ITEMS_PER_CALL, ITEMS_PER_CALL)
        while wanted:
            some, wanted = wanted[:size], wanted[size:]
            try:
                refused |= await feed.ask(
                    {handle: handles[handle] for handle in some}, int(self.number("queue")), self.number("sampling_ms")
                )
            except UaError as error:
                if len(some) == 1 or "TooManyOperations" not in type(error).__name__:
                    raise
                size, wanted = len(some) // 2, some + wanted  # it takes less than it says, or says nothing
        return refused

    async def _take(self, publication: Publication, places: Places, structures: Structures, delivery: Delivery) -> None:
        """Hands on one publication; an empty one is a keep-alive."""
        received = now_us()
        overflowed: set[str] = set()
        lost: set[str] = set()
        observations = []
        for handle, reading in publication.values:
            wanted = places.get(handle, {})
            full = reading.status & OVERFLOW == OVERFLOW
            for address, path in wanted.items():
                inside = reading
                if path:
                    await structures.meet(reading.value)
                    inside = part_of(reading, path, structures)
                    if inside.status == NO_SUCH_PLACE:
                        lost.add(address)
                observations.append(observe_value(address, self.wanted[address], inside, received))
                if full:
                    overflowed.add(address)
        await delivery.put(observations)
        if overflowed:
            delivery.notice("connect.opcua.overflow", names=", ".join(sorted(overflowed)[:8]))
        if lost:
            delivery.notice("connect.opcua.no_place", names=", ".join(sorted(lost)[:8]))


def _refusal(error: Exception) -> LinesideError:
    """What a server's refusal of a session means to a person."""
    why = f"{type(error).__name__} {reason(error)}"
    if any(word in why for word in DISTRUSTS):
        return Unreachable("connect.opcua.distrusted", reason=reason(error))
    if any(word in why for word in NO_LOGINS):
        return Unreachable("connect.opcua.login", reason=reason(error))
    return Unreachable("connect.opcua.refused", reason=reason(error))


async def _log_in_by(client: Client, certificate: str, key: str) -> None:
    try:
        await client.load_client_certificate(certificate)
        await client.load_private_key(Path(key))
    except (OSError, ValueError, TypeError) as error:
        raise ConfigurationError("connect.opcua.file", file=f"{certificate}, {key}", reason=reason(error)) from error


async def _locate(client: Client, address: str, uris: list[str]) -> tuple[Node, Path_]:
    """The node of an address, and the place in its value; a node whose own id holds a `#` is found by that."""
    from asyncua.ua.uaerrors import UaError

    name, mark, path = address.rpartition("#")
    if not mark:
        return await _find(client, address, uris), ()
    try:
        node = await _find(client, address, uris)
        await node.read_browse_name()
    except (UaError, ValueError):
        return await _find(client, name, uris), read_path(path)
    return node, ()


async def _find(client: Client, address: str, uris: list[str]) -> Node:
    """The node of an address; raises ValueError for a namespace the server lacks."""
    if address.startswith("/"):
        return await client.nodes.root.get_child(address.strip("/").split("/"))
    if address.startswith("nsu="):
        uri, _, identifier = address[4:].partition(";")
        if uri not in uris:
            raise ValueError(f"no namespace {uri}")
        address = f"ns={uris.index(uri)};{identifier}"
    return client.get_node(address)
