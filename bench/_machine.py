"""Which machine a figure is from."""

from __future__ import annotations

import os
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path


def machine(*packages: str) -> str:
    """Return one line: date, processor, system, Python and the versions of these packages."""
    cpu = Path("/proc/cpuinfo")
    names = [x for x in cpu.read_text("utf-8").splitlines() if x.startswith("model name")] if cpu.is_file() else []
    name = names[0].partition(":")[2].strip() if names else platform.processor() or platform.machine()
    versions = "".join(f", {package} {version(package)}" for package in packages)
    today = time.strftime("%Y-%m-%d")
    return f"{today}: {os.cpu_count()} cores of {name}, {platform.system()}, Python {sys.version.split()[0]}{versions}"
