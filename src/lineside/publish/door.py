"""The one place of this room where bytes leave the node, each of them past the outlet."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from lineside.connect import Broker, broker_session
from lineside.trust import Outlet, Parcel, Withheld

FLOW = "sparkplug"
FORM = "application/x-protobuf"


class Heard(NamedTuple):
    """What a broker delivered; `kept` when it was published before we came."""

    topic: str
    payload: bytes
    kept: bool


class Message(NamedTuple):
    """What is to be published: what it is among others, and which things it tells of."""

    topic: str
    payload: bytes
    what: str
    things: frozenset[str]


class Door:
    """An open connection to a broker."""

    def __init__(self, session: Any, outlet: Outlet, address: str) -> None:
        self._session, self._outlet, self._address = session, outlet, address

    async def publish(self, message: Message, *, qos: int = 0) -> None:
        """Lets one message out, never retained; with QoS 1 it returns when the broker has it. Raises Withheld."""
        _let_out(self._outlet, self._address, message)
        await self._session.publish(message.topic, message.payload, qos=qos)

    def check(self) -> None:
        """Raises Withheld when nothing may leave here any more."""
        if not self._outlet.is_open(FLOW, self._address):
            raise Withheld("trust.flow_closed", flow=FLOW, recipient=self._address)

    def break_off(self) -> None:
        """Leaves without a word, so that the broker tells the will."""
        self._session.abandon()

    async def listen(self, topics: Iterable[str]) -> dict[str, str]:
        """Asks for these topics; gives back those refused, with the reason. What left before has arrived."""
        refused: dict[str, str] = await self._session.listen(topics)
        return refused

    async def gather(self) -> list[Heard]:
        """What came, in order; raises what ended the connection."""
        return [Heard(one.topic, bytes(one.payload), bool(one.retain)) for one, *_ in await self._session.gather()]


@asynccontextmanager
async def opened(broker: Broker, will: Message, outlet: Outlet, address: str) -> AsyncIterator[Door]:
    """A door to a broker, which lets out the will when the connection breaks. Raises Withheld."""
    _let_out(outlet, address, will)
    async with broker_session(broker, (will.topic, will.payload)) as session:
        yield Door(session, outlet, address)


def parcel_of(address: str, message: Message) -> Parcel:
    """A message as the outlet sees it."""
    return Parcel(FLOW, address, message.things, message.payload, FORM, message.what)


def _let_out(outlet: Outlet, address: str, message: Message) -> None:
    outlet.let_out(parcel_of(address, message))
