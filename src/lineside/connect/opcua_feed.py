"""One subscription of an OPC UA session: asks for nodes, and queues what the server publishes of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Self

from asyncua import ua
from asyncua.client.client import Client
from asyncua.client.ua_client import UaClient
from asyncua.client.ua_session import SessionState, UaSession
from asyncua.common.shortcuts import Shortcuts
from asyncua.ua.uaerrors import BadTimeout

from lineside.connect.opcua_publish import read_publication

VALUES_A_MESSAGE = 10_000
VALUE = 13
"""The attribute of a node that holds its value."""
SHORTEST_LIFE = 100
"""Publishing intervals that a subscription lives without hearing from us, at least."""


class Unreadable(Exception):
    """What was published cannot be read: its values are lost."""


class PublishingSession(UaSession):
    """A session that reads in our own way what is published, and queues what ends it, which the library only logs."""

    def __init__(self, client: UaClient, results: asyncio.Queue[Any]) -> None:
        super().__init__(client)
        self._results = results

    async def _publish_loop(self) -> None:
        acknowledged: list[ua.SubscriptionAcknowledgement] = []
        while self.state not in (SessionState.CLOSING, SessionState.CLOSED):
            request = ua.PublishRequest()
            request.Parameters.SubscriptionAcknowledgements, acknowledged = acknowledged, []
            try:
                data = await self._send_request(request, timeout=0)
            except BadTimeout:
                continue
            except Exception as error:  # noqa: BLE001 - whatever it is, nothing more will be published
                await self._results.put(error)
                return
            try:
                read = read_publication(data)
            except Exception as error:  # noqa: BLE001 - whatever these bytes do to the reader, the next may be read
                await self._results.put(Unreadable(f"{type(error).__name__} {error}".strip()))
                continue
            await self._results.put(read)
            if not read.empty:
                acknowledged = [ua.SubscriptionAcknowledgement(read.subscription, read.number)]


def attach(client: Client, results: asyncio.Queue[Any]) -> None:
    """Lets a client that is not connected yet queue what is published to it."""
    client.uaclient.session = PublishingSession(client.uaclient, results)
    client.nodes = Shortcuts(client.uaclient.session)


class Feed:
    """The one subscription of a session."""

    def __init__(self, session: UaSession, granted: ua.CreateSubscriptionResult) -> None:
        self._session = session
        self._id = granted.SubscriptionId
        self.keep_alive_s = granted.RevisedPublishingInterval * granted.RevisedMaxKeepAliveCount / 1000
        """How long the server keeps silent at most."""

    @classmethod
    async def open(cls, session: UaSession, publishing_ms: float, keep_alive_s: float) -> Self:
        """A subscription without nodes yet; the server may grant other times than asked."""
        count = max(round(keep_alive_s * 1000 / publishing_ms), 1)
        parameters = ua.CreateSubscriptionParameters(
            RequestedPublishingInterval=publishing_ms,
            RequestedLifetimeCount=ua.UInt32(max(count * 10, SHORTEST_LIFE)),
            RequestedMaxKeepAliveCount=ua.UInt32(count),
            MaxNotificationsPerPublish=ua.UInt32(VALUES_A_MESSAGE),
            PublishingEnabled=True,
            Priority=ua.Byte(0),
        )
        return cls(session, await session.create_subscription(parameters, _ignore))

    async def ask(self, nodes: Mapping[int, ua.NodeId], queue: int, sampling_ms: float) -> dict[int, str]:
        """Asks for the values of nodes by handles of ours, and returns the handles refused, with the reason."""
        items = [
            ua.MonitoredItemCreateRequest(
                ItemToMonitor=ua.ReadValueId(NodeId=node, AttributeId=ua.UInt32(VALUE)),
                MonitoringMode=ua.MonitoringMode.Reporting,
                RequestedParameters=ua.MonitoringParameters(
                    ClientHandle=ua.UInt32(handle),
                    SamplingInterval=sampling_ms,
                    QueueSize=ua.UInt32(queue),
                    DiscardOldest=True,
                ),
            )
            for handle, node in nodes.items()
        ]
        answers = await self._session.create_monitored_items(
            ua.CreateMonitoredItemsParameters(
                SubscriptionId=self._id, TimestampsToReturn=ua.TimestampsToReturn.Both, ItemsToCreate=items
            )
        )
        return {
            handle: answer.StatusCode.name
            for handle, answer in zip(nodes, answers, strict=True)
            if not answer.StatusCode.is_good()
        }


def _ignore(_: object) -> None:
    """What the library would call with what is published."""
