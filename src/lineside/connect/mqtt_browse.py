"""What is published on a broker while somebody listens: topics, the values in their JSON, and their own time."""

from __future__ import annotations

import json

from lineside.connect.found import Look, Note, Offer, Surroundings
from lineside.connect.json_text import read_document
from lineside.connect.mqtt_payload import leaves, look_up, read_path, read_time
from lineside.connect.timestamps import Timestamps, plausible
from lineside.plant import SourceSettings

SPARKPLUG = "spBv1.0/"
MOST_ITEMS = 20_000
TIME_NAMES = frozenset({"time", "timestamp", "ts", "datetime", "date", "eventtime", "sourcetime", "时间"})


class Topics:
    """What was heard on plain topics; `now` is this node's clock, in microseconds."""

    def __init__(self) -> None:
        self.items: dict[str, Offer] = {}
        self.cut = False
        self._times: dict[str, set[str]] = {}
        self._stamps = Timestamps()

    def hear(self, topic: str, payload: bytes, now: int) -> None:
        """Takes one message; one that is neither text nor JSON is offered as of no use."""
        if topic.startswith((SPARKPLUG, "$")) or not topic:
            return
        place = tuple(part for part in topic.split("/") if part) or (topic,)
        try:
            text = payload.decode().strip()
        except UnicodeDecodeError:
            self._offer(topic, place).useless = "bytes"
            return
        try:
            document = read_document(text)
        except ValueError:
            self._see(topic, place, text)
            return
        if isinstance(document, dict | list):
            self._document(topic, place, document, now)
        elif isinstance(document, str):
            self._see(f"{topic}#", place, document)
        else:
            self._see(topic, place, text)

    def _document(self, topic: str, place: tuple[str, ...], document: object, now: int) -> None:
        times = set()
        for path, names, value in leaves(document):
            if names and names[-1].casefold() in TIME_NAMES and self._is_time(value, now):
                times.add(path)
                continue
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            self._see(f"{topic}#{path}", (*place, *names), "" if value is None else text)
        known = self._times.setdefault(topic, times)
        known &= times

    def _is_time(self, value: object, now: int) -> bool:
        time = read_time(value, self._stamps)
        return time is not None and plausible(time, now)

    def _see(self, address: str, place: tuple[str, ...], text: str) -> None:
        self._offer(address, place).seen.see(text)

    def _offer(self, address: str, place: tuple[str, ...]) -> Offer:
        item = self.items.get(address)
        if item is None:
            item = Offer(address, place)
            if len(self.items) < MOST_ITEMS:
                self.items[address] = item
            else:
                self.cut = True
        return item

    def found(self, settings: SourceSettings, look: Look) -> Surroundings:
        """Everything heard; with the path of the source's own time, where all documents have it at one place."""
        common = set.intersection(*self._times.values()) if self._times else set()
        notes = [Note("discover.cut", {"most": MOST_ITEMS})] if self.cut else []
        options = dict(settings.options)
        if common and "time" not in options and look_up({}, read_path(path := min(common, key=len))) is not None:
            options["time"] = path
        settings = settings.model_copy(update={"options": options})
        look.found = len(self.items)
        return Surroundings(settings, list(self.items.values()), notes=notes, listened=True)
