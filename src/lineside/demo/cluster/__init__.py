"""The demo cluster: generated members of a hub, made of published distributions, each labelled as what it is."""

from lineside.demo.cluster.generate import (
    MEMBERS,
    MONTHS,
    GeneratedCluster,
    GeneratedMember,
    Said,
    generate,
)
from lineside.demo.cluster.planted import Pilot, Planted
from lineside.demo.cluster.sources import Region, SizeShare, Source, Sources, sources

__all__ = [
    "MEMBERS",
    "MONTHS",
    "GeneratedCluster",
    "GeneratedMember",
    "Pilot",
    "Planted",
    "Region",
    "Said",
    "SizeShare",
    "Source",
    "Sources",
    "generate",
    "sources",
]
