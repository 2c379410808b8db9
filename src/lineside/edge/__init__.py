"""Edge: reads machines beside them, keeps on disk what they say, and hands it on to a node when that is there."""

from lineside.edge.buffer import Buffer, Waiting
from lineside.edge.forward import Node
from lineside.edge.run import BUFFER_FILE, NOT_READ, EdgeRun, Link

__all__ = ["BUFFER_FILE", "NOT_READ", "Buffer", "EdgeRun", "Link", "Node", "Waiting"]
