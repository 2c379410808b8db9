"""What a pack would change here, with the values that were chosen; nothing is written by looking."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from lineside.errors import ConfigurationError, LinesideError, UnusableData
from lineside.exchange import Both, Chosen, Pack, Setting, filled, filled_changes
from lineside.node.packs.filling import chosen, filled_template
from lineside.node.packs.merging import difference, merged
from lineside.node.packs.shelf import KeptPack
from lineside.node.twins import Twins
from lineside.plant import PLANT_FILE, Finding, Plant, PlantFileError, parse_plant
from lineside.twin.answers import CHANGES, Change, parse_changes

_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class PlantChange:
    """The plant file as it is and as it would be, byte for byte."""

    before: bytes
    after: bytes
    diff: tuple[str, ...]
    findings: tuple[Finding, ...]
    """What the check of the plant file would find; with any the pack is not applied."""

    @property
    def changes(self) -> bool:
        """Whether anything would be written."""
        return self.before != self.after

    @property
    def before_sha256(self) -> str:
        """By this an application shows that it means the file that was looked at."""
        return sha256(self.before).hexdigest()

    @property
    def after_sha256(self) -> str:
        """Of the file as it would be."""
        return sha256(self.after).hexdigest()


@dataclass(frozen=True, slots=True)
class PackDraft:
    """A pack filled for this plant."""

    kept: KeptPack
    choices: Mapping[str, Chosen]
    line: str | None
    """The line that it is about; None where nothing that was chosen says so."""
    plant: PlantChange
    changes: tuple[dict[str, Any], ...]
    """Of the line model, as `lineside.changes/1` lists them."""
    settings: tuple[Setting, ...]
    instruction: Both

    @property
    def pack(self) -> Pack:
        """What it is made of."""
        return self.kept.pack


class Drafts:
    """Makes them for one plant folder."""

    def __init__(self, folder: Path, twins: Twins) -> None:
        self._file, self._twins = folder / PLANT_FILE, twins

    def draft(self, kept: KeptPack, given: Mapping[str, Any]) -> PackDraft:
        """What a pack would change, with these values of its parameters.

        Raises ConfigurationError for values that fit nothing here, PlantFileError where the plant file makes no sense
        as it is, and UnusableData for a pack that does not.
        """
        pack, plant = kept.pack, self._plant
        choices = chosen(pack, given, plant, sorted(self.stations()))
        line = self._line(pack, choices)
        changes = filled_changes(pack.changes, choices)
        if changes:
            _parsed(changes)
        return PackDraft(
            kept=kept,
            choices=choices,
            line=line,
            plant=self._change(filled_template(pack.plant, choices) if pack.plant.strip() else ""),
            changes=tuple(changes),
            settings=tuple(_setting(one, choices) for one in pack.settings),
            instruction=_both(pack.instruction, choices),
        )

    @property
    def _plant(self) -> Plant:
        return self._twins.timeline().newest

    def stations(self) -> dict[str, str]:
        """Each station that may be chosen, with its line: those of the twin, of a line without one its machines."""
        found: dict[str, str] = {}
        for line in self._plant.lines:
            if self._twins.newest(line) is None:
                named: Iterable[str] = (one.id for one in self._plant.machines_of(line))
            else:
                named = self._twins.twin(line).line.stations
            found.update(dict.fromkeys(named, line))
        return found

    def _line(self, pack: Pack, choices: Mapping[str, Chosen]) -> str | None:
        """The line that was chosen, else that of a station or machine that was, else the only one."""
        by_kind = {one.kind: str(choices[one.id]) for one in reversed(pack.parameters)}
        if "line" in by_kind:
            return by_kind["line"]
        if "station" in by_kind:
            return self.stations()[by_kind["station"]]
        if "machine" in by_kind:
            return self._plant.machines[by_kind["machine"]].line
        return next(iter(self._plant.lines)) if len(self._plant.lines) == 1 else None

    def _change(self, addition: str) -> PlantChange:
        before = self.read()
        text = before.decode("utf-8-sig", "strict")
        after = merged(text, addition) if addition else text
        marked = before.startswith(_BOM.encode())
        written = (_BOM if marked else "").encode() + after.encode() if after != text else before
        return PlantChange(before, written, difference(text, after, PLANT_FILE), _findings(after, self._file))

    def read(self) -> bytes:
        """The plant file as it is now. Raises ConfigurationError, PlantFileError for one that is not UTF-8."""
        try:
            content = self._file.read_bytes()
        except OSError as error:
            reason = error.strerror or str(error)
            raise ConfigurationError("plant.unreadable", file=str(self._file), reason=reason) from error
        try:
            content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise PlantFileError(self._file, [Finding(line, "", "plant.encoding")]) from error
        return content


def together(title: str, changes: Sequence[Mapping[str, Any]]) -> Change:
    """All changes of a pack as one, by its title: they are made together, so the twin is asked for them together.

    Raises ConfigurationError where two of them set or scale the same place.
    """
    sets, scales, removes = dict[str, Any](), dict[str, float](), list[str]()
    for change in _parsed(changes):
        for pointer in (*change.sets, *change.scales):
            if pointer in sets or pointer in scales:
                raise ConfigurationError("solutions.twice", pointer=pointer)
        sets.update(change.sets)
        scales.update(change.scales)
        removes += change.removes
    return Change.model_validate({"name": title[:200], "set": sets, "scale": scales, "remove": removes})


def _parsed(changes: Sequence[Mapping[str, Any]]) -> tuple[Change, ...]:
    try:
        return parse_changes({"schema": CHANGES, "changes": list(changes)}, "pack")
    except LinesideError as error:
        raise UnusableData("solutions.changes", reason=error.sentence()) from error


def _findings(text: str, path: Path) -> tuple[Finding, ...]:
    try:
        parse_plant(text, path)
    except PlantFileError as error:
        return error.findings
    return ()


def _both(words: Both, choices: Mapping[str, Chosen]) -> Both:
    return Both(en=filled(words.en, choices), zh=filled(words.zh, choices))


def _setting(setting: Setting, choices: Mapping[str, Chosen]) -> Setting:
    return Setting(words=_both(setting.words, choices), value=filled(setting.value, choices), unit=setting.unit)
