"""What members are: classes of law and scheme beside learned types, each with the steps that moved such factories."""

from lineside.hub.classification.classes import Classed, classes_of
from lineside.hub.classification.classification import Classification, Own, Typed
from lineside.hub.classification.learning import LEARN, Learning, Proven, learn_job, submit_learn
from lineside.hub.classification.records import Kept, TypesRecord
from lineside.hub.classification.reported import NOT_TOLD, Counted, Tally, protected, tallies
from lineside.hub.classification.statement import (
    Band,
    Basis,
    Edition,
    ToldGroup,
    ToldPath,
    ToldStep,
    ToldTrait,
    ToldType,
)
from lineside.hub.classification.telling import classed_json, source_json, told_classes, typeless
from lineside.hub.classification.using import Total
from lineside.hub.classification.words import (
    omitted_words,
    overview_words,
    path_words,
    stability_words,
    step_words,
    trait_words,
    why_words,
)

__all__ = [
    "LEARN",
    "NOT_TOLD",
    "Band",
    "Basis",
    "Classed",
    "Classification",
    "Counted",
    "Edition",
    "Kept",
    "Learning",
    "Own",
    "Proven",
    "Tally",
    "ToldGroup",
    "ToldPath",
    "ToldStep",
    "ToldTrait",
    "ToldType",
    "Total",
    "Typed",
    "TypesRecord",
    "classed_json",
    "classes_of",
    "learn_job",
    "omitted_words",
    "overview_words",
    "path_words",
    "protected",
    "source_json",
    "stability_words",
    "step_words",
    "submit_learn",
    "tallies",
    "told_classes",
    "trait_words",
    "typeless",
    "why_words",
]
