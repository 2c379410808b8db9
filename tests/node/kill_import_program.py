"""Run by test_imports: imports a file into a plant folder and dies when the first piece of it is stored."""

from __future__ import annotations

import os
import sys
import threading
import time
from itertools import count
from pathlib import Path
from typing import Any

from lineside.node import Node, submit_import


def main() -> None:
    """Imports until it dies."""
    node = Node.open(Path(sys.argv[1]))
    append, pieces = node.history.append, count()

    def once(*rows: Any, **how: Any) -> Any:
        """Stores one piece; on a busy machine all would be stored before it dies."""
        if next(pieces):
            threading.Event().wait()
        return append(*rows, **how)

    setattr(node.history, "append", once)  # noqa: B010 - a type checker would have it otherwise
    job = submit_import(node.jobs, {"files": [sys.argv[2]]})
    while not node.jobs.get(job.id).done:
        time.sleep(0.01)
    os._exit(7)  # as a power cut does: nothing is closed


if __name__ == "__main__":
    main()
