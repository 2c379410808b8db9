from __future__ import annotations

import pytest

from lineside.errors import ConfigurationError
from lineside.plant import Plant, parse_plant
from lineside.trust import AT_HUB, AT_NODE, SITE_ONLY, Grant, Permission, Role, identity_of

TEXT = """\
[site]
id = "works"
timezone = "UTC"
[area.hall]
[line.cell]
area = "hall"
[line.pack]
area = "hall"
[source.hand]
type = "tally"
[source.both]
type = "tally"
[machine.press]
line = "cell"
source = "hand"
[machine.press.signals]
good = { kind = "count" }
[machine.drill]
line = "cell"
source = "both"
[machine.drill.signals]
good = { kind = "count", address = "drill" }
[machine.wrap]
line = "pack"
source = "both"
[machine.wrap.signals]
good = { kind = "count", address = "wrap" }
"""


@pytest.fixture(scope="module")
def plant() -> Plant:
    """Two lines; a source of the first only, and one of both."""
    return parse_plant(TEXT)


REACHES = [
    ("operator", ["site", "area/hall", "line/cell", "line/pack", "machine/press", "machine/drill", "machine/wrap"]),
    ("operator@area/hall", ["area/hall", "line/cell", "line/pack", "machine/press", "machine/drill", "machine/wrap"]),
    ("operator@line/cell", ["line/cell", "machine/press", "machine/drill"]),
    ("operator@machine/wrap", ["machine/wrap"]),
    ("operator@line/gone", []),
]


@pytest.mark.parametrize(("text", "reached"), REACHES)
def test_a_role_reaches_what_lies_in_its_scope(plant: Plant, text: str, reached: list[str]) -> None:
    """What holds more than the scope, as the line of a machine, is out of reach."""
    reach = identity_of("eva", [Grant.parse(text)]).reach(Permission.READ_FACTS, lambda: plant)
    asked = [*REACHES[0][1], "line/gone", "machine/none", "galaxy/milky-way"]

    assert [scope for scope in asked if reach.covers(scope)] == (asked if reach.whole else reached)


def test_a_source_is_fed_by_who_reaches_all_its_machines(plant: Plant) -> None:
    """Who reaches some of them sees it, and writes nothing to it."""
    reach = identity_of("plc", [Grant.parse("collector@line/cell")]).reach(Permission.WRITE_FACTS, lambda: plant)

    assert (reach.feeds("hand"), reach.feeds("both"), reach.touches("both")) == (True, False, True)
    assert not reach.feeds("none")


def test_a_permission_holds_where_its_role_does(plant: Plant) -> None:
    """Who operates one line and reads the other counts at the first only."""
    both = identity_of("eva", [Grant.parse("operator@line/cell"), Grant.parse("finance@line/pack")])

    reads = both.reach(Permission.READ_FACTS, lambda: plant)
    writes = both.reach(Permission.WRITE_FACTS, lambda: plant)

    assert [reads.line("cell"), reads.line("pack")] == [True, True]
    assert [writes.line("cell"), writes.line("pack")] == [True, False]


def test_a_token_may_do_no_more_than_its_account_and_its_limit(plant: Plant) -> None:
    """Both hold: the narrower role and the narrower place."""
    token = identity_of("plc", [Grant.parse("engineer@line/cell")], Grant.parse("collector"))
    nowhere = identity_of("plc", [Grant.parse("engineer@line/cell")], Grant.parse("collector@line/pack"))

    assert token.permissions == {Permission.OPEN, Permission.WRITE_FACTS, Permission.READ_SOURCES}
    assert [token.reach(Permission.WRITE_FACTS, lambda: plant).line(one) for one in ("cell", "pack")] == [True, False]
    assert not any(nowhere.reach(Permission.WRITE_FACTS, lambda: plant).line(one) for one in ("cell", "pack"))


def test_who_has_no_role_may_do_nothing() -> None:
    """But find out that it is so."""
    assert identity_of("eva", [], session=1).permissions == {Permission.OPEN, Permission.SELF}


def test_auditors_read_everything_and_do_nothing() -> None:
    """Also what is added later: of each permission to read, a plant's or a hub's."""
    at_node, at_hub = AT_NODE.permissions[Role.AUDITOR], AT_HUB.permissions[Role.AUDITOR]

    assert {one for one in at_node | at_hub if not one.value.endswith(".read")} == set()
    assert {one for one in Permission if one.value.endswith(".read")} <= at_node | at_hub


@pytest.mark.parametrize(
    "text",
    [
        *("boss", "", "operator@hall", "operator@site/x", "operator@line/", "operator@galaxy/x"),
        *(
            "member",
            "member@line/cell",
            "member@member/",
            "member@member/017",
            "member@member/x",
            "member@member/\u0661",
        ),
    ],
)
def test_what_is_no_role_is_refused(text: str) -> None:
    """With the roles there are, or how a place is written."""
    with pytest.raises(ConfigurationError) as refused:
        Grant.parse(text)

    assert refused.value.cure("zh")


@pytest.mark.parametrize("role", SITE_ONLY)
def test_who_looks_after_the_node_does_so_for_the_site(role: Role) -> None:
    """There is no administrator of a line."""
    with pytest.raises(ConfigurationError):
        Grant.parse(f"{role}@line/cell")
