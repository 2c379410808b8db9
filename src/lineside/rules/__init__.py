"""Rules as data with an edition: industries, size classes; each with its source and how sure that is."""

from lineside.rules.edition import Confidence, Edition, edition_of
from lineside.rules.industries import Division, Industries, industries
from lineside.rules.sizes import SizeClass, Sized, SizeScheme, size_schemes

__all__ = [
    "Confidence",
    "Division",
    "Edition",
    "Industries",
    "SizeClass",
    "SizeScheme",
    "Sized",
    "edition_of",
    "industries",
    "size_schemes",
]
