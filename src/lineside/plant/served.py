"""What the plant gives to others: its machines to MTConnect clients, its KPIs to a broker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from lineside.plant.table import Identifier, Table
from lineside.plant.wording import parse_topic_part

TopicPart = Annotated[str, BeforeValidator(parse_topic_part)]
Published = Literal[
    "state", "oee", "availability", "effectiveness", "quality", "coverage", "produced", "good", "rejected"
]


class MTConnectAgent(Table):
    """That MTConnect clients can read the plant's machines from this node."""

    version: Literal["1.3", "2.0", "2.3", "2.5", "2.7"] = Field(
        "2.0", description="Version of MTConnect that the documents are valid for."
    )
    buffer: Annotated[int, Field(ge=1000, le=4_000_000)] = Field(
        131_072, description="Values kept in memory for clients that lag or were cut off."
    )


class SparkplugNode(Table):
    """That the plant says its states and KPIs at a broker, as an edge node of Sparkplug B."""

    url: str = Field(description='The broker, "mqtt://host:1883" or "mqtts://host:8883".')
    group: TopicPart = Field(description="Group in the namespace of the broker.")
    node: TopicPart | None = Field(None, description="Name of this edge node; the site's id when left out.")
    primary_host: TopicPart | None = Field(
        None,
        description="Host application this node works for: while it is offline nothing is sent, and what changed"
        " meanwhile follows.",
    )
    machines: tuple[Identifier, ...] | None = Field(None, description="Machines to tell of; all when left out.")
    lines: tuple[Identifier, ...] | None = Field(None, description="Lines to tell of; all when left out.")
    metrics: tuple[Published, ...] = Field(
        ("state", "oee", "availability", "effectiveness", "quality", "coverage", "produced", "good", "rejected"),
        description='What to tell of each: "state", "oee", "availability", "effectiveness", "quality", "coverage",'
        ' "produced", "good", "rejected"; all when left out.',
        min_length=1,
    )
    every_s: Annotated[float, Field(ge=5, le=3600)] = Field(
        5.0, description="KPIs that changed are sent so often; states at once."
    )
    resend_h: Annotated[float, Field(gt=0, le=720)] = Field(
        72.0, description="How many hours of what was missed are sent when broker and host are back."
    )
    language: Literal["en", "zh"] = Field("en", description="Language of reasons and names.")
    options: Mapping[str, Any] = Field(
        {}, description="How to reach the broker: `client_id`, `user`, `ca` and so on, as of a source of type mqtt."
    )
