"""The demo hub's files: hub.toml with invented regions and the enterprises around its members, and a programme."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib.resources import files

from lineside.demo.cluster.sources import Sources, sources
from lineside.plant import toml_string
from lineside.texts import DEFAULT_LANGUAGE, say

_LARGE_ONES_JOINED = 0.6
"""The share of large enterprises that are members; of smaller ones fewer are, as `sources` has it."""

_HEAD = """\
# The hub of the demo cluster. Its members are generated: they are no factories. The manual says what they are made of.

name = {name}
address = {address}  # by which the two plants that measure find it
time_zone = {zone}  # a month is over when it is over here
size_scheme = "eu-2003"

[protection]
group = 5       # the fewest members that a figure is told of
colluders = 2   # so many may put together what they know, and still learn nothing of another
largest = 0.5   # no sum is told of which one member is more than this share

[telling]
days = 3        # a month is told so many days after its end
generated = true  # it is a demonstration: generated members count, and each figure says how many of them are in it

[observatory]   # what the public is told, with noise
indicators = ["oee", "lead_time"]
epsilon = 0.5
budget = 20.0   # lasts for ten quarters
"""

_REGION = """
[[region]]
code = {code}
name = {{ en = {en}, zh = {zh} }}
tile = [{column}, {row}]
"""

_CHAIN = """
[[chain]]
id = "machines"
name = { en = "From metal to machines", zh = "从金属到机械" }
industries = ["31", "33", "34", "35"]
"""

_POPULATION = """
[[population]]
industry = {industry}
size = {size}
enterprises = {enterprises}
source = {source}
"""


def hub_file(count: int, zone: str, language: str = DEFAULT_LANGUAGE, *, address: str = "") -> str:
    """The text of hub.toml for so many generated members; `zone` is an IANA name, `address` where it will answer."""
    told = sources()
    name = say("demo.cluster.hub", language)
    head = _HEAD.format(name=toml_string(name), zone=toml_string(zone), address=toml_string(address))
    return head + "".join(_regions(told)) + _CHAIN + "".join(_population(told, count, language))


def programme_files() -> Mapping[str, str]:
    """The text of each file of rules of the demo hub by its name: a programme of which its members tell everything."""
    folder = files("lineside.demo.cluster").joinpath("data/programmes")
    return {one.name: one.read_text("utf-8") for one in folder.iterdir() if one.name.endswith(".toml")}


def _regions(told: Sources) -> Iterator[str]:
    for one in told.regions:
        yield _REGION.format(
            code=toml_string(one.code),
            en=toml_string(one.names["en"]),
            zh=toml_string(one.names["zh"]),
            column=one.tile[0],
            row=one.tile[1],
        )


def _population(told: Sources, count: int, language: str) -> Iterator[str]:
    """As many of each size as Eurostat has to one another, and of each industry as the members have."""
    joining = [one.enterprises * one.joining for one in told.sizes]
    largest = told.sizes[-1]
    scale = count * joining[-1] / sum(joining) / _LARGE_ONES_JOINED / largest.enterprises
    of_all = sum(told.industries.values())
    source = toml_string(say("demo.cluster.population", language))
    for size in told.sizes:
        for industry, share in told.industries.items():
            yield _POPULATION.format(
                industry=toml_string(industry),
                size=toml_string(size.id),
                enterprises=round(scale * size.enterprises * share / of_all),
                source=source,
            )
