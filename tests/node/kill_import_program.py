"""Run by test_imports: imports a file into a plant folder and dies when the first piece of it is stored."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from lineside.node import Node, submit_import


def main() -> None:
    """Imports until it dies."""
    node = Node.open(Path(sys.argv[1]))
    job = submit_import(node.jobs, {"files": [sys.argv[2]]})
    while not node.jobs.get(job.id).done:
        pass
    os._exit(7)  # as a power cut does: nothing is closed


if __name__ == "__main__":
    main()
