"""The route of the one WebSocket: what a tab asks for, and that it gets no more than it may have at that moment."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import msgspec
from litestar import WebSocket, websocket
from litestar.exceptions import WebSocketDisconnect, WebSocketException
from litestar.handlers import BaseRouteHandler

from lineside.api.guard import Within, allow, identity_of, needs
from lineside.api.house import House
from lineside.api.live import Client, LiveHub, Topic
from lineside.errors import NotIdentified, NotPermitted
from lineside.trust import Identity, Permission, Reach

_LOOK_S = 1.0
"""How often it is asked anew whether a socket may stay, where nothing is sent on it."""
_UNKNOWN, _FORBIDDEN = 4401, 4403


def live_route(live: LiveHub, house: House) -> BaseRouteHandler:
    """The route by which a tab subscribes to what changes in a house."""

    @websocket("/api/live", opt=needs(Permission.READ_PLANT, Within.ANYWHERE))
    async def live_socket(socket: WebSocket[Any, Any, Any]) -> None:
        """Subscribe to topics; each gives a snapshot, then deltas."""
        await socket.accept()
        client = live.join()
        sender = asyncio.create_task(_send(socket, client, house))
        try:
            while True:
                await _obey(live, client, socket, house)
        except WebSocketDisconnect:
            return
        finally:
            live.leave(client)
            sender.cancel()
            await asyncio.gather(sender, return_exceptions=True)

    return live_socket


async def _send(socket: WebSocket[Any, Any, Any], client: Client, house: House) -> None:
    """Sends frames while the caller may still have them: a session that ended gets not even one more.

    Where nothing is sent it ends within moments, too.
    """
    with contextlib.suppress(WebSocketDisconnect):
        while True:
            frame = await client.next(_LOOK_S)
            try:
                identity = identity_of(socket)
                allow(identity, Permission.READ_PLANT)
                changed = any(_required(identity, one.topic, house).key != one.key for one in client.topics.values())
            except NotPermitted as error:
                await socket.close(_UNKNOWN if isinstance(error, NotIdentified) else _FORBIDDEN, error.key)
                return
            if changed:  # who asks again gets what is theirs now
                await socket.close(_FORBIDDEN, "trust.out_of_reach")
                return
            if frame is not None:
                await socket.send_text(frame.decode())


async def _obey(live: LiveHub, client: Client, socket: WebSocket[Any, Any, Any], house: House) -> None:
    """One message of a client: `{"subscribe": [...]}` or `{"unsubscribe": [...]}`; anything else is ignored.

    Whoever asks for a topic that is not theirs to read is hung up on.
    """
    try:
        message = msgspec.json.decode(await socket.receive_text(), type=dict[str, list[str]])
    except msgspec.DecodeError:
        return
    for name in message.get("subscribe", []):
        if name in live.topics:
            try:
                reach = _required(identity_of(socket), live.topics[name], house)
            except NotPermitted as error:
                raise WebSocketException(detail=str(error), code=_FORBIDDEN) from error
            await live.subscribe(client, name, reach)
    for name in message.get("unsubscribe", []):
        client.topics.pop(name, None)


def _required(identity: Identity, topic: Topic, house: House) -> Reach:
    """What of the house somebody may see of a topic. Raises NotPermitted where that is nothing."""
    allow(identity, topic.permission)
    reach = identity.reach(topic.permission, lambda: house.ground)
    if topic.narrow is None and not reach.whole:
        raise NotPermitted("trust.whole_site")
    return reach
