"""The demo cluster: generated members of a hub, made of published distributions, each labelled as what it is."""

from lineside.demo.cluster.generate import (
    MEMBERS,
    MONTHS,
    GeneratedCluster,
    GeneratedMember,
    Said,
    generate,
)
from lineside.demo.cluster.hubfile import hub_file
from lineside.demo.cluster.joining import join
from lineside.demo.cluster.planted import Pilot, Planted
from lineside.demo.cluster.sources import Region, SizeShare, Source, Sources, sources
from lineside.demo.cluster.speaking import Speaker

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
    "Speaker",
    "generate",
    "hub_file",
    "join",
    "sources",
]
