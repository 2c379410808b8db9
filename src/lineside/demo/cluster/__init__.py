"""The demo cluster: generated members, made of published distributions and labelled, and two plants that measure."""

from lineside.demo.cluster.asking import ask_everybody
from lineside.demo.cluster.generate import (
    MEMBERS,
    MONTHS,
    GeneratedCluster,
    GeneratedMember,
    Said,
    generate,
)
from lineside.demo.cluster.history import HistoryClock
from lineside.demo.cluster.hubfile import hub_file, programme_files
from lineside.demo.cluster.joining import in_turn, join, release_exposures
from lineside.demo.cluster.looking import look
from lineside.demo.cluster.overseeing import oversee
from lineside.demo.cluster.packs import drafts, publish_packs, spread_packs
from lineside.demo.cluster.piloting import accompany
from lineside.demo.cluster.planted import Pilot, Planted
from lineside.demo.cluster.plants import WHOLE_MONTHS, ClusterPlant, plants
from lineside.demo.cluster.sources import Region, SizeShare, Source, Sources, sources
from lineside.demo.cluster.speaking import Speaker
from lineside.demo.cluster.trying import offer_first

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
    "ask_everybody",
    "drafts",
    "generate",
    "hub_file",
    "in_turn",
    "join",
    "look",
    "offer_first",
    "oversee",
    "plants",
    "programme_files",
    "publish_packs",
    "release_exposures",
    "sources",
    "spread_packs",
]
