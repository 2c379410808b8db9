"""Publish: what the plant says of itself to others, where its file asks for it. All of it leaves by `door`."""

from lineside.publish.broker import broker_for, node_name
from lineside.publish.door import FLOW, FORM, parcel_of
from lineside.publish.edge_node import Devices, EdgeNode, Memory, Supply
from lineside.publish.standing import Standing
from lineside.publish.words import said

__all__ = [
    "FLOW",
    "FORM",
    "Devices",
    "EdgeNode",
    "Memory",
    "Standing",
    "Supply",
    "broker_for",
    "node_name",
    "parcel_of",
    "said",
]
