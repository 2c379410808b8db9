"""How the node fares, as Prometheus reads it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from litestar import MediaType, Response, get

from lineside import __version__
from lineside.api.guard import needs
from lineside.api.parameters import TheNode
from lineside.api.push_body import Gate
from lineside.api.push_routes import TheGate
from lineside.connect import SourceState
from lineside.node import Node, now_us
from lineside.trust import Permission

_FORMAT = "text/plain; version=0.0.4"


class _Page:
    """Metrics in the text format, one family after the other."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def family(self, name: str, kind: str, help_: str, samples: Iterable[tuple[dict[str, str], float]]) -> None:
        """One metric with its samples; none at all leaves it out."""
        found = [f"{name}{_labels(labels)} {float(value)!r}" for labels, value in samples]
        if found:
            self._lines += [f"# HELP {name} {help_}", f"# TYPE {name} {kind}", *found]

    def text(self) -> str:
        """All of them."""
        return "\n".join(self._lines) + "\n"


def _labels(labels: dict[str, str]) -> str:
    if not labels:
        return ""
    escaped = (f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return "{" + ",".join(escaped) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def metrics_text(node: Node, gate: Gate) -> str:
    """The metrics of a node in Prometheus' text format."""
    page, now = _Page(), now_us()
    health = list(node.intake.health.items())
    about = {name: {"source": name, "type": one.settings.type} for name, one in health}
    page.family("lineside_info", "gauge", "The running node.", [({"version": __version__}, 1)])
    page.family(
        "lineside_source_state",
        "gauge",
        "1 for the state a source is in, 0 for the others.",
        [(about[name] | {"state": state}, one.state is state) for name, one in health for state in SourceState],
    )
    page.family(
        "lineside_source_age_seconds",
        "gauge",
        "Time since a source was last heard.",
        [(about[n], max(0, now - h.last_heard) / 1e6) for n, h in health if h.last_heard is not None],
    )
    page.family(
        "lineside_source_rows_total",
        "counter",
        "Values of a source that were stored since it was last set up.",
        [(about[name], one.values) for name, one in health],
    )
    states = Counter(one["state"] for one in node.now.get("machines", {}).values())
    page.family(
        "lineside_machines", "gauge", "Machines by their state now.", [({"state": s}, c) for s, c in states.items()]
    )
    page.family(
        "lineside_jobs",
        "gauge",
        "Long work that waits or runs.",
        [({"state": state}, count) for state, count in node.jobs.unfinished().items()],
    )
    page.family("lineside_push_requests", "gauge", "Writes that are being taken or wait.", [({}, gate.waiting)])
    free, reserve = node.history.room()
    page.family("lineside_disk_free_bytes", "gauge", "Free space where the history lies.", [({}, free)])
    page.family("lineside_disk_reserve_bytes", "gauge", "Free space below which nothing is written.", [({}, reserve)])
    return page.text()


@get("/metrics", opt=needs(Permission.READ_SOURCES), sync_to_thread=True, media_type=MediaType.TEXT)
def prometheus(node: TheNode, gate: TheGate) -> Response[str]:
    """Sources, machines, jobs, queues and disk, as Prometheus reads them."""
    return Response(metrics_text(node, gate), media_type=_FORMAT)
