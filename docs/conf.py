"""Builds the manual: English and Chinese side by side."""

from __future__ import annotations

import lineside

project = "Lineside"
author = "The Lineside authors"
copyright = f"2026, {author}"  # noqa: A001 Sphinx's name
version = release = lineside.__version__

extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
nitpicky = True
suppress_warnings: list[str] = []

html_theme = "furo"
html_title = f"Lineside {version}"
html_copy_source = False
html_show_sphinx = False
