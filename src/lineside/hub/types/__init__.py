"""Types of factories learned from what they measured, and the steps that moved factories of a type."""

from lineside.hub.types.agreement import adjusted_rand
from lineside.hub.types.explaining import Character, Trait, characters
from lineside.hub.types.learned import NO_TYPE, Effort, Learned, Trial, Why, learned
from lineside.hub.types.paths import LEAST_MONTHS, WINDOW, Group, Packs, Path, Step, median_interval, path, window_means
from lineside.hub.types.profiles import Feature, LeftOut, Profiles, profiles
from lineside.hub.types.words import (
    Seen,
    amount,
    in_words,
    left_out_in_words,
    no_path,
    no_type,
    overview,
    path_in_words,
    step_in_words,
    trait_in_words,
)

__all__ = [
    "LEAST_MONTHS",
    "NO_TYPE",
    "WINDOW",
    "Character",
    "Effort",
    "Feature",
    "Group",
    "Learned",
    "LeftOut",
    "Packs",
    "Path",
    "Profiles",
    "Seen",
    "Step",
    "Trait",
    "Trial",
    "Why",
    "adjusted_rand",
    "amount",
    "characters",
    "in_words",
    "learned",
    "left_out_in_words",
    "median_interval",
    "no_path",
    "no_type",
    "overview",
    "path",
    "path_in_words",
    "profiles",
    "step_in_words",
    "trait_in_words",
    "window_means",
]
