"""Run by test_imports: imports a file into a plant folder and dies when the first piece of it is stored."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from lineside.jobs import Job, JobState
from lineside.node import Node, submit_import


def die(job: Job) -> None:
    """Ends the process as a power cut does: nothing is closed."""
    if job.state is JobState.RUNNING and job.done:
        os._exit(7)


def main() -> None:
    """Imports until it dies."""
    node = Node.open(Path(sys.argv[1]))
    node.jobs.subscribe(die)
    node.jobs.wait(submit_import(node.jobs, {"files": [sys.argv[2]]}).id, 30)


if __name__ == "__main__":
    main()
