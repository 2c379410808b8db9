"""What an edge node is called, and the broker it speaks to."""

from __future__ import annotations

from lineside.connect import BROKER_OPTIONS, Broker, broker_of, checked_options
from lineside.plant import SourceSettings, SparkplugNode


def node_name(settings: SparkplugNode, site: str) -> str:
    """Group and name of the edge node, as in a topic."""
    return f"{settings.group}/{settings.node or site}"


def broker_for(settings: SparkplugNode, site: str) -> Broker:
    """The broker of these settings. Raises ConfigurationError for an address or option that means nothing."""
    client = "-".join(("lineside", settings.group, settings.node or site))
    source = SourceSettings.model_validate(
        {"id": "sparkplug", "type": "sparkplug", "url": settings.url, "options": settings.options}
    )
    options = checked_options(source, BROKER_OPTIONS)
    return broker_of(source, options | {"client_id": options["client_id"] or client})
