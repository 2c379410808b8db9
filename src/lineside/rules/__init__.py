"""Rules as data with an edition: industries, size classes; each with its source and how sure that is."""

from lineside.rules.industries import Division, Industries, industries
from lineside.rules.sizes import SizeClass, Sized, SizeScheme, size_schemes

__all__ = [
    "Division",
    "Industries",
    "SizeClass",
    "SizeScheme",
    "Sized",
    "industries",
    "size_schemes",
]
