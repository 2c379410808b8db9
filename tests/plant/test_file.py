from __future__ import annotations

import os
from pathlib import Path

import pytest

from lineside.errors import ConfigurationError
from lineside.plant import PLANT_FILE, Finding, PlantFileError, parse_plant, read_plant

SITE = '[site]\nid = "works"\ntimezone = "Europe/Berlin"\n'
"""Three lines; what a test appends begins on the fourth."""

WHOLE = """\
[site]
id = "works"
timezone = "Europe/Berlin"
production_day_starts = "06:00"
calendar = "two-shift"

[[calendar.two-shift.shift]]
name = "early"
days = "mon-fri"
start = "06:00"
end = "14:00"
breaks = ["09:00-09:15"]

[area.hall]
[line.milling]
area = "hall"
pace = "mazak"
product = "shaft"

[product.shaft]
ideal_cycle_s = 42.5

[source.adapter]
type = "shdr"
url = "tcp://127.0.0.1:7878"

[machine.mazak]
line = "milling"
source = "adapter"

[machine.mazak.signals]
execution = { kind = "state" }
load = { kind = "measure", unit = "%" }
parts = { kind = "counter" }

[[machine.mazak.states]]
state = "running"
when = { execution = "ACTIVE", load = "> 2.5" }

[machine.mazak.units]
total = "parts"

[[order]]
id = "A1"
product = "shaft"
line = "milling"
quantity = 10
start = 2026-03-01T06:00:00
end = 2026-03-01T14:00:00
"""


def findings(text: str) -> tuple[Finding, ...]:
    """Everything a text is refused for."""
    with pytest.raises(PlantFileError) as raised:
        parse_plant(text)
    return raised.value.findings


def only(text: str) -> tuple[int, str, str]:
    """Line, key and problem of the one thing that is wrong with a text."""
    (finding,) = findings(text)
    return finding.line, finding.key, finding.problem


def test_a_whole_plant_is_read(tmp_path: Path) -> None:
    """A plant with everything in it is accepted, and its text is kept as it stands."""
    (tmp_path / PLANT_FILE).write_text(WHOLE, "utf-8")

    read = read_plant(tmp_path)

    assert list(read.plant.machines) == ["mazak"]
    assert read.text == WHOLE


def test_a_file_that_begins_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    """Windows editors put a mark before the first key; it is no part of it."""
    (tmp_path / PLANT_FILE).write_text(WHOLE, "utf-8-sig")

    assert read_plant(tmp_path).plant.site.id == "works"


def test_a_folder_without_a_plant_file_is_told_how_to_get_one(tmp_path: Path) -> None:
    """The error names the file that is missing and the command that makes one."""
    with pytest.raises(ConfigurationError) as raised:
        read_plant(tmp_path)

    assert raised.value.key == "plant.no_file"
    assert str(tmp_path / PLANT_FILE) in raised.value.sentence()
    assert f"lineside new {tmp_path}" in (raised.value.cure() or "")


def test_a_plant_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    """A folder in its place, or a disk that refuses: the system's reason is told."""
    (tmp_path / PLANT_FILE).mkdir()

    with pytest.raises(ConfigurationError) as raised:
        read_plant(tmp_path)

    assert raised.value.key == "plant.unreadable"
    assert str(raised.value.fields["reason"]) in (os.strerror(21), os.strerror(13))


def test_a_file_in_another_encoding_names_the_line(tmp_path: Path) -> None:
    """Latin-1 from an old editor: the first line that is not UTF-8 is told."""
    (tmp_path / PLANT_FILE).write_bytes('[site]\nid = "works"\nname = "Küche"\n'.encode("latin-1"))

    with pytest.raises(PlantFileError) as raised:
        read_plant(tmp_path)

    assert [(f.line, f.problem) for f in raised.value.findings] == [(3, "plant.encoding")]


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ('[site]\nid = "works\ntimezone = "UTC"\n', 2, "plant.syntax_quote"),
        ('[site]\nid = "works"\ntimezone\n', 3, "plant.syntax_equals"),
        ('[site]\nid = "works"\ncodes = ["a",\n', 4, "plant.syntax_value"),
        ('[site]\nid = "works"\ncodes = ["a"\nx = 1\n', 4, "plant.syntax_bracket"),
        ('[site]\nid = "works"\n[site]\n', 3, "plant.syntax_twice"),
        ("[site]\nid = works\n", 2, "plant.syntax_value"),
        ('[site]\nid = "a" b\n', 2, "plant.syntax_after"),
        ("[site\nid = 1\n", 1, "plant.syntax_heading"),
        ("= 1\n", 1, "plant.syntax_statement"),
        ('[site]\nid = "C:\\Users"\n', 2, "plant.syntax_backslash"),
        ("[site] # \x01\n", 1, "plant.syntax"),
    ],
)
def test_what_is_not_toml_names_its_line(text: str, line: int, problem: str) -> None:
    """A missing quote, sign or bracket is found where TOML stopped making sense."""
    (finding,) = findings(text)

    assert (finding.line, finding.problem) == (line, problem)
    assert "at line" not in finding.sentence()
    assert finding.sentence("zh").isascii() is False


def test_what_stands_twice_is_named() -> None:
    """By the line that stood further up, as a part that is to be added has no lines of its own yet."""
    (table,) = findings('[site]\nid = "works"\n[site]\n')
    (key,) = findings('[site]\nid = "works"\nid = "press"\n')

    assert (table.key, key.key) == ("[site]", "id")


def test_an_unknown_key_offers_the_one_that_was_meant() -> None:
    """A slip of the finger is answered with the nearest key that exists there."""
    (finding,) = findings(SITE + 'tmezone = "UTC"\n')

    assert (finding.line, finding.key, finding.problem) == (4, "site.tmezone", "plant.unknown_key_near")
    assert "timezone" in finding.cure()


def test_an_unknown_key_without_a_like_lists_what_is_known() -> None:
    """A key nothing resembles is answered with all keys of its table."""
    (finding,) = findings(SITE + '[[calendar.c.shift]]\nname = "a"\nstart = "06:00"\nend = "14:00"\nxyz = 1\n')

    assert (finding.line, finding.key, finding.problem) == (8, "calendar.c.shift[1].xyz", "plant.unknown_key")
    assert finding.fields["known"] == "name, days, start, end, breaks"


def test_a_missing_key_names_the_table_it_belongs_to() -> None:
    """What is not there has no line, so the table that lacks it is shown."""
    assert only('\n[site]\nid = "works"\n') == (2, "site.timezone", "plant.missing_key")


def test_an_empty_file_lacks_its_site() -> None:
    """The one table every plant has is asked for."""
    assert only("") == (1, "site", "plant.missing_key")


@pytest.mark.parametrize(
    ("text", "key", "problem"),
    [
        ("[machine]\nm = 3\n", "machine.m", "plant.wants_table"),
        ('[product.p]\nideal_cycle_s = "fast"\n', "product.p.ideal_cycle_s", "plant.wants_number"),
        ("[product.p]\nideal_cycle_s = -1\n", "product.p.ideal_cycle_s", "plant.wants_more"),
        ("[product.p]\nideal_cycle_s = inf\n", "product.p.ideal_cycle_s", "plant.wants_number"),
        ('[source.s]\ntype = "shdr"\nstale_after_s = 0\n', "source.s.stale_after_s", "plant.wants_more"),
        (
            WHOLE.removeprefix(SITE).replace('"state" }', '"stat" }'),
            "machine.mazak.signals.execution.kind",
            "plant.wants_one_of",
        ),
        ("[product.p]\ncodes = 3\n", "product.p.codes", "plant.wants_list"),
        ("[product.p]\nname = 3\n", "product.p.name", "plant.wants_text"),
        (
            '[calendar.c]\nshift = [{ name = "a", start = "6:00", end = "9:00" }]\nholidays = ["x"]\n',
            "calendar.c.holidays[1]",
            "plant.wants_date",
        ),
        ('[product."a b"]\nname = "x"\n', "product.a b", "plant.identifier"),
        ("[calendar.c]\nshift = []\n", "calendar.c.shift", "plant.wants_some"),
    ],
)
def test_a_value_of_the_wrong_kind_is_one_finding(text: str, key: str, problem: str) -> None:
    """A value that does not fit is told once, with its key."""
    assert only(SITE + text)[1:] == (key, problem)


@pytest.mark.parametrize(
    ("text", "line", "key", "problem"),
    [
        ('valid_from = "soon"\n' + SITE, 1, "valid_from", "plant.moment"),
        ('[site]\nid = "works"\ntimezone = "Berlin"\n', 3, "site.timezone", "plant.zone"),
        (SITE + 'production_day_starts = "6"\n', 4, "site.production_day_starts", "plant.clock"),
        (SITE + "production_day_starts = 6\n", 4, "site.production_day_starts", "plant.clock"),
    ],
)
def test_a_misworded_value_says_how_to_write_it(text: str, line: int, key: str, problem: str) -> None:
    """Times, dates and zones have sentences of their own."""
    assert only(text) == (line, key, problem)


@pytest.mark.parametrize(
    ("shift", "problem"),
    [
        ('days = "mo-fr"\nstart = "06:00"\nend = "14:00"', "plant.days"),
        ('start = "06:00"\nend = "26:00"', "plant.clock"),
        ('start = "06:00"\nend = "14:00"\nbreaks = ["nine"]', "plant.break"),
    ],
)
def test_a_misworded_shift_says_how_to_write_it(shift: str, problem: str) -> None:
    """Weekdays, hours and breaks have sentences of their own."""
    assert only(f'{SITE}[[calendar.c.shift]]\nname = "a"\n{shift}\n')[2] == problem


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ('state = "runing"\nwhen = {}', "plant.state"),
        ('state = "no_data"\nwhen = {}', "plant.state"),
        ('state = "running"\nwhen = { load = [] }', "plant.condition_empty"),
        ('state = "running"\nwhen = { load = "> fast" }', "plant.condition_number"),
        ('state = "running"\nwhen = { load = {} }', "plant.condition"),
    ],
)
def test_a_misworded_state_rule_says_how_to_write_it(rule: str, problem: str) -> None:
    """A rule that nobody can judge is refused with a sentence of its own."""
    text = WHOLE + f"[[machine.mazak.states]]\n{rule}\n"

    assert only(text)[2] == problem


@pytest.mark.parametrize(
    ("old", "new", "key", "problem"),
    [
        ('area = "hall"', 'area = "hal"', "line.milling.area", "plant.unknown_name_near"),
        ('area = "hall"', 'area = "roof"', "line.milling.area", "plant.unknown_name"),
        ("quantity = 10", 'machine = "x"\nquantity = 10', "order[1].machine", "plant.unknown_name"),
        ('source = "adapter"', 'source = "adaptor"', "machine.mazak.source", "plant.unknown_name_near"),
        ('calendar = "two-shift"', 'calendar = "x"', "site.calendar", "plant.unknown_name"),
        ('product = "shaft"\nline', 'product = "gear"\nline', "order[1].product", "plant.unknown_name"),
        ('pace = "mazak"', 'pace = "hurco"', "line.milling.pace", "plant.unknown_name"),
        ('total = "parts"', 'total = "pieces"', "machine.mazak.units.total", "plant.unknown_name"),
        ("{ execution =", "{ exec =", "machine.mazak.states[1].when.exec", "plant.unknown_name_near"),
        ("= 42.5", "= 42.5\nideal_cycle_on = { x = 1 }", "product.shaft.ideal_cycle_on.x", "plant.unknown_name"),
    ],
)
def test_a_name_that_leads_nowhere_is_found(old: str, new: str, key: str, problem: str) -> None:
    """Whatever one table says of another must be there; its line is that of the name."""
    assert WHOLE.count(old) == 1
    text = WHOLE.replace(old, new)

    line, where, what = only(text)

    assert (where, what) == (key, problem)
    assert key.rpartition(".")[2] in text.splitlines()[line - 1]


SPARKPLUG = '[sparkplug]\nurl = "mqtt://h"\ngroup = "G"\n'


@pytest.mark.parametrize(
    ("old", "new", "key", "problem"),
    [
        ('execution = "ACTIVE"', 'execution = "> 3"', "machine.mazak.states[1].when.execution", "plant.compares_text"),
        ('load = "> 2.5"', 'load = "ON"', "machine.mazak.states[1].when.load", "plant.word_for_number"),
        ('load = "> 2.5"', 'load = "!= ON"', "machine.mazak.states[1].when.load", "plant.word_for_number"),
        ('total = "parts"', 'total = "load"', "machine.mazak.units.total", "plant.not_a_counter"),
        ('\nsource = "adapter"', "", "machine.mazak.signals", "plant.no_source"),
        ("end = 2026-03-01T14", "end = 2026-03-01T05", "order[1].end", "plant.order_backwards"),
        ("end = 2026-03-01T14:00:00", "end = 2026-03-01T06:30:00+02:00", "order[1].end", "plant.order_backwards"),
        ('\nline = "milling"\nquantity', "\nquantity", "order[1]", "plant.order_nowhere"),
        ('breaks = ["09:00-09:15"]', 'breaks = ["13:50-14:10"]', "calendar.two-shift", "plant.break_outside"),
        ('breaks = ["09:00-09:15"]', 'breaks = ["09:15-09:00"]', "calendar.two-shift", "plant.break_outside"),
        ("[area.", f'{SPARKPLUG}lines = ["nil"]\n[area.', "sparkplug.lines[1]", "plant.unknown_name"),
        ("[area.", f'{SPARKPLUG}[machine.milling]\nline = "milling"\n[area.', "sparkplug", "plant.sparkplug_twice"),
    ],
)
def test_parts_that_contradict_each_other_are_found(old: str, new: str, key: str, problem: str) -> None:
    """A rule that cannot hold, an order that ends before it starts, a break outside its shift, a device twice."""
    assert WHOLE.count(old) == 1

    assert only(WHOLE.replace(old, new))[1:] == (key, problem)


SIGN_IN = '[sign_in.works]\nissuer = "https://login.example.com/realms/x"\nclient_id = "lineside"\n'


@pytest.mark.parametrize(
    ("old", "new", "key", "problem"),
    [
        ("https://login", "http://login", "sign_in.works.issuer", "plant.sign_in_issuer"),
        ("realms/x", "?realm=x", "sign_in.works.issuer", "plant.sign_in_issuer"),
        ("login.example.com", "", "sign_in.works.issuer", "plant.sign_in_issuer"),
        ('"lineside"', '"lineside"\nscopes = ["profile"]', "sign_in.works.scopes", "plant.sign_in_scopes"),
        (
            '"lineside"',
            f'"lineside"\n{SIGN_IN.replace("works", "again")}',
            "sign_in.again.issuer",
            "plant.sign_in_twice",
        ),
        ('"lineside"', '"lineside"\ngroups.a = ["boss"]', "sign_in.works.groups.a[1]", "plant.sign_in_role"),
        (
            '"lineside"',
            '"lineside"\ngroups.a = ["administrator@line/milling"]',
            "sign_in.works.groups.a[1]",
            "plant.sign_in_role",
        ),
        (
            '"lineside"',
            '"lineside"\ngroups.a = ["operator@line/nil"]',
            "sign_in.works.groups.a[1]",
            "plant.unknown_name",
        ),
    ],
)
def test_a_sign_in_that_cannot_be_is_found(old: str, new: str, key: str, problem: str) -> None:
    """What others could read, what names nobody, and roles that there are not, each at its key."""
    assert only(WHOLE + SIGN_IN.replace(old, new, 1))[1:] == (key, problem)


def test_a_sign_in_may_be_at_this_computer_without_tls() -> None:
    """And its name is its id where it has none."""
    text = WHOLE + SIGN_IN.replace("https://login.example.com", "http://[::1]:8080")

    assert parse_plant(text).sign_ins["works"].name == "works"


def test_people_never_tell_a_running_total() -> None:
    """A counter filled by hand would count what lies between two tallies instead of the tallies."""
    text = WHOLE.replace('"shdr"\nurl = "tcp://127.0.0.1:7878"', '"tally"')

    assert only(text)[1:] == ("machine.mazak.units.total", "plant.tally_counter")


def test_an_order_that_is_there_twice_is_found() -> None:
    """The second of two orders with one id is shown."""
    again = WHOLE[WHOLE.index("[[order]]") :]

    assert only(WHOLE + again)[1:] == ("order[2].id", "plant.order_twice")


NIGHT = '[[calendar.two-shift.shift]]\nname = "night"\nstart = "22:00"\nend = "06:00"\n'


def test_a_night_shift_needs_a_start_of_the_production_day() -> None:
    """Without it nobody can tell which day's shift a night belongs to."""
    text = WHOLE.replace('production_day_starts = "06:00"\n', "") + NIGHT

    assert only(text) == (1, "site", "plant.production_day")


def test_a_shift_that_ends_at_midnight_is_no_night_shift() -> None:
    """Until 24:00 is the same day."""
    late = NIGHT.replace('"06:00"', '"24:00"')

    assert parse_plant(WHOLE.replace('production_day_starts = "06:00"\n', "") + late).calendars


def test_shifts_that_overlap_are_found() -> None:
    """Time cannot be planned twice; both shifts are named."""
    (finding,) = findings(WHOLE + NIGHT.replace("06:00", "06:30"))

    assert (finding.key, finding.problem) == ("calendar.two-shift", "plant.shifts_overlap")
    assert "night" in finding.sentence()
    assert "early" in finding.sentence()


def test_an_override_that_overlaps_the_night_before_is_found() -> None:
    """The shifts of one special day must fit the days around it."""
    special = '[[calendar.two-shift.override]]\ndate = 2026-05-02\nshifts = [{name="x", start="04:00", end="12:00"}]\n'

    assert only(WHOLE + NIGHT + special)[2] == "plant.shifts_overlap"


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    """One look at the message is enough: file, line, key, problem and cure of each, in the order of the file."""
    text = """\
[site]
id = "works"
timezone = "Europe/Berlin"
colour = "blue"
[area.hall]
[line.milling]
area = "hal"
[[calendar.c.shift]]
name = "early"
strat = "06:00"
start = "06:00"
end = "14:00"
[product.shaft]
ideal_cycle_s = "fast"
[machine.mazak]
line = "milling"
signals = { load = { kind = "measure" } }
states = [{ state = "running", when = { lod = "> 2" }, colour = "green" }]
"""
    (tmp_path / PLANT_FILE).write_text(text, "utf-8")

    with pytest.raises(PlantFileError) as raised:
        read_plant(tmp_path)

    found = [(f.line, f.key, f.problem) for f in raised.value.findings]
    assert found == [
        (4, "site.colour", "plant.unknown_key"),
        (7, "line.milling.area", "plant.unknown_name_near"),
        (10, "calendar.c.shift[1].strat", "plant.unknown_key_near"),
        (14, "product.shaft.ideal_cycle_s", "plant.wants_number"),
        (17, "machine.mazak.signals", "plant.no_source"),
        (18, "machine.mazak.states[1].colour", "plant.unknown_key"),
        (18, "machine.mazak.states[1].when.lod", "plant.unknown_name_near"),
    ]
    told = str(raised.value).splitlines()
    assert len(told) == 1 + len(found)
    assert told[2].startswith(f"{tmp_path / PLANT_FILE}:7: line.milling.area: There is no area called hal.")
    assert told[2].endswith("Did you mean hall?")


MILL = """
[machine.mill]
line = "milling"
source = "adapter"
[machine.mill.signals]
execution = { kind = "state" }
parts = { kind = "counter" }
[[machine.mill.states]]
state = "running"
when = { execution = "ACTIVE" }
[machine.mill.units]
total = "parts"
"""


@pytest.mark.parametrize(
    ("changes", "keys"),
    [
        (
            [('execution = { kind = "state" }', 'execution = { kind = "stat" }'), ('"adapter"', '"zz"')],
            {"machine.mill.signals.execution.kind", "machine.mill.source"},
        ),
        (
            [('kind = "counter"', 'kind = "conter"'), ('line = "milling"', 'line = "q"')],
            {"machine.mill.signals.parts.kind", "machine.mill.line"},
        ),
        (
            [('"running"', '"runing"'), ("{ execution =", "{ exec =")],
            {"machine.mill.states[1].state", "machine.mill.states[1].when.exec"},
        ),
        ([('line = "milling"\n', ""), ('"adapter"', '"zz"')], {"machine.mill.line", "machine.mill.source"}),
        ([("parts = {", "parts = 3 #"), ("{ execution =", "{ exec =")], {"machine.mill.signals.parts", "when.exec"}),
    ],
)
def test_a_wrong_value_hides_no_other_mistake(changes: list[tuple[str, str]], keys: set[str]) -> None:
    """What does not fit is told with everything else that is wrong, and nothing that only follows from it."""
    text = MILL
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)

    found = {finding.key for finding in findings(WHOLE + text)}

    assert len(found) == len(keys)
    assert all(any(key.endswith(end) for key in found) for end in keys)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('start = "06:00"\nend = "14:00"', 'start = "6 Uhr"\nend = "14:00"'),
        ('end = "14:00"\n', ""),
        ('days = "mon-fri"', 'days = "mo"'),
        ('production_day_starts = "06:00"', 'production_day_starts = "6"'),
        ('timezone = "Europe/Berlin"\n', ""),
        ("start = 2026-03-01T06:00:00", 'start = "soon"'),
        ('id = "A1"\n', ""),
        ("[area.hall]", '[product."a b"]\nideal_cycle_s = 3\n[area.hall]'),
        ('breaks = ["09:00-09:15"]', 'breaks = ["nine"]'),
        ('kind = "counter"', 'kind = "conter"'),
        ("[area.hall]", "[area]\nhall = 3"),
    ],
)
def test_one_wrong_value_is_one_finding_and_the_rest_is_looked_at(old: str, new: str) -> None:
    """Whatever is wrong with a night shift, an order or a table, one more mistake is seen beside it."""
    assert old in WHOLE
    text = WHOLE.replace(old, new) + NIGHT

    alone, both = findings(text), findings(text.replace('source = "adapter"', 'source = "zz"'))

    assert {f.key for f in both} - {f.key for f in alone} == {"machine.mazak.source"}
    assert len(alone) == 1


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_finding_speaks_the_readers_language(language: str) -> None:
    """Problem and cure are said in English and in Chinese."""
    (finding,) = findings(SITE + "tmezone = 1\n")

    assert "tmezone" in finding.sentence(language)
    assert "timezone" in finding.cure(language)


def test_a_finding_of_no_key_names_none(tmp_path: Path) -> None:
    """What is no TOML at all is told by its line alone."""
    (tmp_path / PLANT_FILE).write_text("[site\n")

    with pytest.raises(PlantFileError) as raised:
        read_plant(tmp_path)

    assert "plant.toml:1: " in str(raised.value)
    assert ": :" not in str(raised.value)
