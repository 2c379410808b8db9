"""Builds the manual: English and Chinese side by side, reference tables made from the product itself."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from reference import write_reference

import lineside

project = "Lineside"
author = "The Lineside authors"
copyright = f"2026, {author}"  # noqa: A001 Sphinx's name
version = release = lineside.__version__

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "_generated"]
nitpicky = True
suppress_warnings: list[str] = []

html_theme = "furo"
html_title = f"Lineside {version}"
html_copy_source = False
html_show_sphinx = False

write_reference(Path(__file__).parent / "_generated")
