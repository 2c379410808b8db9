"""Lineside: the smart factory, at the side of your line."""

__all__ = ["__version__"]

__version__ = "0.1.0"
