"""The demo cluster: generated members, made of published distributions and labelled, and two plants that measure."""

from lineside.demo.cluster.generate import (
    MEMBERS,
    MONTHS,
    GeneratedCluster,
    GeneratedMember,
    Said,
    generate,
)
from lineside.demo.cluster.history import HistoryClock
from lineside.demo.cluster.hubfile import hub_file
from lineside.demo.cluster.joining import join, release_exposures
from lineside.demo.cluster.packs import drafts, publish_packs, spread_packs
from lineside.demo.cluster.piloting import accompany
from lineside.demo.cluster.planted import Pilot, Planted
from lineside.demo.cluster.plants import WHOLE_MONTHS, ClusterPlant, plants
from lineside.demo.cluster.sources import Region, SizeShare, Source, Sources, sources
from lineside.demo.cluster.speaking import Speaker

__all__ = [
    "MEMBERS",
    "MONTHS",
    "WHOLE_MONTHS",
    "ClusterPlant",
    "GeneratedCluster",
    "GeneratedMember",
    "HistoryClock",
    "Pilot",
    "Planted",
    "Region",
    "Said",
    "SizeShare",
    "Source",
    "Sources",
    "Speaker",
    "accompany",
    "drafts",
    "generate",
    "hub_file",
    "join",
    "plants",
    "publish_packs",
    "release_exposures",
    "sources",
    "spread_packs",
]
